/** The providers of this installation, in the order in which pages show them. */
import type { Config } from '../config.ts';
import type { Outbound } from '../http.ts';
import { bitbucket } from './bitbucket/client.ts';
import { github } from './github/client.ts';
import { gitlab } from './gitlab/client.ts';
import type { Provider, ProviderId } from './provider.ts';

export type Providers = ReadonlyMap<ProviderId, Provider>;

const MODULES = [bitbucket, github, gitlab];

/** The provider that an address names, or undefined when it is not configured here. */
export function findProvider(providers: Providers, id: string): Provider | undefined {
  return [...providers.values()].find((provider) => provider.facts.id === id);
}

/** Builds those that the configuration has an OAuth client for. */
export function createProviders(config: Config['providers'], outbound: Outbound): Providers {
  const providers = MODULES.flatMap(({ facts, create }) => {
    const own = config[facts.id];
    return own ? [[facts.id, create(own, outbound)] as const] : [];
  });
  return new Map(providers);
}

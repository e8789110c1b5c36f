import type { Delivered } from './bitbucket/deliveries.ts';
import type { Faults } from './faults.ts';
import type { Git } from './git.ts';
import type { RequestLog } from './requests.ts';
import type { Service } from './state.ts';
import type { World } from './world.ts';

/** Addresses without a trailing slash. `githubApi` may hold a path, as at GitHub Enterprise Server. */
export interface Origins {
  /** bitbucket.org: log-in, consent, tokens, pages. */
  bitbucket: string;
  /** api.bitbucket.org, without `/2.0`. */
  api: string;
  github: string;
  githubApi: string;
  gitlab: string;
}

/** How git reaches the sandbox over SSH, or why it cannot. */
export type SshAccess =
  | { host: string; port: number; user: string; knownHosts: string; knownHostsFile: string }
  | { unavailable: string };

/** What every room of the sandbox stands in. */
export interface Place {
  world: World;
  faults: Faults;
  requests: RequestLog;
  origins: Origins;
  git: Git;
  ssh(): SshAccess;
  /** The last deliveries to webhooks. */
  deliveries?(): Delivered[];
}

export const serviceNames: Record<Service, string> = {
  bitbucket: 'Bitbucket',
  github: 'GitHub',
  gitlab: 'GitLab',
};

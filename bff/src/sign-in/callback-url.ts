import type { Config } from '../config.ts';
import type { Provider } from '../providers/provider.ts';

/** The one redirect URI of a provider, registered at it as it is; built from the configuration alone. */
export function callbackUrl({ publicUrl }: Pick<Config, 'publicUrl'>, provider: Provider): string {
  return `${publicUrl}/auth/${provider.facts.id}/callback`;
}

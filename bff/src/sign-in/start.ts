/** The way to a provider: records the walk and says where to send the browser. */
import type { StartPage } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { authorizationUrl, newVerifier } from '../providers/oauth.ts';
import type { Provider } from '../providers/provider.ts';
import { startAttempt } from './attempt.ts';
import { callbackUrl } from './callback-url.ts';

export type Walk = { page: StartPage; profileId: string | null; returnTo: string | null; browser: string };

/** Returns the provider's consent page for this walk. */
export async function startSignIn(deps: Deps, provider: Provider, walk: Walk): Promise<string> {
  const verifier = newVerifier(provider);
  const state = await startAttempt(deps, { ...walk, provider: provider.facts.id, verifier });
  return authorizationUrl(provider, { redirectUri: callbackUrl(deps.config, provider), state, verifier });
}

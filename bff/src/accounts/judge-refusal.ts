/**
 * What a provider's refusal to refresh proves. Bitbucket answers `unauthorized_client` to a refresh token that is dead
 * or was rotated away, to a wrong client secret, and for a while to everyone after one such mistake: so those words
 * alone never end a connection. Pure; the table is in the test beside it.
 */

export type RefusalEvidence = {
  /** The OAuth error of the refusal. */
  error: string;
  /** The API refused (401) an access token that had not run out. */
  accessTokenRefused: boolean;
  /** What the endpoint says of our client, asked after the refusal. */
  client: 'accepted' | 'refused' | 'unknown';
  /** Refusals of this grant in a row, over several looks. */
  refusals: number;
  /** Milliseconds since the first of them. */
  refusedFor: number;
};

/** `dead`: access has to be granted again. `doubtful`: the last known state stays, and we ask again. */
export type Judgement = 'dead' | 'doubtful';

/** Longer than any spell in which Bitbucket was seen to refuse valid tokens. */
const SPELL = 10 * 60_000;
const ENOUGH_REFUSALS = 3;

export function judgeRefusal(evidence: RefusalEvidence): Judgement {
  const { error, accessTokenRefused, client, refusals, refusedFor } = evidence;
  // The client was accepted and this very grant was not: RFC 6749, 5.2.
  if (error === 'invalid_grant') return 'dead';
  if (client !== 'accepted') return 'doubtful';
  // Two witnesses that do not depend on each other: the API and the token endpoint.
  if (accessTokenRefused) return 'dead';
  return refusals >= ENOUGH_REFUSALS && refusedFor >= SPELL ? 'dead' : 'doubtful';
}

/**
 * What a provider's refusal to refresh proves. Bitbucket answers `unauthorized_client` to a refresh token that is dead
 * or was rotated away, to a wrong client secret, and for a while to everyone after one rotated-away token was shown: so
 * those words alone never end a connection. Pure; the table is in the test beside it.
 */

export type RefusalEvidence = {
  /** The OAuth error of the refusal. */
  error: string;
  /** The API refused (401) an access token that had not run out. */
  accessTokenRefused: boolean;
  /** What the endpoint says of our client, asked after the refusal. */
  client: 'accepted' | 'refused' | 'unknown';
  /** Another grant of the same client was refused lately, and none was refreshed since: everyone may be refused. */
  inSpell: boolean;
  /** Refusals of this grant, this one included, that were no spell's and at least `SPELL` apart. */
  refusals: number;
  /** Milliseconds since the first of them. */
  refusedFor: number;
  /** Milliseconds since the grant was last used for a refresh. */
  idleFor: number;
};

/** `dead`: access has to be granted again. `doubtful`: the last known state stays, and we ask again. */
export type Judgement = 'dead' | 'doubtful';

/** Longer, in milliseconds, than any spell in which Bitbucket was seen to refuse valid tokens. */
export const SPELL = 10 * 60_000;
/** Bitbucket forgets a refresh token that was not used for three months. */
export const IDLE_DEATH = 90 * 86_400_000;
const ENOUGH_REFUSALS = 2;
/** No spell lasts a day; two dead grants would otherwise take each other's refusals for one for ever. */
const BEYOND_SPELLS = 86_400_000;

export function judgeRefusal(evidence: RefusalEvidence): Judgement {
  const { error, accessTokenRefused, client, inSpell, refusals, refusedFor, idleFor } = evidence;
  // The client was accepted and this very grant was not: RFC 6749, 5.2.
  if (error === 'invalid_grant') return 'dead';
  if (client !== 'accepted') return 'doubtful';
  if (refusedFor >= BEYOND_SPELLS) return 'dead';
  // Two witnesses that do not depend on each other: a spell is the token endpoint's, and explains no word of the API.
  if (accessTokenRefused) return 'dead';
  if (inSpell) return 'doubtful';
  if (idleFor >= IDLE_DEATH) return 'dead';
  return refusals >= ENOUGH_REFUSALS ? 'dead' : 'doubtful';
}

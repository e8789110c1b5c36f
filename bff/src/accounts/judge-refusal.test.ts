import { expect, test } from 'vitest';
import { judgeRefusal, type RefusalEvidence } from './judge-refusal.ts';

const usual: RefusalEvidence = {
  error: 'unauthorized_client',
  accessTokenRefused: false,
  client: 'accepted',
  inSpell: false,
  refusals: 1,
  refusedFor: 0,
  idleFor: 0,
};
const hours = (count: number) => count * 3_600_000;
const days = (count: number) => hours(24 * count);

test.each<[rule: string, evidence: Partial<RefusalEvidence>, verdict: 'dead' | 'doubtful']>([
  ['invalid_grant ends it', { error: 'invalid_grant' }, 'dead'],
  ['one unauthorized_client proves nothing', {}, 'doubtful'],
  ['nor does any other word', { error: 'invalid_request' }, 'doubtful'],
  ['the API refused a living access token as well', { accessTokenRefused: true }, 'dead'],
  ['… which no spell explains', { accessTokenRefused: true, inSpell: true }, 'dead'],
  ['… but our client is refused too', { accessTokenRefused: true, client: 'refused' }, 'doubtful'],
  ['… or nothing is known of our client', { accessTokenRefused: true, client: 'unknown' }, 'doubtful'],
  ['refused again, long enough after', { refusals: 2 }, 'dead'],
  ['… but others are refused too', { refusals: 2, inSpell: true }, 'doubtful'],
  ['unused for three months', { idleFor: days(90) }, 'dead'],
  ['unused for nearly as long', { idleFor: days(89) }, 'doubtful'],
  ['refused for longer than any spell', { inSpell: true, refusedFor: days(1) }, 'dead'],
  ['… by a client that is refused', { client: 'refused', refusals: 9, refusedFor: days(9) }, 'doubtful'],
])('%s: %j is %s', (_rule, evidence, verdict) => {
  expect(judgeRefusal({ ...usual, ...evidence })).toBe(verdict);
});

import { expect, test } from 'vitest';
import { judgeRefusal, type RefusalEvidence } from './judge-refusal.ts';

const usual: RefusalEvidence = {
  error: 'unauthorized_client',
  accessTokenRefused: false,
  client: 'accepted',
  refusals: 1,
  refusedFor: 0,
};
const minutes = (count: number) => count * 60_000;

test.each<[rule: string, evidence: Partial<RefusalEvidence>, verdict: 'dead' | 'doubtful']>([
  ['invalid_grant ends it', { error: 'invalid_grant' }, 'dead'],
  ['one unauthorized_client proves nothing', {}, 'doubtful'],
  ['nor does any other word', { error: 'invalid_request' }, 'doubtful'],
  ['the API refused a living access token as well', { accessTokenRefused: true }, 'dead'],
  ['… but our client is refused too', { accessTokenRefused: true, client: 'refused' }, 'doubtful'],
  ['… or nothing is known of our client', { accessTokenRefused: true, client: 'unknown' }, 'doubtful'],
  ['refused for long and often', { refusals: 3, refusedFor: minutes(10) }, 'dead'],
  ['often, but in one short spell', { refusals: 9, refusedFor: minutes(9) }, 'doubtful'],
  ['for long, but only twice', { refusals: 2, refusedFor: minutes(60) }, 'doubtful'],
  [
    'for long and often, by a client that is refused',
    { client: 'refused', refusals: 9, refusedFor: minutes(60) },
    'doubtful',
  ],
])('%s: %j is %s', (_rule, evidence, verdict) => {
  expect(judgeRefusal({ ...usual, ...evidence })).toBe(verdict);
});

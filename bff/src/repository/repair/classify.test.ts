import { expect, test } from 'vitest';
import type { GrantRefusal } from '../grant.ts';
import { classify, classifyRead, isAboutGrant, weightiest } from './classify.ts';
import type { Problem } from './problem.ts';

const RETRY = new Date('2026-07-01T12:00:00Z');
const refused = (problem: Problem) => ({ kind: 'refused', problem });
const unknown = { kind: 'unknown' };

/** What an answer to a change means. Nothing but a definite word may count as one. */
const TABLE: [string, GrantRefusal, unknown][] = [
  ['no grant', { kind: 'no-grant', reason: 'revoked', endedAt: null }, refused({ code: 'no-usable-grant' })],
  ['no right', { kind: 'forbidden' }, refused({ code: 'not-admin' })],
  ['a scope is missing', { kind: 'scope-missing', missing: ['webhook'] }, refused({ code: 'scope-missing' })],
  ['nothing there', { kind: 'not-found' }, refused({ code: 'repository-gone' })],
  [
    'the thing itself is refused',
    { kind: 'rejected', words: 'Invalid SSH key.', duplicate: false },
    refused({ code: 'rejected', words: 'Invalid SSH key.' }),
  ],
  [
    'it has it already',
    { kind: 'rejected', words: 'Already.', duplicate: true },
    { kind: 'duplicate', words: 'Already.' },
  ],
  ['the grant may be dead', { kind: 'doubtful', code: 'grant-doubtful' }, { kind: 'wait', retryAt: null }],
  [
    'too often, with a time',
    { kind: 'fault', fault: { code: 'provider-rate-limited', retryAt: RETRY } },
    { kind: 'wait', retryAt: RETRY },
  ],
  ['too often', { kind: 'fault', fault: { code: 'provider-rate-limited' } }, { kind: 'wait', retryAt: null }],
  ['no answer in time', { kind: 'fault', fault: { code: 'provider-timeout' } }, unknown],
  ['no connection', { kind: 'fault', fault: { code: 'provider-unreachable' } }, unknown],
  ['an error of its own', { kind: 'fault', fault: { code: 'provider-error' } }, unknown],
  ['an answer that makes no sense', { kind: 'fault', fault: { code: 'provider-unexpected' } }, unknown],
];

test.each(TABLE)('%s', (_, why, verdict) => {
  expect(classify({ ok: false, why })).toEqual(verdict);
});

test('a good answer is known, and one to a question that speaks of a duplicate is a refusal', () => {
  expect(classify({ ok: true, value: '7' })).toEqual({ kind: 'known', value: '7' });
  expect(classifyRead({ ok: false, why: { kind: 'rejected', words: 'Already.', duplicate: true } })).toEqual(
    refused({ code: 'rejected', words: 'Already.' }),
  );
});

test.each<[Problem['code'][], Problem['code']]>([
  [[], 'no-usable-grant'],
  [['repository-gone', 'no-usable-grant'], 'repository-gone'],
  [['repository-gone', 'scope-missing'], 'scope-missing'],
  [['scope-missing', 'not-admin'], 'not-admin'],
  [['not-admin', 'rejected'], 'rejected'],
  [['provider-fault'], 'provider-fault'],
])('of the refusals %j, %s is told', (codes, told) => {
  expect(weightiest(codes.map((code) => ({ code }))).code).toBe(told);
});

test.each<[Problem['code'], boolean]>([
  ['no-usable-grant', true],
  ['not-admin', true],
  ['scope-missing', true],
  ['repository-gone', true],
  ['rejected', false],
  ['verification-failed', false],
  ['host-key-mismatch', false],
])('whether another grant could help after %s: %s', (code, could) => {
  expect(isAboutGrant({ code })).toBe(could);
});

import { describe, expect, test } from 'vitest';
import type { CredentialRow } from '../../db/schema.ts';
import { findOwn, findUnknown, type Listed, planRemoval, type RemovalPlan } from './plan.ts';

type Row = Pick<CredentialRow, 'id' | 'kind' | 'state' | 'match' | 'remoteId'>;

const row = (state: Row['state'], rest: Partial<Row> = {}): Row => ({
  id: `row-${state}`,
  kind: 'webhook',
  match: `ours-${state}`,
  remoteId: null,
  ...rest,
  state,
});
const listed = (id: string, identity: string): Listed => ({ id, identity });
const nothing: RemovalPlan = { remove: [], adopt: [] };

describe('which listed one is a generation', () => {
  test.each<[string, Pick<Row, 'match' | 'remoteId'>, Listed[], string | null]>([
    ['none is listed', { match: 'ours', remoteId: '1' }, [], null],
    ['only others are', { match: 'ours', remoteId: null }, [listed('1', 'theirs')], null],
    [
      'another has the id that was remembered',
      { match: 'ours', remoteId: '1' },
      [listed('1', 'theirs')],
      null,
    ],
    [
      'one has its identity',
      { match: 'ours', remoteId: null },
      [listed('1', 'theirs'), listed('2', 'ours')],
      '2',
    ],
    [
      'several, one remembered',
      { match: 'ours', remoteId: '12' },
      [listed('9', 'ours'), listed('12', 'ours')],
      '12',
    ],
    [
      'several, the lowest number',
      { match: 'ours', remoteId: null },
      [listed('10', 'ours'), listed('9', 'ours')],
      '9',
    ],
    [
      'several, the first in letters',
      { match: 'ours', remoteId: '7' },
      [listed('b', 'ours'), listed('a', 'ours')],
      'a',
    ],
  ])('%s', (_, generation, list, found) => {
    expect(findOwn(generation, list)).toBe(found);
    expect(findOwn(generation, list.toReversed())).toBe(found);
  });
});

describe('what is removed', () => {
  test.each<[string, Row[], Listed[], RemovalPlan]>([
    ['nothing where nothing is', [row('retiring'), row('gone'), row('active')], [], nothing],
    ['nothing of others', [row('retiring'), row('active')], [listed('1', 'theirs')], nothing],
    [
      'what is to go, every copy of it',
      [row('retiring')],
      [listed('1', 'ours-retiring'), listed('2', 'ours-retiring')],
      {
        remove: [
          { remoteId: '1', credentialId: 'row-retiring' },
          { remoteId: '2', credentialId: 'row-retiring' },
        ],
        adopt: [],
      },
    ],
    [
      'what a late request made of a past one',
      [row('gone', { remoteId: '1' })],
      [listed('5', 'ours-gone')],
      { remove: [{ remoteId: '5', credentialId: 'row-gone' }], adopt: [] },
    ],
    [
      'second copies of the one in use',
      [row('active', { remoteId: '2' })],
      [listed('1', 'ours-active'), listed('2', 'ours-active')],
      { remove: [{ remoteId: '1', credentialId: 'row-active' }], adopt: [] },
    ],
    [
      'not the only copy of the one in use, whose new id is remembered',
      [row('active', { remoteId: '2' })],
      [listed('7', 'ours-active')],
      { remove: [], adopt: [{ remoteId: '7', credentialId: 'row-active' }] },
    ],
    [
      'nothing of one that is being made',
      [row('intended')],
      [listed('1', 'ours-intended'), listed('2', 'ours-intended')],
      nothing,
    ],
    [
      'second copies of one that was made',
      [row('present', { remoteId: '1' })],
      [listed('1', 'ours-present'), listed('2', 'ours-present')],
      { remove: [{ remoteId: '2', credentialId: 'row-present' }], adopt: [] },
    ],
    [
      'a webhook of ours that was led to another URL',
      [row('retiring', { remoteId: '{a}' })],
      [listed('{a}', 'elsewhere')],
      { remove: [{ remoteId: '{a}', credentialId: 'row-retiring' }], adopt: [] },
    ],
    [
      'a past webhook of ours that was led to another URL',
      [row('gone', { remoteId: '{a}' })],
      [listed('{a}', 'elsewhere'), listed('{b}', 'ours-gone')],
      {
        remove: [
          { remoteId: '{a}', credentialId: 'row-gone' },
          { remoteId: '{b}', credentialId: 'row-gone' },
        ],
        adopt: [],
      },
    ],
    [
      'not the webhook in use that was led to another URL: it goes with its generation',
      [row('active', { remoteId: '{a}' })],
      [listed('{a}', 'elsewhere')],
      nothing,
    ],
    [
      'not another key under the number of ours',
      [
        row('retiring', { kind: 'deploy-key', remoteId: '1' }),
        row('gone', { kind: 'deploy-key', remoteId: '2' }),
      ],
      [listed('1', 'theirs'), listed('2', 'theirs too')],
      nothing,
    ],
  ])('%s', (_, rows, list, plan) => {
    expect(planRemoval(rows, list)).toEqual(plan);
  });
});

test('webhooks below our address that no row knows are named, others are not', () => {
  const base = 'https://ci.example/hooks/';
  const list = ['known', 'unknown'].map((name) => listed(name, base + name));
  const all = [...list, listed('theirs', 'https://other.example/hooks/unknown')];
  expect(findUnknown(new Set([`${base}known`]), base, all)).toEqual([listed('unknown', `${base}unknown`)]);
});

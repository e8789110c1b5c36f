import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answering, json, raw } from '../../../test/outside.ts';
import type { OutboundResult } from '../../http.ts';
import { gitlab } from './client.ts';

const TOKEN = 'not-a-real-token';
const config = {
  clientId: 'id',
  clientSecret: 'se-cr_et=&+',
  webUrl: 'https://gitlab.example/code',
  apiUrl: 'https://gitlab.example/code/api/v4',
};
const user = {
  id: 310_000,
  username: 'mika',
  name: 'Mika Virtanen',
  state: 'active',
  avatar_url: null,
  web_url: 'javascript:alert(1)',
  email: 'mika@example.com',
  confirmed_at: '2024-01-01T00:00:00.000Z',
};
const unexpected = { ok: false, refusal: { kind: 'fault', fault: { code: 'provider-unexpected' } } };

function client(...answers: OutboundResult[]) {
  const { outbound, requests } = answering(...answers);
  return { ...gitlab.create(config, outbound), requests };
}

describe('the account', () => {
  test('is known by its number, and its address is built here', async () => {
    const { readAccount, requests } = client(json(user));
    expect(await readAccount(TOKEN)).toEqual({
      ok: true,
      value: {
        accountId: '310000',
        nickname: 'mika',
        displayName: 'Mika Virtanen',
        url: 'https://gitlab.example/code/mika',
        avatarUrl: null,
      },
    });
    expect(requests[0]).toMatchObject({
      url: 'https://gitlab.example/code/api/v4/user',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  });

  test("a picture on the installation's own address may be plain http, elsewhere not", async () => {
    const plain = { ...config, webUrl: 'http://127.0.0.1:4004', apiUrl: 'http://127.0.0.1:4004/api/v4' };
    for (const [avatar_url, expected] of [
      ['http://127.0.0.1:4004/a.png', 'http://127.0.0.1:4004/a.png'],
      ['http://127.0.0.1:4005/a.png', null],
    ]) {
      const { outbound } = answering(json({ ...user, avatar_url }));
      expect(await gitlab.create(plain, outbound).readAccount(TOKEN)).toMatchObject({
        value: { avatarUrl: expected },
      });
    }
  });

  test.each([{ id: '310000' }, { id: -1 }, { id: null }, { username: '' }, { username: undefined }])(
    'an answer with %j is unexpected',
    async (change) => {
      expect(await client(json({ ...user, ...change })).readAccount(TOKEN)).toEqual(unexpected);
    },
  );
});

describe('the primary address', () => {
  test.each([
    [{}, { state: 'confirmed', address: 'mika@example.com' }],
    [{ confirmed_at: null }, { state: 'unconfirmed', address: 'mika@example.com' }],
    [{ confirmed_at: undefined }, { state: 'unconfirmed', address: 'mika@example.com' }],
    [{ confirmed_at: '' }, { state: 'unconfirmed', address: 'mika@example.com' }],
    [{ email: null }, { state: 'missing' }],
    [{ email: '' }, { state: 'missing' }],
    [{ email: undefined }, { state: 'missing' }],
  ])('with %j is %j', async (change, value) => {
    expect(await client(json({ ...user, ...change })).readPrimaryEmail(TOKEN)).toEqual({ ok: true, value });
  });

  test.each([{ confirmed_at: true }, { email: ['mika@example.com'] }])(
    'an answer with %j is unexpected',
    async (change) => {
      expect(await client(json({ ...user, ...change })).readPrimaryEmail(TOKEN)).toEqual(unexpected);
    },
  );
});

test('status 401 is a refused token; 403 proves nothing', async () => {
  const unauthorized = { ok: false, refusal: { kind: 'unauthorized' } };
  expect(await client(json({ error: 'invalid_token' }, 401)).readAccount(TOKEN)).toEqual(unauthorized);
  expect(await client(raw('no', 'text/plain', 401)).readPrimaryEmail(TOKEN)).toEqual(unauthorized);
  expect(await client(json({ error: 'insufficient_scope' }, 403)).readAccount(TOKEN)).toEqual(unexpected);
});

test('IN-04 no JSON whatever makes it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      expect(await client(json(text)).readAccount(TOKEN)).toEqual(unexpected);
      expect(await client(json(text)).readPrimaryEmail(TOKEN)).toEqual(unexpected);
    }),
  );
});

test('withdrawing sends token and secret in the body alone', async () => {
  const { withdraw, requests } = client(json({}));
  await withdraw?.(TOKEN);
  const [request] = requests;
  expect(request).toMatchObject({ method: 'POST', url: 'https://gitlab.example/code/oauth/revoke' });
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
    client_id: 'id',
    client_secret: 'se-cr_et=&+',
    token: TOKEN,
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answering, json, raw } from '../../../test/outside.ts';
import type { OutboundResult } from '../../http.ts';
import { github } from './client.ts';

const TOKEN = 'not-a-real-token';
const config = {
  clientId: 'id/with?odd=characters',
  clientSecret: 'se-cr_et=',
  webUrl: 'https://github.example',
  apiUrl: 'https://github.example/api/v3',
};
const user = {
  login: 'mika',
  id: 4_000_001,
  name: 'Mika Virtanen',
  avatar_url: 'https://avatars.example/u/1',
  html_url: 'https://evil.example/',
  email: 'public@example.com',
};
const unexpected = { ok: false, refusal: { kind: 'fault', fault: { code: 'provider-unexpected' } } };

function client(...answers: OutboundResult[]) {
  const { outbound, requests } = answering(...answers);
  return { ...github.create(config, outbound), requests };
}

describe('the account', () => {
  test('is known by its number, not by its login', async () => {
    const { readAccount, requests } = client(json(user));
    expect(await readAccount(TOKEN)).toEqual({
      ok: true,
      value: {
        accountId: '4000001',
        nickname: 'mika',
        displayName: 'Mika Virtanen',
        url: 'https://github.example/mika',
        avatarUrl: 'https://avatars.example/u/1',
      },
    });
    expect(requests[0]).toMatchObject({
      url: 'https://github.example/api/v3/user',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  });

  test.each([null, undefined, ''])('without a name (%j) it is called by its login', async (name) => {
    expect(await client(json({ ...user, name })).readAccount(TOKEN)).toMatchObject({
      value: { displayName: 'mika' },
    });
  });

  test.each([
    ['a number in words', { id: '4000001' }],
    ['a broken number', { id: 1.5 }],
    ['zero', { id: 0 }],
    ['a number beyond what JavaScript counts', { id: 2 ** 60 }],
    ['no number', { id: undefined }],
    ['no login', { login: undefined }],
  ])('an answer with %s for an id is unexpected', async (_name, change) => {
    expect(await client(json({ ...user, ...change })).readAccount(TOKEN)).toEqual(unexpected);
  });

  test('IN-03 an odd login stays one segment of its address, and a script is no picture', async () => {
    const odd = { ...user, login: '../x?y#z', avatar_url: 'javascript:alert(1)' };
    expect(await client(json(odd)).readAccount(TOKEN)).toMatchObject({
      value: { url: 'https://github.example/..%2Fx%3Fy%23z', avatarUrl: null },
    });
  });
});

describe('the primary address', () => {
  const email = (address: string, primary: boolean, verified: boolean) => ({
    email: address,
    primary,
    verified,
    visibility: null,
  });

  test.each([
    [true, 'confirmed'],
    [false, 'unconfirmed'],
  ])('with verified %s is %s', async (verified, state) => {
    const answer = json([email('other@example.com', false, true), email('mika@example.com', true, verified)]);
    expect(await client(answer).readPrimaryEmail(TOKEN)).toEqual({
      ok: true,
      value: { state, address: 'mika@example.com' },
    });
  });

  test.each<[string, unknown]>([
    ['there are none', []],
    ['none is primary', [email('other@example.com', false, true)]],
  ])('is missing where %s', async (_name, body) => {
    expect(await client(json(body)).readPrimaryEmail(TOKEN)).toEqual({
      ok: true,
      value: { state: 'missing' },
    });
  });

  test('status 404, which says that the scope was not granted, is no missing address', async () => {
    expect(await client(json({ message: 'Not Found' }, 404)).readPrimaryEmail(TOKEN)).toEqual(unexpected);
  });

  test.each<[string, OutboundResult]>([
    ['an object', json({ email: 'a@example.com', primary: true, verified: true })],
    ['a flag in words', json([{ email: 'a@example.com', primary: true, verified: 'true' }])],
    ['HTML', raw('<html>', 'text/html')],
  ])('%s is unexpected', async (_name, answer) => {
    expect(await client(answer).readPrimaryEmail(TOKEN)).toEqual(unexpected);
  });
});

describe('refusals', () => {
  test('status 401 is a refused token; 403 is GitHub being busy or strict, and proves nothing', async () => {
    expect(await client(json({ message: 'Bad credentials' }, 401)).readAccount(TOKEN)).toEqual({
      ok: false,
      refusal: { kind: 'unauthorized' },
    });
    expect(await client(json({ message: 'API rate limit exceeded' }, 403)).readAccount(TOKEN)).toEqual(
      unexpected,
    );
  });

  test('IN-04 no JSON whatever makes it throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        expect(await client(json(text)).readAccount(TOKEN)).toEqual(unexpected);
        const email = await client(json(text)).readPrimaryEmail(TOKEN);
        if (email.ok) expect(email.value.state).toBe('missing');
      }),
    );
  });
});

test('withdrawing names the token in the body and the client in the header, neither in the address', async () => {
  const { withdraw, requests } = client(raw('', '', 204));
  await withdraw?.(TOKEN);
  const [request] = requests;
  expect(request).toMatchObject({
    method: 'DELETE',
    url: 'https://github.example/api/v3/applications/id%2Fwith%3Fodd%3Dcharacters/grant',
    body: JSON.stringify({ access_token: TOKEN }),
  });
  const [, basic = ''] = request?.headers?.authorization?.split(' ') ?? [];
  expect(Buffer.from(basic, 'base64').toString()).toBe('id/with?odd=characters:se-cr_et=');
  expect(request?.what).not.toContain(TOKEN);
});

test.each<OutboundResult>([
  { ok: false, fault: { code: 'provider-timeout' } },
  json({ message: 'Not Found' }, 404),
  json({}, 422),
])('withdrawing is a best effort: %j is no failure of ours', async (answer) => {
  await expect(client(answer).withdraw?.(TOKEN)).resolves.toBeUndefined();
});

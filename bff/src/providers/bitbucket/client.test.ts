import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answering, json, raw } from '../../../test/outside.ts';
import type { OutboundResult } from '../../http.ts';
import { bitbucket } from './client.ts';

const UUID = '{9F1b2c3d-0a4e-4f5b-8c6d-7e8f90a1b2c3}';
const TOKEN = 'not-a-real-token';
const config = {
  clientId: 'id',
  clientSecret: 'secret',
  webUrl: 'https://bitbucket.example',
  apiUrl: 'https://api.bitbucket.example/2.0',
};

const user = {
  type: 'user',
  uuid: UUID,
  account_id: '712020:aa',
  nickname: 'mika',
  display_name: 'Mika Virtanen',
  links: { avatar: { href: 'https://avatars.example/mika.png' }, html: { href: 'https://evil.example/' } },
  has_2fa_enabled: null,
};

function client(...answers: OutboundResult[]) {
  const { outbound, requests } = answering(...answers);
  return { ...bitbucket.create(config, outbound), requests };
}

const unexpected = { ok: false, refusal: { kind: 'fault', fault: { code: 'provider-unexpected' } } };

describe('the account', () => {
  test('is read from the configured API with the token in the header and nowhere else', async () => {
    const { readAccount, requests } = client(json(user));
    expect(await readAccount(TOKEN)).toEqual({
      ok: true,
      value: {
        accountId: UUID.toLowerCase(),
        nickname: 'mika',
        displayName: 'Mika Virtanen',
        url: `https://bitbucket.example/${encodeURIComponent(UUID)}/`,
        avatarUrl: 'https://avatars.example/mika.png',
      },
    });
    expect(requests).toEqual([
      expect.objectContaining({
        method: 'GET',
        what: 'GET /user',
        url: 'https://api.bitbucket.example/2.0/user',
        headers: expect.objectContaining({ authorization: `Bearer ${TOKEN}` }),
      }),
    ]);
  });

  test('a token of more than four kilobytes is sent whole', async () => {
    const { readAccount, requests } = client(json(user));
    const long = 'x'.repeat(5_000);
    await readAccount(long);
    expect(requests[0]?.headers?.authorization).toBe(`Bearer ${long}`);
  });

  test.each([
    ['the display name', { nickname: undefined }, 'Mika Virtanen'],
    ['the display name', { nickname: null }, 'Mika Virtanen'],
    ['the display name', { nickname: '' }, 'Mika Virtanen'],
    ['the display name', { nickname: 'a'.repeat(1_000) }, 'Mika Virtanen'],
    ['the display name', { nickname: 7, links: null }, 'Mika Virtanen'],
    ['the UUID', { nickname: undefined, display_name: undefined }, UUID],
    ['the UUID', { nickname: null, display_name: null, links: { avatar: {} } }, UUID],
  ])('without a usable nickname it is called by %s: %j', async (_name, change, nickname) => {
    const answer = await client(json({ ...user, ...change })).readAccount(TOKEN);
    expect(answer).toMatchObject({ ok: true, value: { nickname, accountId: UUID.toLowerCase() } });
  });

  test('an empty display name falls back to the nickname', async () => {
    const answer = await client(json({ ...user, display_name: '' })).readAccount(TOKEN);
    expect(answer).toMatchObject({ ok: true, value: { displayName: 'mika' } });
  });

  test('the case of the UUID makes no other person', async () => {
    const upper = await client(json({ ...user, uuid: UUID.toUpperCase() })).readAccount(TOKEN);
    expect(upper).toMatchObject({ value: { accountId: UUID.toLowerCase() } });
  });

  test.each([
    'javascript:alert(1)',
    'data:image/svg+xml,<svg onload=alert(1)>',
    'http://avatars.example/mika.png',
    'not an address',
    '//avatars.example/a',
    '',
    `https://avatars.example/${'a'.repeat(2_000)}`,
  ])('IN-05 a picture at %j is left out', async (href) => {
    const answer = await client(json({ ...user, links: { avatar: { href } } })).readAccount(TOKEN);
    expect(answer).toMatchObject({ ok: true, value: { avatarUrl: null } });
  });

  test.each([{ links: undefined }, { links: {} }])('a picture is no must: %j', async (change) => {
    const answer = await client(json({ ...user, ...change })).readAccount(TOKEN);
    expect(answer).toMatchObject({ ok: true, value: { avatarUrl: null } });
  });

  test("IN-05 its address is built here, so no link of the answer's making is shown", async () => {
    const odd = await client(json({ ...user, nickname: '../../evil?x=#' })).readAccount(TOKEN);
    expect(odd).toMatchObject({ value: { url: `https://bitbucket.example/${encodeURIComponent(UUID)}/` } });
  });

  test('IN-03 its UUID is opaque, and stays one segment of its address whatever it holds', async () => {
    const uuid = `{${'../'.repeat(3)}?x#}`;
    expect(await client(json({ ...user, uuid })).readAccount(TOKEN)).toMatchObject({
      value: { accountId: uuid, url: `https://bitbucket.example/${encodeURIComponent(uuid)}/` },
    });
  });

  test.each([
    ['no uuid', { uuid: undefined }],
    ['a uuid that is a number', { uuid: 7 }],
    ['an empty uuid', { uuid: '' }],
  ])('an answer with %s is unexpected, not somebody', async (_name, change) => {
    expect(await client(json({ ...user, ...change })).readAccount(TOKEN)).toEqual(unexpected);
  });
});

describe('refusals', () => {
  test.each<[string, OutboundResult]>([
    ['JSON', json({ type: 'error', error: { message: 'Token is invalid.' } }, 401)],
    ['plain text', raw('Unauthorized', 'text/plain', 401)],
    ['nothing', raw('', '', 401)],
    ['words that promise otherwise', json(user, 401)],
  ])('status 401 is a refused token, whatever the body says: %s', async (_name, answer) => {
    expect(await client(answer).readAccount(TOKEN)).toEqual({ ok: false, refusal: { kind: 'unauthorized' } });
  });

  const lacking = (granted: unknown, required: unknown) =>
    json({ type: 'error', error: { message: 'no', detail: { granted, required } } }, 403);

  test('status 403 names the scopes that are missing', async () => {
    const answer = await client(lacking(['account', 'repository'], ['account', 'email'])).readPrimaryEmail(
      TOKEN,
    );
    expect(answer).toEqual({ ok: false, refusal: { kind: 'scope-missing', missing: ['email'] } });
  });

  test.each<[string, OutboundResult]>([
    ['a detail in plain words', json({ error: { message: 'no', detail: 'Ask your administrator.' } }, 403)],
    ['scopes that are no list', lacking('account', 'email')],
    ['HTML', raw('<h1>Forbidden</h1>', 'text/html', 403)],
  ])('status 403 with %s says nothing about the grant', async (_name, answer) => {
    expect(await client(answer).readAccount(TOKEN)).toEqual(unexpected);
  });

  test.each([201, 204, 400, 404, 410, 418])('status %d is unexpected', async (status) => {
    expect(await client(json(user, status)).readAccount(TOKEN)).toEqual(unexpected);
    expect(await client(json({ values: [] }, status)).readPrimaryEmail(TOKEN)).toEqual(unexpected);
  });

  test.each<[string, OutboundResult]>([
    ['HTML', raw('<!doctype html>', 'text/html')],
    ['JSON that is declared as text', raw(JSON.stringify(user), 'text/plain')],
    ['no content type', raw(JSON.stringify(user), '')],
    ['half of a document', json('{"uuid":"{9f1b')],
    ['nothing', json('')],
    ['null', json('null')],
    ['a list', json([user])],
  ])('a body that is %s is unexpected', async (_name, answer) => {
    expect(await client(answer).readAccount(TOKEN)).toEqual(unexpected);
    expect(await client(answer).readPrimaryEmail(TOKEN)).toEqual(unexpected);
  });

  test('a fault on the way is passed on as it is', async () => {
    const fault = { code: 'provider-rate-limited', retryAt: new Date(0) } as const;
    const { readAccount, readPrimaryEmail } = client({ ok: false, fault });
    const refused = { ok: false, refusal: { kind: 'fault', fault } };
    expect(await readAccount(TOKEN)).toEqual(refused);
    expect(await readPrimaryEmail(TOKEN)).toEqual(refused);
  });

  test('IN-04 no JSON whatever makes it throw, or makes an account of what is none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        expect(await client(json(text)).readAccount(TOKEN)).toEqual(unexpected);
        const email = await client(json(text)).readPrimaryEmail(TOKEN);
        if (email.ok) expect(email.value.state).toBe('missing');
      }),
    );
  });
});

describe('the primary address', () => {
  const email = (address: string, primary: boolean, confirmed: boolean) => ({
    type: 'email',
    email: address,
    is_primary: primary,
    is_confirmed: confirmed,
  });
  const second = email('other@example.com', false, true);

  test.each([
    [true, 'confirmed'],
    [false, 'unconfirmed'],
  ])('with is_confirmed %s is %s', async (confirmed, state) => {
    const { readPrimaryEmail } = client(
      json({ values: [second, email('mika@example.com', true, confirmed)] }),
    );
    expect(await readPrimaryEmail(TOKEN)).toEqual({
      ok: true,
      value: { state, address: 'mika@example.com' },
    });
  });

  test('a confirmed address that is not the primary one does not stand in for it', async () => {
    const { readPrimaryEmail } = client(json({ values: [second] }));
    expect(await readPrimaryEmail(TOKEN)).toEqual({ ok: true, value: { state: 'missing' } });
  });

  test('is missing where there are no addresses', async () => {
    expect(await client(json({ values: [] })).readPrimaryEmail(TOKEN)).toEqual({
      ok: true,
      value: { state: 'missing' },
    });
  });

  test.each([
    ['a flag in words', { ...email('a@example.com', true, true), is_confirmed: 'true' }],
    ['a flag that is a number', { ...email('a@example.com', true, true), is_confirmed: 1 }],
    ['no flag', { email: 'a@example.com', is_primary: true }],
    ['no address', { is_primary: true, is_confirmed: true }],
  ])('an entry with %s is unexpected: nothing is guessed to be confirmed', async (_name, entry) => {
    expect(await client(json({ values: [entry] })).readPrimaryEmail(TOKEN)).toEqual(unexpected);
  });

  test('is found on a later page', async () => {
    const next = 'https://api.bitbucket.example/2.0/user/emails?pagelen=100&ctx=abc';
    const { readPrimaryEmail, requests } = client(
      json({ values: [second], next }),
      json({ values: [email('mika@example.com', true, true)] }),
    );
    expect(await readPrimaryEmail(TOKEN)).toMatchObject({ value: { address: 'mika@example.com' } });
    expect(requests.map(({ url }) => url)).toEqual([
      'https://api.bitbucket.example/2.0/user/emails?pagelen=100',
      next,
    ]);
  });

  test.each([
    'http://127.0.0.1:9/2.0/user/emails',
    'http://api.bitbucket.example/2.0/user/emails',
    'https://api.bitbucket.example:8443/2.0/user/emails',
    'https://api.bitbucket.example.evil.example/2.0/x',
    'https://api.bitbucket.example@evil.example/2.0/x',
    'https://user:pass@api.bitbucket.example/2.0/x',
    'https://api.bitbucket.example/1.0/user/emails',
    'https://api.bitbucket.example/2.0/../admin',
    'https://api.bitbucket.example/2.0evil',
    '//evil.example/2.0/x',
    '/2.0/user/emails?page=2',
    'file:///etc/passwd',
    '',
  ])('IN-01 a next page at %j is not asked for, and the token goes nowhere', async (next) => {
    const { readPrimaryEmail, requests } = client(json({ values: [second], next }), json({ values: [] }));
    const answer = await readPrimaryEmail(TOKEN);
    expect(requests).toHaveLength(1);
    expect(answer).toEqual(next === '' ? { ok: true, value: { state: 'missing' } } : unexpected);
  });

  test('UP-05 a list that never ends is given up', async () => {
    const next = 'https://api.bitbucket.example/2.0/user/emails?ctx=again';
    const { readPrimaryEmail, requests } = client(json({ values: [second], next }));
    expect(await readPrimaryEmail(TOKEN)).toEqual(unexpected);
    expect(requests).toHaveLength(5);
  });
});

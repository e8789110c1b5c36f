import { describe, expect, test } from 'vitest';
import { authorizeAs, createBrowser } from '../journey.ts';
import { changeClientScopes, revokeAccess } from '../play.ts';
import { basic, read, useBench } from '../test-bench.ts';
import { personNamed } from '../world.ts';

const bench = useBench();
const invalidClient = { error: 'unauthorized_client', error_description: 'Invalid OAuth client credentials' };

async function codeOf(person = 'nora', params: Record<string, string> = {}) {
  const back = await authorizeAs(bench.sandbox, 'bitbucket', person, bench.authorizeUrl(params));
  return back.searchParams.get('code') ?? '';
}

describe('authorize', () => {
  test('an unknown client gets a page, never a redirect', async () => {
    const answer = await fetch(bench.authorizeUrl({ client_id: 'nobody' }), { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Invalid client_id');
  });

  test.each([
    'http://localhost:3000/auth/bitbucket/callback/',
    'http://localhost:3000/auth/bitbucket/callback?next=1',
    'https://evil.example/auth/bitbucket/callback',
  ])(
    'a redirect_uri other than the registered one gets a page, never a redirect: %s',
    async (redirect_uri) => {
      const answer = await fetch(bench.authorizeUrl({ redirect_uri }), { redirect: 'manual' });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('Invalid redirect_uri');
    },
  );

  test('who is not logged in chooses a person first', async () => {
    const page = await (await fetch(bench.authorizeUrl())).text();
    expect(page).toContain('Log in as Nora Lindqvist');
    expect(page).toContain('Log in as Samir Haddad');
  });

  test('the consent page names the application and its scopes in words', async () => {
    const browser = createBrowser(bench.sandbox);
    await browser.logIn('bitbucket', personNamed(bench.sandbox.world, 'bitbucket', 'nora'));
    const page = await (await browser.send(bench.authorizeUrl())).text();
    expect(page).toContain('Semaphore');
    expect(page).toContain('Read your e-mail addresses');
    expect(page).toContain('Use another account');
  });

  test('the scope parameter changes nothing: scopes belong to the client', async () => {
    const code = await codeOf('nora', { scope: 'account' });
    const { body } = await bench.token({ grant_type: 'authorization_code', code });
    expect(body.scope).toBe('account email repository repository:admin webhook pullrequest');
  });

  test('state comes back as it was sent, with the code', async () => {
    const back = await authorizeAs(
      bench.sandbox,
      'bitbucket',
      'nora',
      bench.authorizeUrl({ state: 'ä & / b' }),
    );
    expect(back.origin + back.pathname).toBe('http://localhost:3000/auth/bitbucket/callback');
    expect(back.searchParams.get('state')).toBe('ä & / b');
  });

  test('a denied consent comes back as access_denied and grants nothing', async () => {
    const back = await authorizeAs(bench.sandbox, 'bitbucket', 'nora', bench.authorizeUrl(), 'deny');
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('state')).toBe('a-state');
    expect(back.searchParams.has('code')).toBe(false);
    expect(bench.sandbox.world.data.consents).toEqual([]);
  });

  test('who consented before is sent back without being asked', async () => {
    const browser = createBrowser(bench.sandbox);
    await browser.logIn('bitbucket', personNamed(bench.sandbox.world, 'bitbucket', 'nora'));
    await browser.authorize(bench.authorizeUrl());
    expect((await browser.send(bench.authorizeUrl())).status).toBe(302);
  });

  test('consent is asked again after a revocation and after the client changed its scopes', async () => {
    const { world } = bench.sandbox;
    const nora = personNamed(world, 'bitbucket', 'nora');
    const browser = createBrowser(bench.sandbox);
    await browser.logIn('bitbucket', nora);
    await browser.authorize(bench.authorizeUrl());
    revokeAccess(world, 'bitbucket', nora.id);
    expect((await browser.send(bench.authorizeUrl())).status).toBe(200);
    await browser.authorize(bench.authorizeUrl());
    changeClientScopes(world, bench.client().id, ['account', 'email']);
    expect((await browser.send(bench.authorizeUrl())).status).toBe(200);
  });

  test('a consent form sent from another page is refused', async () => {
    const answer = await fetch('https://bitbucket.test/site/oauth2/authorize', {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ client_id: bench.client().id, response_type: 'code', decision: 'grant' }),
    });
    expect(answer.status).toBe(403);
  });
});

describe('codes', () => {
  test('a code gives a long bearer token, a refresh token and two hours', async () => {
    const { status, body } = await bench.token({ grant_type: 'authorization_code', code: await codeOf() });
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 7200, state: 'authorization_code' });
    expect(body.access_token).toHaveLength(2300);
    expect(body.refresh_token).toEqual(expect.any(String));
  });

  test('tokens of more than four thousand characters and the older field `scopes` can be had', async () => {
    Object.assign(bench.sandbox.world.data.quirks, { accessTokenLength: 4096, scopeField: 'scopes' });
    const { body } = await bench.token({ grant_type: 'authorization_code', code: await codeOf() });
    expect(body.access_token).toHaveLength(4096);
    expect(body.scopes).toContain('account');
    expect(body).not.toHaveProperty('scope');
  });

  test('a replayed code is refused', async () => {
    const code = await codeOf();
    await bench.token({ grant_type: 'authorization_code', code });
    const { status, body } = await bench.token({ grant_type: 'authorization_code', code });
    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_grant', error_description: 'The specified code is not valid.' });
  });

  test('a code is dead after five minutes', async () => {
    const code = await codeOf();
    bench.clock.now += 5 * 60_000;
    expect((await bench.token({ grant_type: 'authorization_code', code })).body.error).toBe('invalid_grant');
  });

  test('a redirect_uri that was named at authorize has to be named again', async () => {
    const redirect_uri = bench.client().callback;
    const forgotten = await codeOf('nora', { redirect_uri });
    expect((await bench.token({ grant_type: 'authorization_code', code: forgotten })).status).toBe(400);
    const code = await codeOf('nora', { redirect_uri });
    expect((await bench.token({ grant_type: 'authorization_code', code, redirect_uri })).status).toBe(200);
  });
});

describe('the token endpoint', () => {
  test.each([
    ['no client', {}],
    ['a wrong secret', { authorization: basic({ id: 'someone', secret: 'wrong' }) }],
  ])('%s is unauthorized_client', async (_, headers) => {
    const { status, body } = await bench.token({ grant_type: 'refresh_token', refresh_token: 'x' }, headers);
    expect(status).toBe(400);
    expect(body).toEqual(invalidClient);
  });

  test('credentials in the body are not taken', async () => {
    const { id, secret } = bench.client();
    const form = {
      grant_type: 'authorization_code',
      code: await codeOf(),
      client_id: id,
      client_secret: secret,
    };
    expect((await bench.token(form, {})).body).toEqual(invalidClient);
  });

  test('a JSON body is not understood', async () => {
    const answer = await fetch('https://bitbucket.test/site/oauth2/access_token', {
      method: 'POST',
      headers: { authorization: basic(bench.client()), 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'refresh_token' }),
    });
    const { status, body } = await read(answer);
    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_grant', error_description: 'Unsupported grant type: None' });
  });

  test('client credentials give a token without a refresh token, for an app_user', async () => {
    const { body } = await bench.token({ grant_type: 'client_credentials' });
    expect(body).not.toHaveProperty('refresh_token');
    expect((await bench.api(body.access_token, '/user')).body.type).toBe('app_user');
  });
});

describe('refresh', () => {
  const refresh = (refresh_token: string) => bench.token({ grant_type: 'refresh_token', refresh_token });

  test('every refresh gives a new refresh token, and the old one is refused like a wrong client', async () => {
    const first = await bench.tokensFor('nora');
    const { body: second } = await refresh(first.refresh);
    expect(second.refresh_token).not.toBe(first.refresh);
    expect(await refresh(first.refresh)).toMatchObject({ status: 400, body: invalidClient });
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  test('within the grace time the old one still works, if the world is so', async () => {
    bench.sandbox.world.data.quirks.refreshGraceMs = 600_000;
    const { refresh: token } = await bench.tokensFor('nora');
    await refresh(token);
    expect((await refresh(token)).status).toBe(200);
    bench.clock.now += 600_000;
    expect((await refresh(token)).status).toBe(400);
  });

  test('a presented old token locks the whole client out for a while, if the world is so', async () => {
    bench.sandbox.world.data.quirks.lockoutMs = 60_000;
    const nora = await bench.tokensFor('nora');
    const tomas = await bench.tokensFor('tomas');
    await refresh(nora.refresh);
    await refresh(nora.refresh);
    expect((await refresh(tomas.refresh)).body).toEqual(invalidClient);
    bench.clock.now += 60_000;
    expect((await refresh(tomas.refresh)).status).toBe(200);
  });

  test('a refresh token dies after ninety days without use', async () => {
    const { refresh: token } = await bench.tokensFor('nora');
    bench.clock.now += 90 * 24 * 3_600_000;
    expect(await refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test.each(['invalid_grant', 'unauthorized_client', 'invalid_request'] as const)(
    'after a revocation the answer is %s, if the world is so',
    async (revokedRefresh) => {
      bench.sandbox.world.data.quirks.revokedRefresh = revokedRefresh;
      const { refresh: token } = await bench.tokensFor('nora');
      revokeAccess(
        bench.sandbox.world,
        'bitbucket',
        personNamed(bench.sandbox.world, 'bitbucket', 'nora').id,
      );
      expect(await refresh(token)).toMatchObject({ status: 400, body: { error: revokedRefresh } });
    },
  );
});

test('there is no API on the web origin', async () => {
  const { access } = await bench.tokensFor('nora');
  const answer = await fetch('https://bitbucket.test/api/2.0/user', {
    headers: { authorization: `Bearer ${access}` },
  });
  expect(answer.status).toBe(404);
});

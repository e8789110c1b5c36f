import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { authorizeAs } from '../journey.ts';
import { basic, read, useBench } from '../test-bench.ts';

const bench = useBench();
const verifier = 'a-verifier-that-is-long-enough-to-be-taken-by-anyone';
const challenge = createHash('sha256').update(verifier).digest('base64url');

async function codeOf(params: Record<string, string> = {}) {
  const url = `https://github.test/login/oauth/authorize?${new URLSearchParams({
    client_id: bench.client('github').id,
    scope: 'read:user user:email',
    state: 's',
    ...params,
  })}`;
  return (await authorizeAs(bench.sandbox, 'github', 'gretav', url)).searchParams;
}

async function exchange(form: Record<string, string>, accept = 'application/json') {
  const { id, secret } = bench.client('github');
  return read(
    await fetch('https://github.test/login/oauth/access_token', {
      method: 'POST',
      headers: { accept },
      body: new URLSearchParams({ client_id: id, client_secret: secret, ...form }),
    }),
  );
}

async function tokenOf() {
  const code = (await codeOf()).get('code') ?? '';
  return (await exchange({ code })).body.access_token as string;
}

const get = async (path: string, token: string) =>
  read(await fetch(`https://api.github.test${path}`, { headers: { authorization: `Bearer ${token}` } }));

test('a challenge that was sent has to be met by its verifier', async () => {
  const withChallenge = { code_challenge: challenge, code_challenge_method: 'S256' };
  for (const wrong of [{}, { code_verifier: 'another' }] as Record<string, string>[]) {
    const code = (await codeOf(withChallenge)).get('code') ?? '';
    expect((await exchange({ code, ...wrong })).body.error).toBe('bad_verification_code');
  }
  const code = (await codeOf(withChallenge)).get('code') ?? '';
  expect((await exchange({ code, code_verifier: verifier })).body).toMatchObject({
    access_token: expect.stringMatching(/^gho_/),
    token_type: 'bearer',
    scope: 'read:user,user:email',
  });
});

test('errors of the exchange come with status 200', async () => {
  expect(await exchange({ code: 'made-up' })).toMatchObject({
    status: 200,
    body: { error: 'bad_verification_code' },
  });
  expect(await exchange({ code: 'x', client_secret: 'wrong' })).toMatchObject({
    status: 200,
    body: { error: 'incorrect_client_credentials' },
  });
});

test('without asking for JSON the answer is form-encoded', async () => {
  const code = (await codeOf()).get('code') ?? '';
  const { body, headers } = await exchange({ code }, '*/*');
  expect(headers.get('content-type')).toContain('application/x-www-form-urlencoded');
  expect(new URLSearchParams(body).get('access_token')).toMatch(/^gho_/);
});

test('another redirect_uri is told to the registered callback, not to itself', async () => {
  const back = await codeOf({ redirect_uri: 'https://evil.example/' });
  expect(back.get('error')).toBe('redirect_uri_mismatch');
  expect(back.has('code')).toBe(false);
});

test('the profile has a number that stays, and addresses come apart', async () => {
  const token = await tokenOf();
  expect((await get('/user', token)).body).toMatchObject({ id: 5810421, login: 'gretav', email: null });
  expect((await get('/user/emails', token)).body).toEqual([
    { email: 'greta.vogel@harbour.example', primary: true, verified: true, visibility: 'private' },
  ]);
  expect(await get('/user', 'made-up')).toMatchObject({ status: 401, body: { message: 'Bad credentials' } });
});

test('an application gives a grant back with its own credentials only, and consent is needed again', async () => {
  const token = await tokenOf();
  const client = bench.client('github');
  const drop = (headers: Record<string, string>) =>
    fetch(`https://api.github.test/applications/${client.id}/grant`, {
      method: 'DELETE',
      headers,
      body: JSON.stringify({ access_token: token }),
    });
  expect((await drop({})).status).toBe(404);
  expect((await drop({ authorization: basic(client) })).status).toBe(204);
  expect((await get('/user', token)).status).toBe(401);
  expect(bench.sandbox.world.data.consents).toEqual([]);
});

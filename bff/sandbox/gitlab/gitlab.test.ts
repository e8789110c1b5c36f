import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { authorizeAs } from '../journey.ts';
import { basic, read, useBench } from '../test-bench.ts';

const bench = useBench();
const verifier = 'another-verifier-that-is-long-enough-for-this';
const challenge = createHash('sha256').update(verifier).digest('base64url');

function authorize(params: Record<string, string> = {}) {
  const client = bench.client('gitlab');
  const url = `https://gitlab.test/oauth/authorize?${new URLSearchParams({
    client_id: client.id,
    redirect_uri: client.callback,
    response_type: 'code',
    scope: 'read_user',
    state: 's',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...params,
  })}`;
  return authorizeAs(bench.sandbox, 'gitlab', 'tribeiro', url);
}

async function token(form: Record<string, string>) {
  const client = bench.client('gitlab');
  return read(
    await fetch('https://gitlab.test/oauth/token', {
      method: 'POST',
      headers: { authorization: basic(client) },
      body: new URLSearchParams({ redirect_uri: client.callback, ...form }),
    }),
  );
}

async function tokens() {
  const code = (await authorize()).searchParams.get('code') ?? '';
  return (await token({ grant_type: 'authorization_code', code, code_verifier: verifier })).body;
}

const user = async (access: string) =>
  read(await fetch('https://gitlab.test/api/v4/user', { headers: { authorization: `Bearer ${access}` } }));

test('a challenge that was sent has to be met by its verifier', async () => {
  const code = (await authorize()).searchParams.get('code') ?? '';
  expect(await token({ grant_type: 'authorization_code', code })).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  });
  expect((await tokens()).token_type).toBe('Bearer');
});

test('scopes beyond those of the application come back as invalid_scope', async () => {
  expect((await authorize({ scope: 'read_user api' })).searchParams.get('error')).toBe('invalid_scope');
});

test('a refresh gives a new pair, and the old pair is dead', async () => {
  const first = await tokens();
  const second = await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
  expect(second.body.refresh_token).not.toBe(first.refresh_token);
  expect((await user(first.access_token)).status).toBe(401);
  expect((await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token })).status).toBe(400);
  expect((await user(second.body.access_token)).body).toMatchObject({
    id: 310442,
    username: 'tribeiro',
    email: 'tomas@harbour.example',
    confirmed_at: expect.any(String),
  });
});

test('a token that was given back is refused', async () => {
  const { access_token } = await tokens();
  const answer = await fetch('https://gitlab.test/oauth/revoke', {
    method: 'POST',
    headers: { authorization: basic(bench.client('gitlab')) },
    body: new URLSearchParams({ token: access_token }),
  });
  expect(answer.status).toBe(200);
  expect((await user(access_token)).body.error).toBe('invalid_token');
});

test('a wrong client is 401 invalid_client', async () => {
  const answer = await fetch('https://gitlab.test/oauth/token', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' }),
  });
  expect(await read(answer)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
});

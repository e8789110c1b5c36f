import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answering, json, raw } from '../../test/outside.ts';
import type { OutboundRequest, OutboundResult } from '../http.ts';
import { bitbucket } from './bitbucket/client.ts';
import { github } from './github/client.ts';
import { gitlab } from './gitlab/client.ts';
import {
  askAboutClient,
  authorizationUrl,
  clientFingerprint,
  exchangeCode,
  newVerifier,
  refreshTokens,
} from './oauth.ts';
import type { ProviderModule } from './provider.ts';

const REDIRECT = 'https://ci.example.com/auth/bitbucket/callback';
const config = {
  clientId: 'client-id_1=',
  clientSecret: 's-e_c=r%e+t/',
  webUrl: 'https://provider.example',
  apiUrl: 'https://api.provider.example',
};

const made = (module: ProviderModule) => module.create(config, answering().outbound);
const providers = { bitbucket: made(bitbucket), github: made(github), gitlab: made(gitlab) };
type Name = keyof typeof providers;
const names = Object.keys(providers) as Name[];

const good = {
  access_token: 'fresh-access-token',
  refresh_token: 'fresh-refresh-token',
  token_type: 'bearer',
  expires_in: 7200,
  scope: 'account email repository',
};

async function exchange(name: Name, answer: OutboundResult, callback = 'code=the-code&state=the-state') {
  const { outbound, requests } = answering(answer);
  const input = {
    callback: new URLSearchParams(callback),
    state: 'the-state',
    redirectUri: REDIRECT,
    verifier: newVerifier(providers[name]),
  };
  return { result: await exchangeCode(providers[name], outbound, input), requests, input };
}

async function refresh(name: Name, answer: OutboundResult) {
  const { outbound, requests } = answering(answer);
  return { result: await refreshTokens(providers[name], outbound, 'the-refresh-token'), requests };
}

const form = (request: OutboundRequest | undefined) => Object.fromEntries(new URLSearchParams(request?.body));
const unexpected = { ok: false, kind: 'fault', fault: { code: 'provider-unexpected' } };
const refused = (error: string) => ({ ok: false, kind: 'refused', error });

describe('the way to the provider', () => {
  test('carries client, callback and state, and no secret', async () => {
    for (const name of names) {
      const verifier = newVerifier(providers[name]);
      const url = new URL(
        await authorizationUrl(providers[name], { redirectUri: REDIRECT, state: 'the-state', verifier }),
      );
      expect(url.origin).toBe('https://provider.example');
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        client_id: config.clientId,
        response_type: 'code',
        redirect_uri: REDIRECT,
        state: 'the-state',
      });
      expect(url.href).not.toContain(encodeURIComponent(config.clientSecret));
      if (verifier) expect(url.href).not.toContain(verifier);
    }
  });

  test('OA-04 GitHub and GitLab get a challenge, Bitbucket, which checks none, does not', async () => {
    for (const name of names) {
      const verifier = newVerifier(providers[name]);
      const url = new URL(
        await authorizationUrl(providers[name], { redirectUri: REDIRECT, state: 's', verifier }),
      );
      expect(verifier === null, name).toBe(name === 'bitbucket');
      expect(url.searchParams.get('code_challenge_method'), name).toBe(name === 'bitbucket' ? null : 'S256');
      if (verifier) expect(url.searchParams.get('code_challenge')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }
  });

  test('a verifier is another one each time', () => {
    const verifiers = Array.from({ length: 20 }, () => newVerifier(providers.github));
    expect(new Set(verifiers).size).toBe(20);
  });

  test('Bitbucket takes its scopes from the client, so none are asked for; the others are told', async () => {
    const scope = async (name: Name) =>
      new URL(
        await authorizationUrl(providers[name], { redirectUri: REDIRECT, state: 's', verifier: null }),
      ).searchParams.get('scope');
    expect(await scope('bitbucket')).toBeNull();
    expect(await scope('github')).toBe('read:user user:email');
    expect(await scope('gitlab')).toBe('read_user');
  });
});

describe('how the client proves itself', () => {
  test('Bitbucket gets id and secret as they are, with - _ = % + / in them, not percent-encoded', async () => {
    const { requests } = await exchange('bitbucket', json(good));
    const [scheme, value = ''] = requests[0]?.headers?.authorization?.split(' ') ?? [];
    expect(scheme).toBe('Basic');
    expect(Buffer.from(value, 'base64').toString()).toBe(`${config.clientId}:${config.clientSecret}`);
    expect(form(requests[0])).not.toHaveProperty('client_secret');
  });

  test('any id and secret arrive at Bitbucket as they are', async () => {
    const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1 });
    await fc.assert(
      fc.asyncProperty(printable, printable, async (id, secret) => {
        const { outbound, requests } = answering(json(good));
        const provider = bitbucket.create({ ...config, clientId: id, clientSecret: secret }, outbound);
        await refreshTokens(provider, outbound, 'x');
        const [, value = ''] = requests[0]?.headers?.authorization?.split(' ') ?? [];
        expect(Buffer.from(value, 'base64').toString()).toBe(`${id}:${secret}`);
      }),
      { numRuns: 50 },
    );
  });

  test.each(['github', 'gitlab'] as const)('%s gets them in the body', async (name) => {
    const { requests } = await exchange(name, json(good));
    expect(form(requests[0])).toMatchObject({
      client_id: config.clientId,
      client_secret: config.clientSecret,
    });
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });
});

describe('trading a code', () => {
  test.each(names)(
    'sends the code, the callback and the verifier to the token endpoint of %s',
    async (name) => {
      const { requests, input, result } = await exchange(name, json(good));
      expect(result.ok).toBe(true);
      expect(requests).toHaveLength(1);
      expect(requests[0]?.method).toBe('POST');
      expect(requests[0]?.url).toBe(config.webUrl + providers[name].facts.tokenPath);
      expect(form(requests[0])).toMatchObject({
        grant_type: 'authorization_code',
        code: 'the-code',
        redirect_uri: REDIRECT,
        ...(input.verifier ? { code_verifier: input.verifier } : {}),
      });
      expect(requests[0]?.headers?.accept).toContain('application/json');
    },
  );

  test.each([
    'code=the-code&state=another-state',
    'code=the-code',
    'state=the-state',
    'code=a&code=b&state=the-state',
    'code=the-code&state=the-state&state=the-state',
    'code=the-code&state=the-state&iss=https%3A%2F%2Fevil.example',
    'response=jwt&code=the-code&state=the-state',
    '',
  ])('OA-03 a callback with %j is not traded: the endpoint is not asked', async (callback) => {
    for (const name of names) {
      const { result, requests } = await exchange(name, json(good), callback);
      expect(result.ok, name).toBe(false);
      expect(requests, name).toHaveLength(0);
    }
  });

  test('an iss that names the provider is accepted', async () => {
    for (const name of names) {
      const issuer = encodeURIComponent(config.webUrl + providers[name].facts.issuerPath);
      const { result } = await exchange(name, json(good), `code=c&state=the-state&iss=${issuer}`);
      expect(result.ok, name).toBe(true);
    }
  });
});

describe('a token answer', () => {
  test('is read with its scopes and its lifetime', async () => {
    const tokens = {
      accessToken: 'fresh-access-token',
      refreshToken: 'fresh-refresh-token',
      scopes: ['account', 'email', 'repository'],
      expiresIn: 7200,
    };
    expect((await exchange('bitbucket', json(good))).result).toEqual({ ok: true, tokens });
    expect((await refresh('bitbucket', json(good))).result).toEqual({ ok: true, tokens });
  });

  test.each([
    ['scope', { scope: 'account email' }, ['account', 'email']],
    [
      'scopes, as Bitbucket wrote before May 2026',
      { scope: undefined, scopes: 'account email' },
      ['account', 'email'],
    ],
    ['commas, as GitHub writes', { scope: 'read:user,user:email' }, ['read:user', 'user:email']],
    ['an empty one', { scope: '' }, []],
    ['none', { scope: undefined }, null],
    ['a list, which nobody documents', { scope: undefined, scopes: ['account'] }, null],
  ])('names its scopes in %s', async (_name, change, scopes) => {
    const { result } = await refresh('bitbucket', json({ ...good, ...change }));
    expect(result).toMatchObject({ ok: true, tokens: { scopes } });
  });

  test('may leave out refresh token and lifetime', async () => {
    const { result } = await exchange('github', json({ access_token: 'a', token_type: 'bearer', scope: '' }));
    expect(result).toEqual({
      ok: true,
      tokens: { accessToken: 'a', refreshToken: null, scopes: [], expiresIn: null },
    });
  });

  test('holds tokens of four kilobytes and more', async () => {
    const [accessToken, refreshToken] = [randomBytes(4_096), randomBytes(3_000)].map((bytes) =>
      bytes.toString('base64url'),
    );
    const { result } = await refresh(
      'bitbucket',
      json({ ...good, access_token: accessToken, refresh_token: refreshToken }),
    );
    expect(result).toMatchObject({ ok: true, tokens: { accessToken, refreshToken } });
  });

  test('is read under any content type: a rotated refresh token exists nowhere else', async () => {
    expect((await refresh('bitbucket', raw(JSON.stringify(good), 'text/plain'))).result.ok).toBe(true);
  });

  const bad: [string, OutboundResult][] = [
    ['no access token', json({ ...good, access_token: undefined })],
    ['an empty access token', json({ ...good, access_token: '' })],
    ['an access token that is a number', json({ ...good, access_token: 7 })],
    ['an access token with a line break', json({ ...good, access_token: 'a\r\nx-evil: 1' })],
    ['an access token with a space', json({ ...good, access_token: 'a b' })],
    ['an access token beyond ASCII', json({ ...good, access_token: 'töken' })],
    ['a refresh token that is an object', json({ ...good, refresh_token: {} })],
    ['a refresh token with a null byte', json({ ...good, refresh_token: 'a\0b' })],
    ['no token type', json({ ...good, token_type: undefined })],
    ['token type mac', json({ ...good, token_type: 'mac' })],
    ['a lifetime in words', json({ ...good, expires_in: 'soon' })],
    ['a negative lifetime', json({ ...good, expires_in: -1 })],
    ['a lifetime of centuries', json({ ...good, expires_in: 1e99 })],
    ['status 201', json(good, 201)],
    ['status 204', raw('', '', 204)],
    ['status 404', json({ message: 'Not Found' }, 404)],
    ['HTML', raw('<html>', 'text/html')],
    ['half of a document', json(JSON.stringify(good).slice(0, 40))],
    ['nothing', json('')],
    ['a list', json([good])],
    ['null', json('null')],
    ['a list within __proto__', json('{"__proto__":{"access_token":"a","token_type":"bearer"}}')],
  ];
  test.each(bad)('OA-13 with %s gives no tokens and is the fault of the provider', async (_name, answer) => {
    for (const name of names) {
      expect((await exchange(name, answer)).result, name).toEqual(unexpected);
      expect((await refresh(name, answer)).result, name).toEqual(unexpected);
    }
  });

  test('OA-13 no JSON whatever makes it throw or gives tokens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom(200, 400, 401, 403), async (text, status) => {
        expect((await refresh('bitbucket', json(text, status))).result.ok).toBe(false);
        expect((await exchange('github', json(text, status))).result.ok).toBe(false);
      }),
    );
  });
});

describe('a refusal', () => {
  test.each([
    [400, 'invalid_grant'],
    [400, 'unauthorized_client'],
    [400, 'invalid_request'],
    [401, 'invalid_client'],
    [403, 'access_denied'],
  ])('status %d %s is passed on for the caller to judge', async (status, error) => {
    for (const name of names) {
      const answer = json({ error, error_description: 'words that may change' }, status);
      expect((await refresh(name, answer)).result, name).toEqual(refused(error));
      expect((await exchange(name, answer)).result, name).toEqual(refused(error));
    }
  });

  test.each(['bad_verification_code', 'incorrect_client_credentials', 'redirect_uri_mismatch'])(
    'GitHub refuses with status 200 and an error: %s',
    async (error) => {
      const { result } = await exchange('github', json({ error, error_description: 'x', error_uri: 'y' }));
      expect(result).toEqual(refused(error));
    },
  );

  test('an error beside an access token is an error', async () => {
    const { result } = await exchange('github', json({ error: 'bad_verification_code', access_token: '' }));
    expect(result.ok).toBe(false);
  });

  test.each(['server_error', 'temporarily_unavailable', 'slow_down'])(
    "%s speaks of the server's own state, not of the grant",
    async (error) => {
      expect((await refresh('bitbucket', json({ error }, 400))).result).toEqual({
        ok: false,
        kind: 'fault',
        fault: { code: 'provider-error' },
      });
    },
  );

  test('a challenge in the header counts as a refused client', async () => {
    expect((await refresh('bitbucket', raw('', '', 401))).result.ok).toBe(false);
  });

  test.each([
    'provider-timeout',
    'provider-unreachable',
    'provider-rate-limited',
    'provider-error',
    'provider-unexpected',
  ] as const)('a fault on the way is passed on: %s', async (code) => {
    const fault = { code, ...(code === 'provider-rate-limited' ? { retryAt: new Date(0) } : {}) };
    for (const name of names) {
      expect((await refresh(name, { ok: false, fault })).result).toEqual({ ok: false, kind: 'fault', fault });
      expect((await exchange(name, { ok: false, fault })).result).toEqual({
        ok: false,
        kind: 'fault',
        fault,
      });
    }
  });
});

describe('refreshing', () => {
  test('sends the refresh token once, in the body, and asks for no other scopes', async () => {
    const { requests } = await refresh('bitbucket', json(good));
    expect(requests).toHaveLength(1);
    expect(form(requests[0])).toEqual({ grant_type: 'refresh_token', refresh_token: 'the-refresh-token' });
    expect(requests[0]?.url).not.toContain('token=');
    expect(requests[0]?.what).not.toContain('the-refresh-token');
  });
});

describe('asking about the client', () => {
  const ask = (answer: OutboundResult) => askAboutClient(providers.bitbucket, answering(answer).outbound);

  test.each<[string, OutboundResult, string]>([
    ['the code is wrong', json({ error: 'invalid_grant' }, 400), 'accepted'],
    ['the client is wrong', json({ error: 'unauthorized_client' }, 400), 'refused'],
    ['the client is unknown', json({ error: 'invalid_client' }, 401), 'refused'],
    ['tokens, which cannot be', json(good), 'unknown'],
    ['nothing of use', raw('<html>', 'text/html'), 'unknown'],
    ['it is busy', { ok: false, fault: { code: 'provider-rate-limited' } }, 'unknown'],
    ['nothing in time', { ok: false, fault: { code: 'provider-timeout' } }, 'unknown'],
  ])('hears that %s', async (_name, answer, expected) => {
    expect(await ask(answer)).toBe(expected);
  });
});

test("a client's fingerprint changes with its secret and tells nothing of it", () => {
  const other = bitbucket.create({ ...config, clientSecret: 'another' }, answering().outbound);
  const fingerprint = clientFingerprint(providers.bitbucket);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(clientFingerprint(made(bitbucket))).toBe(fingerprint);
  expect(clientFingerprint(other)).not.toBe(fingerprint);
});

/** OAuth 2.0 with a provider: where to send a person, and what its token endpoint says. Protocol by oauth4webapi. */
import { createHash } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import type { Fault, Outbound } from '../http.ts';
import type { Provider } from './provider.ts';

export type Tokens = {
  accessToken: string;
  /** Null: the provider gives none (GitHub), or kept the old one. */
  refreshToken: string | null;
  /** Null: not said. */
  scopes: string[] | null;
  /** Seconds; null: the access token does not run out. */
  expiresIn: number | null;
};

/** `refused`: the endpoint answered with an OAuth error. What it proves is for the caller to judge. */
export type TokenResult =
  | { ok: true; tokens: Tokens }
  | { ok: false; kind: 'refused'; error: string }
  | { ok: false; kind: 'fault'; fault: Fault };

/** The characters of a scope and of an error code: RFC 6749, 3.3 and 5.2, and no longer than anyone needs. */
const WORD = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;
const TEN_YEARS = 315_360_000;
/** Errors that speak of the server's own state, not of what was asked. */
const PASSING_ERRORS = ['server_error', 'temporarily_unavailable', 'slow_down'];
/** What an endpoint answers to a client it does not know, or whose secret is wrong. */
const CLIENT_ERRORS: readonly string[] = ['invalid_client', 'unauthorized_client'];

class OutboundFault extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.code);
    this.fault = fault;
  }
}

/** A secret for PKCE, or null where the provider does not check one. */
export function newVerifier(provider: Provider): string | null {
  return provider.facts.pkce ? oauth.generateRandomCodeVerifier() : null;
}

/** The address to send the browser to. `redirectUri` is the one registered callback, exactly. */
export async function authorizationUrl(
  provider: Provider,
  { redirectUri, state, verifier }: { redirectUri: string; state: string; verifier: string | null },
): Promise<string> {
  const { facts, config } = provider;
  const url = new URL(config.webUrl + facts.authorizePath);
  url.searchParams.set('client_id', config.clientId);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('redirect_uri', redirectUri);
  url.searchParams.set('state', state);
  if (facts.requestedScopes) url.searchParams.set('scope', facts.requestedScopes.join(' '));
  if (verifier) {
    url.searchParams.set('code_challenge', await oauth.calculatePKCECodeChallenge(verifier));
    url.searchParams.set('code_challenge_method', 'S256');
  }
  return url.href;
}

/** Trades the callback's code for tokens. `callback` holds the query as it arrived; `iss` and `state` are checked. */
export function exchangeCode(
  provider: Provider,
  outbound: Outbound,
  input: { callback: URLSearchParams; state: string; redirectUri: string; verifier: string | null },
): Promise<TokenResult> {
  return tokenCall(
    provider,
    outbound,
    'POST token (code)',
    async (server, client, authentication, options) => {
      const parameters = oauth.validateAuthResponse(server, client, input.callback, input.state);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        parameters,
        input.redirectUri,
        input.verifier ?? oauth.nopkce,
        options,
      );
      return oauth.processAuthorizationCodeResponse(server, client, response);
    },
  );
}

/** Trades a refresh token for new tokens. Never repeated by itself: Bitbucket spends the token with the first use. */
export function refreshTokens(
  provider: Provider,
  outbound: Outbound,
  refreshToken: string,
): Promise<TokenResult> {
  return tokenCall(
    provider,
    outbound,
    'POST token (refresh)',
    async (server, client, authentication, options) => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        client,
        authentication,
        refreshToken,
        options,
      );
      return oauth.processRefreshTokenResponse(server, client, response);
    },
  );
}

/**
 * Asks the token endpoint about our own client, with a code that cannot exist: a client that is accepted hears that
 * the code is wrong, one that is not hears about itself. Tells a wrong client secret from a dead refresh token, which
 * Bitbucket refuses in the same words.
 */
export async function askAboutClient(
  provider: Provider,
  outbound: Outbound,
): Promise<'accepted' | 'refused' | 'unknown'> {
  const result = await tokenCall(
    provider,
    outbound,
    'POST token (probe)',
    async (server, client, authentication, options) => {
      const parameters = new URLSearchParams({ code: 'not-a-code' });
      const request = oauth.genericTokenEndpointRequest;
      const response = await request(
        server,
        client,
        authentication,
        'authorization_code',
        parameters,
        options,
      );
      return oauth.processGenericTokenEndpointResponse(server, client, response);
    },
  );
  if (result.ok || result.kind === 'fault') return 'unknown';
  return CLIENT_ERRORS.includes(result.error) ? 'refused' : 'accepted';
}

/** Names our client without revealing its secret: a changed secret is another client. */
export function clientFingerprint({ config }: Provider): string {
  return createHash('sha256').update(`${config.clientId}\n${config.clientSecret}`).digest('hex');
}

type Ask = (
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  options: { [oauth.customFetch]: typeof fetch; [oauth.allowInsecureRequests]: boolean },
) => Promise<oauth.TokenEndpointResponse>;

async function tokenCall(
  provider: Provider,
  outbound: Outbound,
  what: string,
  ask: Ask,
): Promise<TokenResult> {
  const { facts, config } = provider;
  const endpoint = config.webUrl + facts.tokenPath;
  const server = { issuer: config.webUrl + facts.issuerPath, token_endpoint: endpoint };
  const options = {
    [oauth.customFetch]: asFetch(outbound, facts.id, what),
    // Plain http only where the configuration says so, which allows it on loopback alone in production.
    [oauth.allowInsecureRequests]: endpoint.startsWith('http:'),
  };
  try {
    return readTokens(await ask(server, { client_id: config.clientId }, authentication(provider), options));
  } catch (error) {
    return readTokenError(error);
  }
}

/** Bitbucket takes id and secret as they are, not percent-encoded as RFC 6749 has it; see its README. */
function authentication({ facts, config }: Provider): oauth.ClientAuth {
  if (facts.clientAuthentication === 'post') return oauth.ClientSecretPost(config.clientSecret);
  return (_server, _client, _body, headers) => {
    headers.set(
      'authorization',
      `Basic ${Buffer.from(`${config.clientId}:${config.clientSecret}`).toString('base64')}`,
    );
  };
}

function asFetch(outbound: Outbound, provider: string, what: string): typeof fetch {
  return async (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers));
    const result = await outbound({
      provider,
      what,
      method: 'POST',
      url: String(input),
      headers,
      body: String(init?.body),
    });
    if (!result.ok) throw new OutboundFault(result.fault);
    if (saysLifetimeInText(result.text)) throw new OutboundFault({ code: 'provider-unexpected' });
    const body = result.status === 204 ? null : result.text;
    return new Response(body, { status: result.status, headers: { 'content-type': result.contentType } });
  };
}

/** `expires_in` is a number; oauth4webapi also takes whatever digits a text begins with ("7200 or so"). */
function saysLifetimeInText(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return typeof (body as { expires_in?: unknown } | null)?.expires_in === 'string';
  } catch {
    return false;
  }
}

function readTokens(answer: oauth.TokenEndpointResponse): TokenResult {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer;
  // Anything else would not survive as a header; and a lifetime of centuries is no lifetime.
  const sendable = [accessToken, refreshToken].every(
    (token) => token === undefined || /^[\x21-\x7e]+$/.test(token),
  );
  if (!sendable || (expiresIn ?? 0) > TEN_YEARS) return unexpected();
  // Bitbucket wrote `scopes` before May 2026; GitHub separates with commas.
  const said = answer.scope ?? answer.scopes;
  const scopes = typeof said === 'string' ? said.split(/[\s,]+/).filter((scope) => WORD.test(scope)) : null;
  const tokens = { accessToken, refreshToken: refreshToken ?? null, scopes, expiresIn: expiresIn ?? null };
  return { ok: true, tokens };
}

function readTokenError(error: unknown): TokenResult {
  if (error instanceof OutboundFault) return { ok: false, kind: 'fault', fault: error.fault };
  if (error instanceof oauth.ResponseBodyError) {
    if (PASSING_ERRORS.includes(error.error)) {
      return { ok: false, kind: 'fault', fault: { code: 'provider-error' } };
    }
    return refused(error.error);
  }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    return githubError(error) ?? unexpected();
  }
  throw error;
}

/** GitHub answers 200 with an error object, which the protocol does not know. */
function githubError(error: Error): TokenResult | undefined {
  const cause = error.cause as { body?: { error?: unknown } } | undefined;
  const code = cause?.body?.error;
  return typeof code === 'string' ? refused(code) : undefined;
}

/** The error's code goes into logs, so it has to look like one. */
function refused(code: string): TokenResult {
  return { ok: false, kind: 'refused', error: WORD.test(code) ? code : 'unnamed_error' };
}

function unexpected(): TokenResult {
  return { ok: false, kind: 'fault', fault: { code: 'provider-unexpected' } };
}

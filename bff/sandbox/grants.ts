import { createHash, timingSafeEqual } from 'node:crypto';
import { digest, secretOf } from './secrets.ts';
import type { Code, Grant, OAuthClient, RefreshToken, Service } from './state.ts';
import type { World } from './world.ts';

const CODE_LIFETIME = 5 * 60_000;
const REFRESH_TOKEN_LIFETIME = 90 * 24 * 3_600_000;

/** Whether this person already said yes to this client for exactly or at least these scopes. */
export function hasConsented(
  world: World,
  client: OAuthClient,
  person: string,
  scopes: string[],
  rule: 'same' | 'covers',
): boolean {
  const consent = world.data.consents.find((c) => c.client === client.id && c.person === person);
  if (!consent) return false;
  const covers = scopes.every((scope) => consent.scopes.includes(scope));
  return rule === 'covers' ? covers : covers && consent.scopes.length === scopes.length;
}

/** Remembers the person's yes; a later one takes the place of the earlier. */
export function giveConsent(world: World, client: OAuthClient, person: string, scopes: string[]): void {
  const { data } = world;
  data.consents = data.consents.filter((c) => !(c.client === client.id && c.person === person));
  data.consents.push({ service: client.service, person, client: client.id, scopes, at: world.now() });
  world.changed();
}

/** A new authorization code, good once and for five minutes. */
export function issueCode(
  world: World,
  client: OAuthClient,
  person: string,
  request: { redirectUri: string | null; challenge: string | null; scopes: string[] },
): string {
  const code = secretOf(client.service === 'github' ? 20 : 40);
  const now = world.now();
  world.data.codes = world.data.codes.filter((c) => c.expiresAt > now);
  world.data.codes.push({
    hash: digest(code),
    service: client.service,
    person,
    client: client.id,
    redirectUri: request.redirectUri,
    challenge: request.challenge,
    scopes: [...request.scopes],
    expiresAt: now + CODE_LIFETIME,
  });
  world.changed();
  return code;
}

/**
 * Takes a code out of the world. Null when it is unknown, used, expired, of another client, for another redirect URI, or
 * when its challenge is not met. A presented code is spent even when the rest is wrong.
 */
export function redeemCode(
  world: World,
  client: OAuthClient,
  code: string,
  proof: { redirectUri: string | null; verifier: string | null },
): Code | null {
  const hash = digest(code);
  const found = world.data.codes.find((c) => c.hash === hash);
  if (!found || found.client !== client.id) return null;
  world.data.codes = world.data.codes.filter((c) => c !== found);
  world.changed();
  if (found.expiresAt <= world.now()) return null;
  if (found.redirectUri !== null && proof.redirectUri !== found.redirectUri) return null;
  if (found.challenge !== null) {
    const answer = createHash('sha256')
      .update(proof.verifier ?? '')
      .digest('base64url');
    if (proof.verifier === null || answer !== found.challenge) return null;
  }
  return found;
}

/** A new token family. */
export function createGrant(
  world: World,
  client: OAuthClient,
  person: string | null,
  scopes: string[],
): Grant {
  const grant: Grant = {
    id: secretOf(16),
    service: client.service,
    person,
    client: client.id,
    scopes,
    createdAt: world.now(),
  };
  world.data.grants.push(grant);
  return grant;
}

/** Adds an access token to a grant; `lifetimeMs` null for one that does not expire. */
export function issueAccessToken(world: World, grant: Grant, token: string, lifetimeMs: number | null): void {
  const now = world.now();
  world.data.accessTokens = world.data.accessTokens.filter((t) => t.expiresAt === null || t.expiresAt > now);
  world.data.accessTokens.push({
    hash: digest(token),
    grant: grant.id,
    expiresAt: lifetimeMs === null ? null : now + lifetimeMs,
  });
  world.changed();
}

/** Makes `token` the current refresh token of a grant; the ones before count as rotated away from now on. */
export function issueRefreshToken(world: World, grant: Grant, token: string): void {
  const now = world.now();
  for (const old of world.data.refreshTokens) {
    if (old.grant === grant.id && old.rotatedAt === null) old.rotatedAt = now;
  }
  world.data.refreshTokens.push({ hash: digest(token), grant: grant.id, issuedAt: now, rotatedAt: null });
  world.changed();
}

export type FoundRefreshToken =
  | { state: 'current' | 'rotated'; token: RefreshToken; grant: Grant }
  | { state: 'expired' | 'revoked' | 'unknown' };

/** Looks a refresh token up for this client; tokens of other clients are unknown to it. */
export function findRefreshToken(world: World, client: OAuthClient, value: string): FoundRefreshToken {
  const hash = digest(value);
  const token = world.data.refreshTokens.find((t) => t.hash === hash);
  if (!token) return { state: world.data.revokedRefreshTokens.includes(hash) ? 'revoked' : 'unknown' };
  const grant = world.data.grants.find((g) => g.id === token.grant && g.client === client.id);
  if (!grant) return { state: 'unknown' };
  if (client.service === 'bitbucket' && token.issuedAt + REFRESH_TOKEN_LIFETIME <= world.now()) {
    return { state: 'expired' };
  }
  return { state: token.rotatedAt === null ? 'current' : 'rotated', token, grant };
}

/** The grant behind an access token of this service that is still good, else null. */
export function grantOf(world: World, service: Service, accessToken: string): Grant | null {
  const hash = digest(accessToken);
  const token = world.data.accessTokens.find((t) => t.hash === hash);
  if (!token || (token.expiresAt !== null && token.expiresAt <= world.now())) return null;
  return world.data.grants.find((g) => g.id === token.grant && g.service === service) ?? null;
}

/** Removes grants with all their tokens; their refresh tokens are remembered as revoked. */
export function dropGrants(world: World, which: (grant: Grant) => boolean): void {
  const { data } = world;
  const gone = new Set(data.grants.filter(which).map((g) => g.id));
  data.revokedRefreshTokens.push(
    ...data.refreshTokens.filter((t) => gone.has(t.grant)).map((token) => token.hash),
  );
  data.grants = data.grants.filter((g) => !gone.has(g.id));
  data.accessTokens = data.accessTokens.filter((t) => !gone.has(t.grant));
  data.refreshTokens = data.refreshTokens.filter((t) => !gone.has(t.grant));
  world.changed();
}

/** Client id and secret of an HTTP Basic header, else null. */
export function basicCredentials(header: string | null | undefined): { id: string; secret: string } | null {
  const encoded = /^basic\s+([a-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) return null;
  try {
    // RFC 6749 has both parts form-encoded before they are joined.
    return {
      id: decodeURIComponent(decoded.slice(0, colon)),
      secret: decodeURIComponent(decoded.slice(colon + 1)),
    };
  } catch {
    return null;
  }
}

/** The client with this id and secret at a service, else null. */
export function authenticate(
  world: World,
  service: Service,
  credentials: { id: string; secret: string } | null,
): OAuthClient | null {
  if (!credentials) return null;
  const client = world.data.clients.find((c) => c.service === service && c.id === credentials.id);
  if (!client) return null;
  const [given, wanted] = [digest(credentials.secret), digest(client.secret)];
  return timingSafeEqual(Buffer.from(given), Buffer.from(wanted)) ? client : null;
}

/** The token of an `Authorization: Bearer` header, else null. */
export function bearerToken(header: string | null | undefined): string | null {
  return /^(?:bearer)\s+(\S+)$/i.exec(header ?? '')?.[1] ?? null;
}

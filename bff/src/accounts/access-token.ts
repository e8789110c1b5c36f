/**
 * The access token of a connection, refreshed when its time is up: by one process at a time, with the rotated tokens
 * stored before anyone uses them. Bitbucket spends a refresh token with its first use, so two at once lose the grant.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { EndReason, GrantRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { Fault } from '../http.ts';
import { askAboutClient, refreshTokens, type TokenResult, type Tokens } from '../providers/oauth.ts';
import type { Provider } from '../providers/provider.ts';
import { endGrant } from './end-grant.ts';
import { missingScopes, sealTokens } from './grant.ts';
import { judgeRefusal } from './judge-refusal.ts';
import { clientAcceptedAt, noteClientAccepted } from './oauth-client.ts';

/**
 * `none`: there is no grant (never, or no longer). `ended`: the grant is dead and was taken out just now.
 * `fault`: the provider could not be asked, or its refusal proves nothing (`grant-doubtful`).
 */
export type AccessToken =
  | { ok: true; token: string; version: number; scopes: string[] }
  | { ok: false; kind: 'none' }
  | { ok: false; kind: 'ended'; reason: EndReason }
  | { ok: false; kind: 'fault'; fault: Fault | { code: 'grant-doubtful' } };

export type TokenWanted = {
  connectionId: string;
  provider: Provider;
  /** The version that the API just refused; asks for a newer one. */
  refusedVersion?: number;
  /** Refresh although the token would still do, to keep the grant from dying of disuse. */
  renew?: boolean;
};

/** Refresh this long before the end, for clocks that disagree; never more than half of a short life. */
const MARGIN = 5 * 60_000;
/** Longer than all calls of one refresh (two tries and the question about the client), so it never ends under them. */
const LEASE_SECONDS = 30;
const POLL = 100;
const PATIENCE = 15_000;
/** Before a refusal is believed it is asked for once more, after this long. */
const SECOND_THOUGHT = 1_000;
/** Bitbucket forgets a refresh token that was not used for three months. */
const IDLE_DEATH = 90 * 86_400_000;

/** Finds a usable access token. Never throws for what a provider does. */
export async function getAccessToken(deps: Deps, wanted: TokenWanted): Promise<AccessToken> {
  const until = Date.now() + PATIENCE;
  let refusalsBefore: number | undefined;
  for (;;) {
    const grant = await readGrant(deps, wanted.connectionId);
    if (!grant) return { ok: false, kind: 'none' };
    refusalsBefore ??= grant.refusals;
    // Whoever held the lease was refused while we waited: asking again at once would learn nothing.
    if (grant.refusals > refusalsBefore)
      return { ok: false, kind: 'fault', fault: { code: 'grant-doubtful' } };
    if (isUsable(grant, wanted, deps.now())) return opened(deps, grant);
    if (!grant.refreshToken) return end(deps, grant, 'revoked');
    const holder = randomUUID();
    if (await takeLease(deps, grant, holder)) return refresh(deps, wanted, grant, holder);
    if (Date.now() > until) return { ok: false, kind: 'fault', fault: { code: 'provider-timeout' } };
    await delay(POLL);
  }
}

function readGrant({ db }: Deps, connectionId: string): Promise<GrantRow | undefined> {
  return db.selectFrom('grant').selectAll().where('connectionId', '=', connectionId).executeTakeFirst();
}

function isUsable(grant: GrantRow, { refusedVersion, renew }: TokenWanted, now: Date): boolean {
  if (refusedVersion !== undefined) return grant.version > refusedVersion;
  if (renew && grant.refreshToken) return false;
  if (!grant.expiresAt) return true;
  const life = grant.expiresAt.getTime() - grant.issuedAt.getTime();
  return grant.expiresAt.getTime() - now.getTime() > Math.min(MARGIN, life / 2);
}

function opened({ sealer }: Deps, grant: GrantRow): AccessToken {
  const token = sealer.open(grant.accessToken, `grant/${grant.connectionId}/access_token`);
  return { ok: true, token, version: grant.version, scopes: grant.scopes };
}

async function takeLease({ db }: Deps, grant: GrantRow, holder: string): Promise<boolean> {
  const taken = await db
    .updateTable('grant')
    .set({ refreshHolder: holder, refreshUntil: sql<Date>`now() + make_interval(secs => ${LEASE_SECONDS})` })
    .where('connectionId', '=', grant.connectionId)
    .where('version', '=', grant.version)
    .where((eb) => eb.or([eb('refreshUntil', 'is', null), eb('refreshUntil', '<', sql<Date>`now()`)]))
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

async function refresh(
  deps: Deps,
  wanted: TokenWanted,
  grant: GrantRow,
  holder: string,
): Promise<AccessToken> {
  const { provider } = wanted;
  const refreshToken = deps.sealer.open(
    grant.refreshToken ?? '',
    `grant/${grant.connectionId}/refresh_token`,
  );
  const ask = async () => {
    const result = await refreshTokens(provider, deps.outbound, refreshToken);
    if (result.ok) await noteClientAccepted(deps.db, provider, deps.now());
    return result;
  };

  let result = await ask();
  if (isAmbiguous(result)) {
    await delay(SECOND_THOUGHT);
    result = await ask();
  }
  if (result.ok) return store(deps, provider, grant, holder, result.tokens);
  if (result.kind === 'fault') {
    await giveLeaseBack(deps, grant, holder, { refreshLost: true });
    return { ok: false, kind: 'fault', fault: result.fault };
  }
  return judge(deps, wanted, grant, holder, result.error);
}

function isAmbiguous(result: TokenResult): boolean {
  return !result.ok && result.kind === 'refused' && result.error !== 'invalid_grant';
}

/** The new refresh token exists nowhere else, so a database that stumbles is asked again before it is given up. */
async function store(
  deps: Deps,
  provider: Provider,
  grant: GrantRow,
  holder: string,
  tokens: Tokens,
): Promise<AccessToken> {
  const scopes = tokens.scopes ?? grant.scopes;
  const version = grant.version + 1;
  const sealed = sealTokens(deps.sealer, grant.connectionId, tokens, deps.now());
  for (let attempt = 1; ; attempt += 1) {
    try {
      const stored = await deps.db
        .updateTable('grant')
        .set({
          ...sealed,
          scopes,
          version,
          refreshLost: false,
          refreshHolder: null,
          refreshUntil: null,
          refusals: 0,
          firstRefusedAt: null,
        })
        .where('connectionId', '=', grant.connectionId)
        .where('version', '=', grant.version)
        .where('refreshHolder', '=', holder)
        .executeTakeFirst();
      // Disconnected or granted again meanwhile: these tokens belong to nobody any more.
      if (stored.numUpdatedRows === 0n) return await readAgain(deps, grant);
      break;
    } catch (error) {
      if (attempt === 3) throw error;
      await delay(attempt * 200);
    }
  }
  await deps.db
    .updateTable('connection')
    .set({ missingScopes: missingScopes(provider, scopes) })
    .where('id', '=', grant.connectionId)
    .execute();
  return { ok: true, token: tokens.accessToken, version, scopes };
}

async function readAgain(deps: Deps, { connectionId }: GrantRow): Promise<AccessToken> {
  const grant = await readGrant(deps, connectionId);
  return grant ? opened(deps, grant) : { ok: false, kind: 'none' };
}

async function judge(
  deps: Deps,
  wanted: TokenWanted,
  grant: GrantRow,
  holder: string,
  error: string,
): Promise<AccessToken> {
  const now = deps.now();
  const firstRefusedAt = grant.firstRefusedAt ?? now;
  const refusals = grant.refusals + 1;
  const accessTokenRefused =
    wanted.refusedVersion === grant.version && (grant.expiresAt === null || grant.expiresAt > now);
  const client = await judgeClient(deps, wanted.provider, error, firstRefusedAt);
  const refusedFor = now.getTime() - firstRefusedAt.getTime();
  const judgement = judgeRefusal({ error, accessTokenRefused, client, refusals, refusedFor });
  deps.log.warn({ connection: grant.connectionId, error, client, refusals, judgement }, 'refresh refused');
  if (judgement === 'doubtful') {
    await giveLeaseBack(deps, grant, holder, { refusals, firstRefusedAt });
    return { ok: false, kind: 'fault', fault: { code: 'grant-doubtful' } };
  }
  if (now.getTime() - grant.issuedAt.getTime() >= IDLE_DEATH) return end(deps, grant, 'expired');
  // After a lost answer the provider may only be refusing a token that it rotated: nobody need have revoked anything.
  const revoked = accessTokenRefused || (error === 'invalid_grant' && !grant.refreshLost);
  return end(deps, grant, revoked ? 'revoked' : 'unusable');
}

async function judgeClient(deps: Deps, provider: Provider, error: string, firstRefusedAt: Date) {
  if (error === 'invalid_grant') return 'accepted';
  const acceptedAt = await clientAcceptedAt(deps.db, provider);
  // Somebody else's exchange or refresh went through since: it is not the client.
  if (acceptedAt && acceptedAt > firstRefusedAt) return 'accepted';
  return askAboutClient(provider, deps.outbound);
}

async function giveLeaseBack(
  { db }: Deps,
  grant: GrantRow,
  holder: string,
  seen: { refreshLost?: true; refusals?: number; firstRefusedAt?: Date },
): Promise<void> {
  await db
    .updateTable('grant')
    .set({ ...seen, refreshHolder: null, refreshUntil: null })
    .where('connectionId', '=', grant.connectionId)
    .where('refreshHolder', '=', holder)
    .execute();
}

async function end(deps: Deps, grant: GrantRow, reason: EndReason): Promise<AccessToken> {
  const { connectionId, version } = grant;
  const ended = await endGrant(deps, { connectionId, version, reason });
  return ended ? { ok: false, kind: 'ended', reason } : readAgain(deps, grant);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

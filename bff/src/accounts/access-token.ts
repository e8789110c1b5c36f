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
import { newTokens, sealTokens } from './grant.ts';
import { IDLE_DEATH, judgeRefusal, SPELL } from './judge-refusal.ts';
import { isInSpell, noteRefreshed } from './oauth-client.ts';

/**
 * `none`: there is no grant (never, or no longer). `ended`: the grant is dead and was taken out just now.
 * `fault`: the provider could not be asked, its refusal proves nothing (`grant-doubtful`), or another process is still
 * refreshing (`refresh-under-way`).
 */
export type AccessToken =
  | { ok: true; token: string; version: number; scopes: string[]; expiresAt: Date | null }
  | { ok: false; kind: 'none' }
  | { ok: false; kind: 'ended'; reason: EndReason }
  | { ok: false; kind: 'fault'; fault: Fault | { code: 'grant-doubtful' | 'refresh-under-way' } };

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
/** How long others wait for the one who refreshes. */
const PATIENCE = 10_000;
/** Before a refusal is believed it is asked for once more, after this long. */
const SECOND_THOUGHT = 1_000;
/** Waits between tries to store rotated tokens, in milliseconds: a database that restarts is back within them. */
const STORE_AGAIN = [200, 400, 800, 1_600, 2_000];

/** Finds a usable access token. Never throws for what a provider does. */
export async function getAccessToken(deps: Deps, wanted: TokenWanted): Promise<AccessToken> {
  const until = Date.now() + PATIENCE;
  let refusedBefore: number | undefined;
  for (;;) {
    const grant = await readGrant(deps, wanted.connectionId);
    if (!grant) return { ok: false, kind: 'none' };
    if (isUsable(grant, wanted, deps.now())) return opened(deps, grant);
    const { refusedVersion } = wanted;
    if (!grant.refreshToken)
      return end(deps, grant, refusedVersion === grant.version ? 'revoked' : 'unusable');
    // Whoever held the lease was refused while we waited: asking again at once would learn nothing.
    const refusedAt = grant.lastRefusedAt?.getTime() ?? 0;
    refusedBefore ??= refusedAt;
    if (refusedAt > refusedBefore) return doubtful();
    const holder = randomUUID();
    if (await takeLease(deps, grant, holder)) {
      // A lease that ran out was left by a process that died: what it was answered, nobody knows.
      const refreshLost = grant.refreshLost || grant.refreshUntil !== null;
      return refresh(deps, wanted, { ...grant, refreshLost }, holder);
    }
    if (Date.now() > until) return { ok: false, kind: 'fault', fault: { code: 'refresh-under-way' } };
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
  const left = grant.expiresAt.getTime() - now.getTime();
  // Nothing could replace it, so it is used to its very end.
  if (!grant.refreshToken) return left > 0;
  const life = grant.expiresAt.getTime() - grant.issuedAt.getTime();
  return left > Math.min(MARGIN, life / 2);
}

function opened({ sealer }: Deps, grant: GrantRow): AccessToken {
  const token = sealer.open(grant.accessToken, `grant/${grant.connectionId}/access_token`);
  return { ok: true, token, version: grant.version, scopes: grant.scopes, expiresAt: grant.expiresAt };
}

async function takeLease({ db }: Deps, grant: GrantRow, holder: string): Promise<boolean> {
  const taken = await db
    .updateTable('grant')
    .set({
      refreshHolder: holder,
      refreshLost: grant.refreshLost || grant.refreshUntil !== null,
      refreshUntil: sql<Date>`now() + make_interval(secs => ${LEASE_SECONDS})`,
    })
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
  const place = `grant/${grant.connectionId}/refresh_token` as const;
  const refreshToken = deps.sealer.open(grant.refreshToken ?? '', place);

  let askedAt = deps.now();
  let result = await refreshTokens(provider, deps.outbound, refreshToken);
  if (isAmbiguous(result)) {
    await delay(SECOND_THOUGHT);
    askedAt = deps.now();
    result = await refreshTokens(provider, deps.outbound, refreshToken);
  }
  if (result.ok) {
    const stored = await store(deps, grant, result.tokens, askedAt);
    await noteRefreshed(deps.db, provider, askedAt).catch((error: unknown) => {
      deps.log.warn({ err: error }, 'a refresh could not be noted');
    });
    return stored;
  }
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
async function store(deps: Deps, grant: GrantRow, tokens: Tokens, issuedAt: Date): Promise<AccessToken> {
  const scopes = tokens.scopes ?? grant.scopes;
  const sealed = sealTokens(deps.sealer, grant.connectionId, tokens, issuedAt);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const stored = await deps.db
        .updateTable('grant')
        .set({
          ...sealed,
          scopes,
          ...newTokens(),
        })
        .where('connectionId', '=', grant.connectionId)
        // The version alone decides, not the lease: whoever got the tokens has the only ones that still work.
        .where('version', '=', grant.version)
        .returning('version')
        .executeTakeFirst();
      if (!stored) return await readAgain(deps, grant);
      const { accessToken: token } = tokens;
      return { ok: true, token, version: stored.version, scopes, expiresAt: sealed.expiresAt };
    } catch (error) {
      const wait = STORE_AGAIN[attempt];
      if (wait === undefined) throw error;
      await delay(wait);
    }
  }
}

/** Disconnected, or granted again, meanwhile: only what came after is worth anything. */
async function readAgain(deps: Deps, { connectionId, version }: GrantRow): Promise<AccessToken> {
  const grant = await readGrant(deps, connectionId);
  if (!grant) return { ok: false, kind: 'none' };
  return grant.version > version ? opened(deps, grant) : doubtful();
}

async function judge(
  deps: Deps,
  { provider, refusedVersion }: TokenWanted,
  grant: GrantRow,
  holder: string,
  error: string,
): Promise<AccessToken> {
  const { connectionId, version, refreshLost } = grant;
  const now = deps.now();
  const definite = error === 'invalid_grant';
  const inSpell = !definite && (await isInSpell(deps.db, provider, connectionId, now));
  const firstRefusedAt = grant.firstRefusedAt ?? now;
  const refusedFor = now.getTime() - firstRefusedAt.getTime();
  // A spell's refusal does not count, nor one that follows on the heels of another.
  const counts = !inSpell && refusedFor >= grant.refusals * SPELL;
  const refusals = grant.refusals + (counts ? 1 : 0);
  const accessTokenRefused =
    refusedVersion === version && (grant.expiresAt === null || grant.expiresAt > now);
  const client = definite ? 'accepted' : await askAboutClient(provider, deps.outbound);
  const idleFor = now.getTime() - grant.issuedAt.getTime();
  const evidence = { error, accessTokenRefused, client, inSpell, refusals, refusedFor, idleFor };
  const judgement = judgeRefusal(evidence);
  deps.log.warn({ connection: connectionId, judgement, ...evidence }, 'refresh refused');

  if (judgement === 'doubtful') {
    // What a client that is refused itself hears says nothing about this grant.
    const counted = client === 'accepted' ? { refusals, firstRefusedAt } : {};
    await giveLeaseBack(deps, grant, holder, { ...counted, lastRefusedAt: now });
    // Not only when somebody looks: what the next refusal proves must not wait for the usual sweep.
    const sweepAt = new Date(now.getTime() + SPELL + 60_000);
    await deps.db.updateTable('connection').set({ sweepAt }).where('id', '=', connectionId).execute();
    return doubtful();
  }
  if (idleFor >= IDLE_DEATH) return end(deps, grant, 'expired');
  // After a lost answer the provider may only be refusing a token that it rotated: nobody need have revoked anything.
  const revoked = accessTokenRefused || (definite && !refreshLost);
  return end(deps, grant, revoked ? 'revoked' : 'unusable');
}

async function giveLeaseBack(
  { db }: Deps,
  grant: GrantRow,
  holder: string,
  seen: { refreshLost?: true; refusals?: number; firstRefusedAt?: Date; lastRefusedAt?: Date },
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

function doubtful(): AccessToken {
  return { ok: false, kind: 'fault', fault: { code: 'grant-doubtful' } };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

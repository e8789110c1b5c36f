/** A live look at one connection: asks the provider who the grant belongs to, and stores what that proves. */

import type { ConnectionRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { Provider, Refusal } from '../providers/provider.ts';
import { type AccessToken, getAccessToken } from './access-token.ts';
import { endGrant } from './end-grant.ts';

/**
 * Looks under way in this process, so that ten tabs opened at once cost one call. Only those: a look that ended before
 * the person revoked the app must not answer for one that begins after it.
 */
const underWay = new WeakMap<Deps, Map<string, Promise<void>>>();

/**
 * Looks, and leaves the result in the connection's row: confirmed, ended with its reason, or not confirmed with the
 * provider's fault. Never throws for what a provider does. `renew` also refreshes the grant, against death by disuse.
 */
export async function lookAtConnection(
  deps: Deps,
  connectionId: string,
  { renew = false } = {},
): Promise<void> {
  const looks = underWay.get(deps) ?? new Map<string, Promise<void>>();
  underWay.set(deps, looks);
  const running = looks.get(connectionId);
  if (running) return running;
  const look = lookOnce(deps, connectionId, renew).finally(() => looks.delete(connectionId));
  looks.set(connectionId, look);
  return look;
}

async function lookOnce(deps: Deps, connectionId: string, renew: boolean): Promise<void> {
  const connection = await deps.db
    .selectFrom('connection')
    .selectAll()
    .where('id', '=', connectionId)
    .executeTakeFirst();
  const provider = connection && deps.providers.get(connection.provider);
  if (!provider || connection.state !== 'connected') return;
  const now = deps.now().getTime();
  // The provider asked to be left alone until then; asking would only make it longer.
  if (connection.faultRetryAt && connection.faultRetryAt.getTime() > now) return;

  const token = await getAccessToken(deps, { connectionId, provider, renew });
  if (!token.ok) return settleWithoutToken(deps, connectionId, token);
  const refusal = await confirm(deps, connection, provider, token.token);
  if (refusal?.kind !== 'unauthorized') return settleRefusal(deps, connectionId, refusal);

  const fresh = await getAccessToken(deps, { connectionId, provider, refusedVersion: token.version });
  if (!fresh.ok) return settleWithoutToken(deps, connectionId, fresh);
  const second = await confirm(deps, connection, provider, fresh.token);
  if (second?.kind === 'unauthorized') {
    // Even a token issued a moment ago is refused: the grant gives no access any more.
    await endGrant(deps, { connectionId, version: fresh.version, reason: 'revoked' });
    return;
  }
  return settleRefusal(deps, connectionId, second);
}

/** Asks who the token belongs to; stores the proof, or returns what stood in its way. */
async function confirm(
  deps: Deps,
  connection: ConnectionRow,
  provider: Provider,
  token: string,
): Promise<Refusal | null> {
  const answer = await provider.readAccount(token);
  if (!answer.ok) return answer.refusal;
  const { accountId, nickname, url } = answer.value;
  if (accountId !== connection.accountId) return { kind: 'fault', fault: { code: 'provider-unexpected' } };
  const at = deps.now();
  await deps.db
    .updateTable('connection')
    .set({ nickname, accountUrl: url, confirmedAt: at, checkedAt: at, fault: null, faultRetryAt: null })
    .where('id', '=', connection.id)
    // Disconnected, or another account, while we asked: this proof is about something else.
    .where('accountId', '=', accountId)
    .where('state', '=', 'connected')
    .execute();
  return null;
}

async function settleWithoutToken(
  deps: Deps,
  connectionId: string,
  token: AccessToken & { ok: false },
): Promise<void> {
  if (token.kind !== 'fault') return;
  await storeFault(deps, connectionId, token.fault);
}

async function settleRefusal(deps: Deps, connectionId: string, refusal: Refusal | null): Promise<void> {
  if (refusal?.kind === 'scope-missing') {
    await storeFault(deps, connectionId, { code: 'scope-missing' });
    await deps.db
      .updateTable('connection')
      .set({ missingScopes: refusal.missing })
      .where('id', '=', connectionId)
      .execute();
  }
  if (refusal?.kind === 'fault') await storeFault(deps, connectionId, refusal.fault);
}

async function storeFault(
  deps: Deps,
  connectionId: string,
  fault: { code: string; retryAt?: Date },
): Promise<void> {
  await deps.db
    .updateTable('connection')
    .set({ checkedAt: deps.now(), fault: fault.code, faultRetryAt: fault.retryAt ?? null })
    .where('id', '=', connectionId)
    .where('state', '=', 'connected')
    .execute();
}

/** A live look at one connection: asks the provider who the grant belongs to, and stores what that proves. */
import type { ConnectionRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { Provider, Refusal } from '../providers/provider.ts';
import { type AccessToken, getAccessToken } from './access-token.ts';
import { endGrant } from './end-grant.ts';
import { missingScopes } from './grant.ts';

/** A look of this process that is under way, and the one that follows it for everyone who came meanwhile. */
type Look = { done: Promise<void>; next: Promise<void> | null };

const underWay = new WeakMap<Deps, Map<string, Look>>();

/**
 * Looks, and leaves the result in the connection's row: confirmed, ended with its reason, or not confirmed with the
 * provider's fault. Never throws for what a provider does. `renew` also refreshes the grant, against death by disuse.
 * Any number of callers at once cost two looks: one that began before the person revoked the app must not answer for
 * those who ask after it.
 */
export function lookAtConnection(deps: Deps, connectionId: string, { renew = false } = {}): Promise<void> {
  const looks = underWay.get(deps) ?? new Map<string, Look>();
  underWay.set(deps, looks);
  const begin = () => {
    const look: Look = { done: Promise.resolve(), next: null };
    look.done = lookOnce(deps, connectionId, renew).finally(() => {
      if (looks.get(connectionId) === look) looks.delete(connectionId);
    });
    looks.set(connectionId, look);
    return look.done;
  };
  const running = looks.get(connectionId);
  if (!running) return begin();
  running.next ??= running.done.catch(() => undefined).then(begin);
  return running.next;
}

async function lookOnce(deps: Deps, connectionId: string, renew: boolean): Promise<void> {
  const connection = await deps.db
    .selectFrom('connection')
    .selectAll()
    .where('id', '=', connectionId)
    .executeTakeFirst();
  const provider = connection && deps.providers.get(connection.provider);
  if (!provider || connection.state !== 'connected') return;
  const began = deps.now();
  // The provider asked to be left alone until then; asking would only make it longer.
  if (connection.faultRetryAt && connection.faultRetryAt > began) return;

  const result = await ask(deps, connection, provider, renew);
  if (result) await storeFault(deps, connection, result, began);
}

type LookFault = { code: string; retryAt?: Date; missing?: string[] };

/** Asks, once more with a refreshed token if the first was refused; returns what kept it from being an answer. */
async function ask(
  deps: Deps,
  connection: ConnectionRow,
  provider: Provider,
  renew: boolean,
): Promise<LookFault | null> {
  const connectionId = connection.id;
  const token = await getAccessToken(deps, { connectionId, provider, renew });
  if (!token.ok) return faultOf(token);
  const refusal = await confirm(deps, connection, provider, token);
  if (refusal?.kind !== 'unauthorized') return readRefusal(refusal);

  const fresh = await getAccessToken(deps, { connectionId, provider, refusedVersion: token.version });
  if (!fresh.ok) return faultOf(fresh);
  const second = await confirm(deps, connection, provider, fresh);
  if (second?.kind !== 'unauthorized') return readRefusal(second);
  // A token that lives for seconds may have run out on the way; that says nothing about the grant.
  if (fresh.expiresAt && fresh.expiresAt <= deps.now()) return { code: 'provider-unexpected' };
  // Even a token issued a moment ago is refused: the grant gives no access any more, whoever saw to that.
  await endGrant(deps, { connectionId, version: fresh.version, reason: 'unusable' });
  return null;
}

/** Asks who the token belongs to; stores the proof, or returns what stood in its way. */
async function confirm(
  deps: Deps,
  connection: ConnectionRow,
  provider: Provider,
  { token, scopes }: AccessToken & { ok: true },
): Promise<Refusal | null> {
  const answer = await provider.readAccount(token);
  if (!answer.ok) return answer.refusal;
  const { accountId, nickname, url } = answer.value;
  if (accountId !== connection.accountId) return { kind: 'fault', fault: { code: 'provider-unexpected' } };
  const at = deps.now();
  await deps.db
    .updateTable('connection')
    .set({
      nickname,
      accountUrl: url,
      confirmedAt: at,
      checkedAt: at,
      fault: null,
      faultRetryAt: null,
      missingScopes: missingScopes(provider, scopes),
    })
    .where('id', '=', connection.id)
    // Disconnected, or another account, while we asked: this proof is about something else.
    .where('accountId', '=', accountId)
    .where('state', '=', 'connected')
    .execute();
  return null;
}

function faultOf(token: AccessToken & { ok: false }): LookFault | null {
  return token.kind === 'fault' ? token.fault : null;
}

function readRefusal(refusal: Refusal | null): LookFault | null {
  if (refusal?.kind === 'scope-missing') return { code: 'scope-missing', missing: refusal.missing };
  return refusal?.kind === 'fault' ? refusal.fault : null;
}

async function storeFault(
  { db, now }: Deps,
  { id }: ConnectionRow,
  fault: LookFault,
  began: Date,
): Promise<void> {
  await db
    .updateTable('connection')
    .set({
      checkedAt: now(),
      fault: fault.code,
      faultRetryAt: fault.retryAt ?? null,
      ...(fault.missing ? { missingScopes: fault.missing } : {}),
    })
    .where('id', '=', id)
    .where('state', '=', 'connected')
    // What was proved since this look began is newer than what kept this look from proving it.
    .where((eb) => eb.or([eb('confirmedAt', 'is', null), eb('confirmedAt', '<=', began)]))
    .execute();
}

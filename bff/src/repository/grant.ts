/** Asking about repositories with the grant of a person: the token is refreshed once when it is refused, for all calls. */
import { type AccessToken, getAccessToken } from '../accounts/access-token.ts';
import { lookAtConnection } from '../accounts/check.ts';
import type { EndReason } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { Fault } from '../http.ts';
import type { Provider } from '../providers/provider.ts';
import type {
  Permission,
  RepositoryAccess,
  RepositoryAnswer,
  RepositoryRefusal,
} from '../providers/repository-access.ts';

export type NoGrant = {
  kind: 'no-grant';
  /** `not-connected`: there was never one, or the person disconnected it. */
  reason: 'not-connected' | EndReason;
  /** When that was seen. */
  endedAt: Date | null;
};

/** Whether the grant lives could not be found out; says nothing about it. */
export type Doubt = { kind: 'doubtful'; code: 'grant-doubtful' | 'refresh-under-way' };
export type GrantRefusal = Exclude<RepositoryRefusal, { kind: 'unauthorized' }> | NoGrant | Doubt;
export type GrantUse<T> = { ok: true; value: T } | { ok: false; why: GrantRefusal };

/** A call, given the token and what can be called. */
export type Question<T> = (token: string, access: RepositoryAccess) => Promise<RepositoryAnswer<T>>;
/** Asks with one person's grant; any number of calls at once share a refresh. */
export type Asker = <T>(ask: Question<T>) => Promise<GrantUse<T>>;

/** Asks with the grant of a person: refreshes once on 401. Never throws for what a provider does. */
export async function askAs<T>(deps: Deps, profileId: string, ask: Question<T>): Promise<GrantUse<T>> {
  return (await openGrant(deps, profileId))(ask);
}

/** Finds a person's token; where there is none, every question is answered with the reason, and nobody is asked. */
export async function openGrant(deps: Deps, profileId: string): Promise<Asker> {
  const provider = deps.providers.get('bitbucket');
  const access = provider?.repositories;
  const connection = await readConnection(deps, profileId);
  if (!provider || !access || connection?.state !== 'connected') return refuse(noGrant(connection));
  const connectionId = connection.id;
  const first = await getAccessToken(deps, { connectionId, provider });
  if (!first.ok) return refuse(await readTokenRefusal(deps, profileId, first));

  let renewal: Promise<AccessToken> | undefined;
  let judgement: Promise<GrantRefusal> | undefined;
  return async (ask) => {
    const answer = await ask(first.token, access);
    if (answer.ok) return answer;
    if (answer.refusal.kind !== 'unauthorized') return { ok: false, why: answer.refusal };
    renewal ??= getAccessToken(deps, { connectionId, provider, refusedVersion: first.version });
    const second = await renewal;
    if (!second.ok) return { ok: false, why: await readTokenRefusal(deps, profileId, second) };
    const again = await ask(second.token, access);
    if (again.ok) return again;
    if (again.refusal.kind !== 'unauthorized') return { ok: false, why: again.refusal };
    judgement ??= judge(deps, profileId, connectionId);
    return { ok: false, why: await judgement };
  };
}

export type AdminProof =
  | { kind: 'admin' }
  /** `permission` null: none was given by name, and none has come another way. */
  | { kind: 'not-admin'; permission: 'write' | 'read' | null }
  | { kind: 'not-found' }
  | { kind: 'scope-missing'; missing: string[] }
  | NoGrant
  | { kind: 'fault'; fault: Fault | { code: Doubt['code'] } };

/**
 * Whether a person has admin right on a repository, really asked: the right given to them by name; when there is none,
 * the list of deploy keys, which only admins may read (the right can come by a group, too).
 */
export async function proveAdmin(
  deps: Deps,
  profileId: string,
  { uuid, fullName }: { uuid: string; fullName: string },
): Promise<AdminProof> {
  const ask = await openGrant(deps, profileId);
  const readPermission = (name: string) => ask((token, access) => access.readPermission(token, name));
  const [repository, named] = await Promise.all([
    ask((token, access) => access.readRepository(token, { uuid })),
    readPermission(fullName),
  ]);
  if (!repository.ok) return proofOf(repository.why);
  // Rights are found by name alone, and the name may be another repository's by now.
  const present = repository.value.fullName;
  const permission = present === fullName ? named : await readPermission(present);
  if (permission.ok && permission.value !== null) return judgeRight(permission.value);
  const silent = permission.ok || ['not-found', 'forbidden'].includes(permission.why.kind);
  if (!permission.ok && !silent) return proofOf(permission.why);
  const keys = await ask((token, access) => access.listKeys(token, { uuid }));
  return keys.ok ? { kind: 'admin' } : proofOf(keys.why);
}

function judgeRight(permission: Permission): AdminProof {
  return permission === 'admin' ? { kind: 'admin' } : { kind: 'not-admin', permission };
}

function proofOf(why: GrantRefusal): AdminProof {
  switch (why.kind) {
    case 'forbidden':
      return { kind: 'not-admin', permission: null };
    case 'doubtful':
      return { kind: 'fault', fault: { code: why.code } };
    case 'rejected':
      return { kind: 'fault', fault: { code: 'provider-unexpected' } };
    default:
      return why;
  }
}

function refuse(why: GrantRefusal): Asker {
  return async () => ({ ok: false, why });
}

function readConnection({ db }: Deps, profileId: string) {
  return db
    .selectFrom('connection')
    .select(['id', 'state', 'reason', 'reasonAt'])
    .where('profileId', '=', profileId)
    .where('provider', '=', 'bitbucket' satisfies Provider['facts']['id'])
    .executeTakeFirst();
}

function noGrant(connection: { reason: EndReason | null; reasonAt: Date | null } | undefined): NoGrant {
  const reason = connection?.reason ?? 'not-connected';
  return { kind: 'no-grant', reason, endedAt: connection?.reasonAt ?? null };
}

async function readTokenRefusal(
  deps: Deps,
  profileId: string,
  token: AccessToken & { ok: false },
): Promise<GrantRefusal> {
  if (token.kind !== 'fault') return noGrant(await readConnection(deps, profileId));
  const { code } = token.fault;
  if (code === 'grant-doubtful' || code === 'refresh-under-way') return { kind: 'doubtful', code };
  return { kind: 'fault', fault: { ...token.fault, code } };
}

/**
 * Two tokens were refused, the second one issued a moment ago. A repository's address is known to answer 401 also for
 * what one may not see, so the account itself is asked before the grant counts as dead.
 */
async function judge(deps: Deps, profileId: string, connectionId: string): Promise<GrantRefusal> {
  await lookAtConnection(deps, connectionId);
  const connection = await readConnection(deps, profileId);
  if (connection?.state === 'connected') {
    return { kind: 'fault', fault: { code: 'provider-unexpected' } };
  }
  return noGrant(connection);
}

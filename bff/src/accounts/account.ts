/** The account page's data: the person, their connections as stored, and a connection that waits for their word. */
import type { ConnectionRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { Provider, ProviderId } from '../providers/provider.ts';
import { type ConnectionView, viewConnection } from './connection-view.ts';
import { findWaiting } from './waiting.ts';

export type AccountView = {
  screenName: string;
  email: string;
  avatarUrl: string | null;
  connections: ConnectionView[];
  waiting: WaitingView | null;
};

export type WaitingView = {
  id: string;
  kind: 'email-taken' | 'different-account';
  provider: ProviderId;
  name: string;
  nickname: string;
  /** Who is connected at this provider now; null: nobody. */
  previousNickname: string | null;
  email: string | null;
  at: string;
};

/** Reads what is stored; asks no provider. */
export async function readAccount(
  deps: Deps,
  profileId: string,
  browser: string | undefined,
): Promise<AccountView> {
  const [profile, rows, waiting] = await Promise.all([
    deps.db.selectFrom('profile').selectAll().where('id', '=', profileId).executeTakeFirstOrThrow(),
    readConnections(deps, profileId),
    findWaiting(deps.db, { profileId, browser, now: deps.now() }),
  ]);
  const waitingProvider = waiting && deps.providers.get(waiting.provider);
  return {
    screenName: profile.screenName,
    email: profile.email,
    avatarUrl: profile.avatarUrl,
    connections: [...deps.providers.values()].map((provider) => viewOf(deps, provider, rows)),
    waiting:
      waiting && waitingProvider
        ? {
            id: waiting.id,
            kind: waiting.kind,
            provider: waiting.provider,
            name: waitingProvider.facts.name,
            nickname: waiting.account.nickname,
            previousNickname: rows.find((row) => row.provider === waiting.provider)?.nickname ?? null,
            email: waiting.email,
            at: waiting.at.toISOString(),
          }
        : null,
  };
}

/** One connection as stored. */
export async function readConnection(
  deps: Deps,
  profileId: string,
  provider: Provider,
): Promise<ConnectionView> {
  return viewOf(deps, provider, await readConnections(deps, profileId));
}

/** Connections of a profile, whatever their state. */
export function readConnections({ db }: Pick<Deps, 'db'>, profileId: string): Promise<ConnectionRow[]> {
  return db.selectFrom('connection').selectAll().where('profileId', '=', profileId).execute();
}

/** A connection logs in whatever its state, as long as its provider is configured: a revoked one asks for consent again. */
export function isLastWayIn(
  deps: Pick<Deps, 'providers'>,
  rows: ConnectionRow[],
  provider: ProviderId,
): boolean {
  return !rows.some((row) => row.provider !== provider && deps.providers.has(row.provider));
}

function viewOf(deps: Deps, provider: Provider, rows: ConnectionRow[]): ConnectionView {
  const row = rows.find((candidate) => candidate.provider === provider.facts.id) ?? null;
  return viewConnection(provider, row, row !== null && isLastWayIn(deps, rows, provider.facts.id));
}

/** A connection as the account page shows it: one of three truthful states, with what is known and since when. Pure. */
import type { ConnectionRow, EndReason } from '../db/schema.ts';
import type { FaultCode } from '../http.ts';
import type { Provider, ProviderId } from '../providers/provider.ts';

export type ConnectionFault = FaultCode | 'grant-doubtful' | 'refresh-under-way' | 'scope-missing';

export type ConnectionView = {
  provider: ProviderId;
  name: Provider['facts']['name'];
  /** `unconfirmed`: connected as far as we know, but the provider could not be asked just now. */
  state: 'connected' | 'unconfirmed' | 'not-connected';
  account: { nickname: string; url: string } | null;
  since: string | null;
  /** When the provider last proved it. */
  confirmedAt: string | null;
  /** When it was last asked. */
  checkedAt: string | null;
  granted: 'private-and-public-repositories' | 'profile-only' | 'insufficient' | 'not-said' | null;
  missingScopes: string[];
  reason: { code: 'never-connected' | EndReason; seenAt: string | null } | null;
  fault: { code: ConnectionFault; at: string | null; retryAt: string | null } | null;
  /** Taking it away would leave no way to log in. */
  lastWayIn: boolean;
  /** Where the person sees and revokes this app at the provider. */
  authorizedAppsUrl: string;
};

/** `row` null: this profile has never had one, or disconnected it. */
export function viewConnection(
  provider: Provider,
  row: ConnectionRow | null,
  lastWayIn: boolean,
): ConnectionView {
  const { facts, config } = provider;
  const base = {
    provider: facts.id,
    name: facts.name,
    authorizedAppsUrl: config.webUrl + facts.authorizedAppsPath,
  };
  if (!row) {
    return {
      ...base,
      state: 'not-connected',
      account: null,
      since: null,
      confirmedAt: null,
      checkedAt: null,
      granted: null,
      missingScopes: [],
      reason: { code: 'never-connected', seenAt: null },
      fault: null,
      lastWayIn: false,
    };
  }
  const connected = row.state === 'connected';
  return {
    ...base,
    state: !connected ? 'not-connected' : row.fault ? 'unconfirmed' : 'connected',
    account: { nickname: row.nickname, url: row.accountUrl },
    since: connected ? row.connectedAt.toISOString() : null,
    confirmedAt: row.confirmedAt?.toISOString() ?? null,
    checkedAt: row.checkedAt?.toISOString() ?? null,
    granted: connected ? granted(provider, row) : null,
    missingScopes: (connected && row.missingScopes) || [],
    reason: row.reason && { code: row.reason, seenAt: row.reasonAt?.toISOString() ?? null },
    fault: row.fault ? viewFault(row) : null,
    lastWayIn,
  };
}

function granted(provider: Provider, row: ConnectionRow): ConnectionView['granted'] {
  if (!provider.facts.repositoryScopes) return 'profile-only';
  if (!row.missingScopes) return 'not-said';
  return row.missingScopes.length > 0 ? 'insufficient' : 'private-and-public-repositories';
}

function viewFault(row: ConnectionRow) {
  return {
    code: row.fault as ConnectionFault,
    at: row.checkedAt?.toISOString() ?? null,
    retryAt: row.faultRetryAt?.toISOString() ?? null,
  };
}

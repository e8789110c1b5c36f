/** The tokens behind a connection, sealed before they reach the database. */
import { sql } from 'kysely';
import type { Db, Tx } from '../db/connect.ts';
import type { NewGrant } from '../db/schema.ts';
import type { Tokens } from '../providers/oauth.ts';
import type { Provider } from '../providers/provider.ts';
import type { Sealer } from '../seal.ts';

/** Stores a new grant in place of whatever the connection had. */
export async function storeGrant(
  db: Db | Tx,
  { sealer, connectionId, tokens, now }: { sealer: Sealer; connectionId: string; tokens: Tokens; now: Date },
): Promise<void> {
  const sealed = sealTokens(sealer, connectionId, tokens, now);
  const row: NewGrant = {
    connectionId,
    ...sealed,
    refreshToken: sealed.refreshToken ?? null,
    scopes: tokens.scopes ?? [],
  };
  await db
    .insertInto('grant')
    .values(row)
    // A new version, so that a refresh of the old tokens that is under way finds itself outdated.
    .onConflict((conflict) =>
      conflict.column('connectionId').doUpdateSet({
        ...row,
        ...newTokens(),
      }),
    )
    .execute();
}

/** What is true of tokens that were just issued: a version that none ever had, nobody refreshing, nothing refused. */
export function newTokens() {
  return {
    version: sql<number>`nextval('grant_version')`,
    refreshHolder: null,
    refreshUntil: null,
    refreshLost: false,
    refusals: 0,
    firstRefusedAt: null,
    lastRefusedAt: null,
  };
}

/** The columns that a pair of tokens fills; `refreshToken` is left out when the answer held none. */
export function sealTokens(sealer: Sealer, connectionId: string, tokens: Tokens, now: Date) {
  const { accessToken, refreshToken, expiresIn } = tokens;
  return {
    accessToken: sealer.seal(accessToken, `grant/${connectionId}/access_token`),
    ...(refreshToken
      ? { refreshToken: sealer.seal(refreshToken, `grant/${connectionId}/refresh_token`) }
      : {}),
    issuedAt: now,
    expiresAt: expiresIn === null ? null : new Date(now.getTime() + expiresIn * 1000),
  };
}

/** The scopes that connecting repositories needs and this grant lacks; null where the provider does not say. */
export function missingScopes(provider: Provider, scopes: readonly string[]): string[] | null {
  const needed = provider.facts.repositoryScopes;
  if (!needed) return [];
  if (scopes.length === 0) return null;
  // `pullrequest`, `repository:write` and `project` bring `repository` with them; `repository:admin` does not.
  const implied = ['repository:write', 'pullrequest', 'pullrequest:write', 'project'];
  const reads = scopes.some((scope) => implied.includes(scope));
  return needed.filter((scope) => !scopes.includes(scope) && !(scope === 'repository' && reads));
}

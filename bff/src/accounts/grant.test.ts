import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { expireAccessTokens, revokeAccess } from '../../sandbox/play.ts';
import { personNamed } from '../../sandbox/world.ts';
import { type Browser, createBrowser } from '../../test/browser.ts';
import { type Product, startProduct } from '../../test/product.ts';
import { getAccessToken } from './access-token.ts';
import { lookAtConnection } from './check.ts';
import type { ConnectionView } from './connection-view.ts';
import { disconnect } from './disconnect.ts';
import { endGrant } from './end-grant.ts';
import { missingScopes } from './grant.ts';

const MINUTES = 60_000;
const HOURS = 60 * MINUTES;
const DAYS = 24 * HOURS;

async function nora(options?: Parameters<typeof startProduct>[0]) {
  const product = await startProduct(options);
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', 'nora');
  const connection = await product.deps.db.selectFrom('connection').selectAll().executeTakeFirstOrThrow();
  const bitbucket = product.deps.providers.get('bitbucket');
  if (!bitbucket) throw new Error('Bitbucket is not configured.');
  product.sandbox.requests.clear();
  return { product, browser, connection, wanted: { connectionId: connection.id, provider: bitbucket } };
}

function refreshes({ sandbox }: Product): number {
  return sandbox.requests({ service: 'bitbucket', method: 'POST', path: '/site/oauth2/access_token' }).length;
}

async function look(browser: Browser): Promise<ConnectionView> {
  const response = await browser.api('POST', '/api/connections/bitbucket/check');
  expect(response.status).toBe(200);
  return (await response.json()) as ConnectionView;
}

function revoke({ sandbox }: Product, nickname = 'nora'): void {
  revokeAccess(sandbox.world, 'bitbucket', personNamed(sandbox.world, 'bitbucket', nickname).id);
}

test('TR-01 fifty who need a token at once, on two replicas, cost one refresh and all get one', async () => {
  const { product, wanted } = await nora();
  const replica = await product.replica();
  product.travel(2 * HOURS);
  const asked = Array.from({ length: 50 }, (_, index) =>
    getAccessToken(index % 2 ? product.deps : replica.deps, wanted),
  );
  const tokens = await Promise.all(asked);
  expect(refreshes(product)).toBe(1);
  expect(new Set(tokens.map((token) => token.ok && token.token)).size).toBe(1);
  expect(tokens.every((token) => token.ok)).toBe(true);
});

test('a token that has time left is used as it is', async () => {
  const { product, wanted } = await nora();
  product.travel(HOURS);
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
  expect(refreshes(product)).toBe(0);
});

test('tokens of 4 kB and more fit, and refreshing goes on from the rotated one', async () => {
  const { product, wanted } = await nora();
  product.sandbox.world.data.quirks.accessTokenLength = 5_000;
  for (let round = 0; round < 3; round += 1) {
    product.travel(2 * HOURS);
    const token = await getAccessToken(product.deps, wanted);
    expect(token).toMatchObject({ ok: true });
    expect(token.ok && token.token.length).toBe(5_000);
  }
});

test('an answer without a new refresh token keeps the old one', async () => {
  const { product, wanted } = await nora();
  product.travel(2 * HOURS);
  product.sandbox.faults.set('bitbucket:token', 'no-refresh-token', { times: 1 });
  const before = await product.deps.db.selectFrom('grant').select('refreshToken').executeTakeFirstOrThrow();
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
  const after = await product.deps.db.selectFrom('grant').select('refreshToken').executeTakeFirstOrThrow();
  expect(after).toEqual(before);
});

test('the rotated token is stored before it is used', async () => {
  const { product, wanted } = await nora();
  product.travel(2 * HOURS);
  await failWrites(product, 'grant', 'update', 'new.access_token <> old.access_token');
  await expect(getAccessToken(product.deps, wanted)).rejects.toThrow();
  const used = product.sandbox.requests({ service: 'bitbucket', method: 'GET', path: '/2.0/user' });
  expect(used).toEqual([]);
});

test('a database that stumbles once does not cost the rotated token', async () => {
  const { product, wanted } = await nora();
  product.travel(2 * HOURS);
  await failWrites(
    product,
    'grant',
    'update',
    `new.access_token <> old.access_token and nextval('stumbles') < 2`,
  );
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
  product.travel(2 * HOURS);
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
});

test('TR-03 a crash between the answer and the commit ends at worst in "grant access again", never in a loop', async () => {
  const { product, browser, wanted } = await nora();
  product.travel(2 * HOURS);
  await failWrites(product, 'grant', 'update', 'new.access_token <> old.access_token');
  await expect(getAccessToken(product.deps, wanted)).rejects.toThrow();
  await healWrites(product, 'grant');
  // The lease of the dead process runs out.
  await sql`update "grant" set refresh_until = now() - interval '1 second'`.execute(product.deps.db);

  expect(await look(browser)).toMatchObject({ state: 'unconfirmed', fault: { code: 'grant-doubtful' } });
  product.travel(6 * MINUTES);
  expect(await look(browser)).toMatchObject({ state: 'unconfirmed', fault: { code: 'grant-doubtful' } });
  product.travel(6 * MINUTES);
  expect(await look(browser)).toMatchObject({ state: 'not-connected', reason: { code: 'unusable' } });
  await browser.grant('bitbucket', 'nora');
  expect(await look(browser)).toMatchObject({ state: 'connected' });
});

test('a process that died while refreshing holds nobody up for longer than its lease', async () => {
  const { product, wanted } = await nora();
  product.travel(2 * HOURS);
  await sql`update "grant" set refresh_holder = gen_random_uuid(), refresh_until = now() + interval '1 second'`.execute(
    product.deps.db,
  );
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
});

test('TR-04 a refresh that ends after "Disconnect" brings nothing back', async () => {
  const { product, browser, connection, wanted } = await nora();
  await browser.grant('github', 'ines-moreau');
  product.travel(2 * HOURS);
  const provider = wanted.provider;
  const refreshing = getAccessToken(product.deps, wanted);
  await disconnect(product.deps, { profileId: connection.profileId, provider });
  expect(['none', undefined]).toContain(
    await refreshing.then((token) => ('kind' in token ? token.kind : undefined)),
  );
  const left = await product.deps.db
    .selectFrom('grant')
    .select('connectionId')
    .where('connectionId', '=', connection.id)
    .execute();
  expect(left).toEqual([]);
});

test('one unauthorized_client is not a revocation: the next try goes through', async () => {
  const { product, browser } = await nora();
  expireAccessTokens(product.sandbox.world, 'bitbucket');
  product.sandbox.faults.set('bitbucket:token', 'unauthorized-client', { times: 1 });
  expect(await look(browser)).toMatchObject({ state: 'connected', fault: null });
});

test('unauthorized_client for everyone is our client or a spell at Bitbucket, and ends nobody’s connection', async () => {
  const { product, browser } = await nora();
  product.travel(2 * HOURS);
  const fault = product.sandbox.faults.set('bitbucket:token', 'unauthorized-client');
  expect(await look(browser)).toMatchObject({ state: 'unconfirmed', fault: { code: 'grant-doubtful' } });
  product.travel(DAYS);
  expect(await look(browser)).toMatchObject({ state: 'unconfirmed', fault: { code: 'grant-doubtful' } });
  product.sandbox.faults.clear(fault);
  expect(await look(browser)).toMatchObject({ state: 'connected', fault: null });
});

test('a wrong client secret ends nobody’s connection, even when access tokens died early', async () => {
  const { product, browser } = await nora();
  browser.at(await product.replica({ BITBUCKET_CLIENT_SECRET: 'not-the-secret' }));
  expireAccessTokens(product.sandbox.world, 'bitbucket');
  expect(await look(browser)).toMatchObject({ state: 'unconfirmed', fault: { code: 'grant-doubtful' } });
  browser.at(product);
  expect(await look(browser)).toMatchObject({ state: 'connected' });
});

test('a spell in which valid tokens are refused ends nobody’s connection', async () => {
  const { product, browser } = await nora();
  const other = createBrowser(product);
  await other.signIn('bitbucket', 'tomas');
  const { world } = product.sandbox;
  world.data.quirks.lockoutMs = 5 * 60_000;
  product.travel(2 * HOURS);
  const client = world.data.clients.find((each) => each.service === 'bitbucket');
  world.data.lockouts[client?.id ?? ''] = world.now() + 5 * 60_000;
  expect(await look(browser)).toMatchObject({ state: 'unconfirmed' });
  expect(await look(other)).toMatchObject({ state: 'unconfirmed' });
  product.travel(6 * 60_000);
  expect(await look(browser)).toMatchObject({ state: 'connected' });
  expect(await look(other)).toMatchObject({ state: 'connected' });
});

test.each(['unauthorized_client', 'invalid_grant', 'invalid_request'] as const)(
  'a revocation shows at the next look, when Bitbucket refuses the refresh with %s',
  async (answer) => {
    const { product, browser } = await nora();
    product.sandbox.world.data.quirks.revokedRefresh = answer;
    revoke(product);
    const seen = await look(browser);
    expect(seen).toMatchObject({
      state: 'not-connected',
      reason: { code: 'revoked' },
      account: { nickname: 'nora' },
    });
    expect(new Date(seen.reason?.seenAt ?? '').getTime()).toBeLessThanOrEqual(product.deps.now().getTime());
    expect(await product.deps.db.selectFrom('grant').selectAll().execute()).toEqual([]);
  },
);

test('a revocation that lets refreshing go on shows as well', async () => {
  const { product, browser } = await nora();
  product.sandbox.faults.set('bitbucket:GET /2.0/user', '401');
  expect(await look(browser)).toMatchObject({ state: 'not-connected', reason: { code: 'unusable' } });
  expect(refreshes(product)).toBe(1);
});

test('a grant that died of disuse says so', async () => {
  const { product, connection } = await nora();
  product.sandbox.faults.set('bitbucket:token', 'invalid-grant');
  product.travel(91 * DAYS);
  // Nobody is logged in any more after so long; the background looks, or the person after another way in.
  await lookAtConnection(product.deps, connection.id);
  const stored = await product.deps.db.selectFrom('connection').selectAll().executeTakeFirstOrThrow();
  expect(stored).toMatchObject({ state: 'not-connected', reason: 'expired' });
});

test('UP-02 a rate limit is honoured on every replica until Bitbucket’s time', async () => {
  const { product, browser } = await nora();
  const replica = await product.replica();
  product.sandbox.faults.set('bitbucket:GET /2.0/user', '429-retry-after', { retryAfter: 120, times: 1 });
  expect(await look(browser)).toMatchObject({
    state: 'unconfirmed',
    fault: { code: 'provider-rate-limited' },
  });
  product.sandbox.requests.clear();
  browser.at(replica);
  product.travel(60_000);
  expect(await look(browser)).toMatchObject({
    state: 'unconfirmed',
    fault: { code: 'provider-rate-limited' },
  });
  expect(product.sandbox.requests({ service: 'bitbucket' })).toEqual([]);
  product.travel(61_000);
  expect(await look(browser)).toMatchObject({ state: 'connected' });
});

test('looks that begin while one is under way share the one that follows it', async () => {
  const { product, connection } = await nora();
  await Promise.all([1, 2, 3, 4, 5].map(() => lookAtConnection(product.deps, connection.id)));
  expect(product.sandbox.requests({ service: 'bitbucket', path: '/2.0/user' })).toHaveLength(2);
});

test('a look that begins after a revocation does not take the answer of one that began before it', async () => {
  const { product, connection } = await nora();
  const before = lookAtConnection(product.deps, connection.id);
  revoke(product);
  await Promise.all([before, lookAtConnection(product.deps, connection.id)]);
  const stored = await product.deps.db.selectFrom('connection').select('state').executeTakeFirstOrThrow();
  expect(stored.state).toBe('not-connected');
});

test('a spell that one dead grant brings about ends nobody else’s, however often people look', async () => {
  const { product, browser, connection } = await nora();
  const other = createBrowser(product);
  await other.signIn('bitbucket', 'tomas');
  const { world } = product.sandbox;
  world.data.quirks.lockoutMs = 5 * MINUTES;
  product.travel(2 * HOURS);
  // Her refresh token was rotated away and the answer lost: each time it is shown, Bitbucket refuses everyone.
  const client = world.data.clients.find((each) => each.service === 'bitbucket')?.id ?? '';
  for (const token of world.data.refreshTokens) {
    const grant = world.data.grants.find((each) => each.id === token.grant);
    if (grant?.person === connection.accountId) token.rotatedAt = world.now();
  }
  for (let round = 0; round < 5; round += 1) {
    await look(browser);
    expect(world.data.lockouts[client] ?? 0).toBeGreaterThan(0);
    expect((await look(other)).state).not.toBe('not-connected');
    product.travel(6 * MINUTES);
  }
  expect(await look(other)).toMatchObject({ state: 'connected' });
  expect(await look(browser)).toMatchObject({ state: 'not-connected', reason: { code: 'unusable' } });
});

test('one doubtful grant does not hide the revocation of another', async () => {
  const { product, browser } = await nora();
  const other = createBrowser(product);
  product.travel(2 * HOURS);
  revoke(product);
  expect(await look(browser)).toMatchObject({ state: 'unconfirmed' });
  await other.signIn('bitbucket', 'tomas');
  revoke(product, 'tomas');
  expect(await look(other)).toMatchObject({ state: 'not-connected', reason: { code: 'revoked' } });
});

test('a refresh that a killed process left behind counts as one whose answer was lost', async () => {
  const { product, connection } = await nora();
  product.travel(2 * HOURS);
  await sql`update "grant" set refresh_holder = gen_random_uuid(), refresh_until = now() - interval '1 second'`.execute(
    product.deps.db,
  );
  product.sandbox.faults.set('bitbucket:token', 'invalid-grant');
  await lookAtConnection(product.deps, connection.id);
  const stored = await product.deps.db.selectFrom('connection').selectAll().executeTakeFirstOrThrow();
  expect(stored).toMatchObject({ state: 'not-connected', reason: 'unusable' });
});

test('a revocation that is seen late, when no access token lives any more, is proved within minutes', async () => {
  const { product, connection } = await nora();
  product.travel(3 * HOURS);
  revoke(product);
  await lookAtConnection(product.deps, connection.id);
  const { sweepAt } = await product.deps.db
    .selectFrom('connection')
    .select('sweepAt')
    .executeTakeFirstOrThrow();
  expect(sweepAt.getTime()).toBeLessThanOrEqual(product.deps.now().getTime() + 11 * MINUTES);
  product.travel(11 * MINUTES);
  await lookAtConnection(product.deps, connection.id);
  const stored = await product.deps.db.selectFrom('connection').select('state').executeTakeFirstOrThrow();
  expect(stored.state).toBe('not-connected');
});

test('a holder whose lease ran out keeps the tokens that it got', async () => {
  const { product, wanted } = await nora();
  product.travel(2 * HOURS);
  await failWrites(
    product,
    'grant',
    'update',
    'new.access_token <> old.access_token and new.refresh_holder is not null',
  );
  const refreshing = getAccessToken(product.deps, wanted);
  await sql`update "grant" set refresh_holder = null, refresh_until = null`.execute(product.deps.db);
  expect(await refreshing).toMatchObject({ ok: true });
  product.travel(2 * HOURS);
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
});

test('a note that cannot be written costs no token', async () => {
  const { product, wanted } = await nora();
  product.travel(2 * HOURS);
  await failWrites(product, 'oauth_client', 'insert or update', 'true');
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: true });
  expect(refreshes(product)).toBe(1);
});

test('an old look ends no newer grant', async () => {
  const { product, browser, connection, wanted } = await nora();
  const before = await getAccessToken(product.deps, wanted);
  await endGrant(product.deps, {
    connectionId: connection.id,
    version: before.ok ? before.version : 0,
    reason: 'revoked',
  });
  await browser.grant('bitbucket', 'nora');
  const late = {
    connectionId: connection.id,
    version: before.ok ? before.version : 0,
    reason: 'revoked',
  } as const;
  expect(await endGrant(product.deps, late)).toBe(false);
  expect(await look(browser)).toMatchObject({ state: 'connected' });
});

test('a provider that does not say what it granted is not taken to have granted everything', async () => {
  const { product, browser } = await nora();
  await sql`update "grant" set scopes = '{}'`.execute(product.deps.db);
  expect(await look(browser)).toMatchObject({ granted: 'not-said', missingScopes: [] });
});

test.each([
  [['account', 'email', 'repository', 'repository:admin', 'webhook'], []],
  [['account', 'email', 'pullrequest', 'repository:admin', 'webhook'], []],
  [['account', 'email', 'repository:admin', 'webhook'], ['repository']],
  [
    ['account', 'email'],
    ['repository', 'repository:admin', 'webhook'],
  ],
  // An answer that does not name its scopes proves nothing.
  [[], null],
])('of the scopes %j a repository connection lacks %j', async (scopes, missing) => {
  const { wanted } = await nora();
  expect(missingScopes(wanted.provider, scopes)).toEqual(missing);
});

test('a client with too few scopes is named on the row', async () => {
  const { product, browser } = await nora();
  product.travel(2 * HOURS);
  product.sandbox.faults.set('bitbucket:token', 'fewer-scopes', { times: 1 });
  const seen = await look(browser);
  expect(seen.granted).toBe('insufficient');
  expect(seen.missingScopes.length).toBeGreaterThan(0);
});

/** Lets every write that fits the condition fail, as a broken disk would. */
async function failWrites(
  { deps: { db } }: Product,
  table: string,
  verb: string,
  condition: string,
): Promise<void> {
  const name = `fail_${table}`;
  await sql`create sequence if not exists stumbles`.execute(db);
  await sql`create or replace function ${sql.raw(name)}() returns trigger language plpgsql as
    $$ begin if ${sql.raw(condition)} then raise exception 'disk on fire'; end if; return new; end $$`.execute(
    db,
  );
  await sql`create or replace trigger ${sql.raw(name)} before ${sql.raw(verb)} on ${sql.table(table)}
    for each row execute function ${sql.raw(name)}()`.execute(db);
}

async function healWrites({ deps: { db } }: Product, table: string): Promise<void> {
  await sql`drop trigger ${sql.raw(`fail_${table}`)} on ${sql.table(table)}`.execute(db);
}

test('after a lost answer a refused token is called unusable: nobody need have revoked it', async () => {
  const { product, connection, wanted } = await nora({ outboundDeadline: 1_000 });
  product.travel(2 * HOURS);
  product.sandbox.faults.set('bitbucket:token', 'answer-lost', { times: 1 });
  expect(await getAccessToken(product.deps, wanted)).toMatchObject({ ok: false, kind: 'fault' });
  product.sandbox.faults.set('bitbucket:token', 'invalid-grant');
  await lookAtConnection(product.deps, connection.id);
  const stored = await product.deps.db.selectFrom('connection').selectAll().executeTakeFirstOrThrow();
  expect(stored).toMatchObject({ state: 'not-connected', reason: 'unusable' });
});

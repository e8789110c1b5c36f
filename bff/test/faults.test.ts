/**
 * UP-01, the fault matrix: every call that the product makes to a provider, times every way in which a provider can go
 * wrong. Whatever happens, the person gets a true sentence in time, nothing is changed that the provider did not prove,
 * and all is well again when the provider is.
 */
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { FaultTarget } from '../sandbox/faults.ts';
import type { ConnectionView } from '../src/accounts/connection-view.ts';
import { createApp } from '../src/app.ts';
import { createDeps } from '../src/deps.ts';
import { type Browser, createBrowser, type Provider } from './browser.ts';
import { MODES } from './fault-modes.ts';
import { type Product, startProduct } from './product.ts';

type Mode = keyof typeof MODES;
const modes = Object.keys(MODES) as Mode[];

/** For calls that would never end. What other calls take is no matter here, so they get the usual deadline. */
const HASTY = 300;
/** Far more than the few deadlines of one request; without a deadline a call hangs for ever, or drips for minutes. */
const BOUND = 20_000;
/** Longer than looks share an answer, and than a rate limit of the sandbox lasts. */
const LATER = 130_000;

/** The answer was given and did not arrive: at GitLab, which knows no grace, the grant is lost with it. */
const LOST: readonly Mode[] = ['drip', 'cut', 'malformed'];

/** A refresh is never sent twice and an answer that was lost may have been given, so a grant recovers only in this time. */
const GRACE = 10 * 60_000;

function isWaiting(mode: Mode): boolean {
  return MODES[mode] === 'provider-timeout';
}

/** The same product with less patience for providers. */
function hasty(product: Product): Product {
  const { config, log, db, jobs, sealer, now } = product.deps;
  const deps = createDeps({ config, log, database: { db }, jobs, sealer, now, outboundDeadline: HASTY });
  return { ...product, deps, app: createApp(deps, null) };
}

async function inTime<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started, `${what} ends in time`).toBeLessThan(BOUND);
  return result;
}

/** Everything that only a proof may change. Walks end with a problem, and the client may have been accepted. */
async function snapshot({ deps: { db } }: Product) {
  const read = (table: string) => sql<object>`select * from ${sql.table(table)}`.execute(db);
  const tables = ['profile', 'connection', 'grant', 'session', 'organization', 'membership'];
  const rows = await Promise.all(tables.map(async (table) => [table, (await read(table)).rows] as const));
  const waiting = await db
    .selectFrom('signInAttempt')
    .select('id')
    .where('waitingTokens', 'is not', null)
    .execute();
  return { ...Object.fromEntries(rows), waiting };
}

type Problem = { code: string; retryAt?: string | null };

/** The problem that the page shows after a walk. */
async function problemOf(browser: Browser, path: string): Promise<Problem | null> {
  const attempt = new URL(path, 'http://page').searchParams.get('attempt');
  const { problem } = await browser.json<{ problem: Problem | null }>(`/api/sign-in-attempts/${attempt}`);
  return problem;
}

/** GET is asked once more after what may pass at once; anything else is asked once. */
function callsFor(method: string, mode: Mode, readers: number): number {
  const again = ['provider-error', 'provider-unreachable'].includes(MODES[mode]);
  return method === 'GET' && again ? 2 * readers : readers;
}

type Call = { service: Provider; method: 'GET' | 'POST' | 'DELETE'; path: string; readers: number };
const target = ({ service, method, path }: Call): FaultTarget => `${service}:${method} ${path}`;

const TOKEN: Record<Provider, Call> = {
  bitbucket: { service: 'bitbucket', method: 'POST', path: '/site/oauth2/access_token', readers: 1 },
  github: { service: 'github', method: 'POST', path: '/login/oauth/access_token', readers: 1 },
  gitlab: { service: 'gitlab', method: 'POST', path: '/oauth/token', readers: 1 },
};
const USER: Record<Provider, Call> = {
  bitbucket: { service: 'bitbucket', method: 'GET', path: '/2.0/user', readers: 1 },
  github: { service: 'github', method: 'GET', path: '/user', readers: 1 },
  // Account and address are read from the same place, for one reason each.
  gitlab: { service: 'gitlab', method: 'GET', path: '/api/v4/user', readers: 2 },
};
const EMAILS = {
  bitbucket: { service: 'bitbucket', method: 'GET', path: '/2.0/user/emails', readers: 1 },
  github: { service: 'github', method: 'GET', path: '/user/emails', readers: 1 },
} as const satisfies Record<string, Call>;
const WITHDRAW = {
  github: { service: 'github', method: 'DELETE', path: '/applications/*/grant', readers: 1 },
  gitlab: { service: 'gitlab', method: 'POST', path: '/oauth/revoke', readers: 1 },
} as const satisfies Record<string, Call>;

const NEWCOMER: Record<Provider, string> = { bitbucket: 'nora', github: 'ines-moreau', gitlab: 'kaspar' };

/** Counts how often the call was made while `work` went on, and that no redirect was followed. */
async function struck<T>(product: Product, call: Call, mode: Mode, work: () => Promise<T>): Promise<T> {
  const { faults, requests } = product.sandbox;
  requests.clear();
  faults.set(target(call), mode);
  const result = await inTime(`${call.method} ${call.path} with ${mode}`, work);
  faults.clear();
  const { service, method, path, readers } = call;
  expect(requests({ service, method, path, fault: mode }), mode).toHaveLength(
    callsFor(method, mode, readers),
  );
  expect(requests({ path: '/redirected' }), 'redirects that were followed').toEqual([]);
  return result;
}

const signingIn: Call[] = [...Object.values(TOKEN), ...Object.values(USER), ...Object.values(EMAILS)];

describe.each(signingIn)('logging in while $service goes wrong at $method $path', (call) => {
  test('ends on the page it began on, with the right sentence and no session, until all is well', async () => {
    const product = await startProduct();
    const quick = hasty(product);
    const before = await snapshot(product);
    for (const mode of modes) {
      const browser = createBrowser(isWaiting(mode) ? quick : product);
      const landing = await struck(product, call, mode, () =>
        browser.signIn(call.service, NEWCOMER[call.service], 'sign-up'),
      );
      expect(landing.path, mode).toMatch(/^\/signup\?attempt=[0-9a-f-]{36}$/);
      expect(await problemOf(browser, landing.path), mode).toEqual({
        code: MODES[mode],
        retryAt: mode === '429-retry-after' ? expect.stringMatching(/^\d{4}-/) : null,
      });
      expect(browser.cookies().has('__Host-session'), mode).toBe(false);
      expect((await browser.api('GET', '/api/account')).status, mode).toBe(401);
      expect(await snapshot(product), mode).toEqual(before);
    }
    const landing = await createBrowser(product).signIn(call.service, NEWCOMER[call.service], 'sign-up');
    expect(landing.path).toBe('/organizations/new');
  });
});

test.each(Object.values(EMAILS))(
  'who is known gets in although $service cannot be asked for the address',
  async (call) => {
    const product = await startProduct();
    const quick = hasty(product);
    await createBrowser(product).signIn(call.service, NEWCOMER[call.service], 'sign-up');
    for (const mode of modes) {
      const browser = createBrowser(isWaiting(mode) ? quick : product);
      await struck(product, call, mode, () => browser.signIn(call.service, NEWCOMER[call.service]));
      expect((await browser.api('GET', '/api/account')).status, mode).toBe(200);
    }
  },
);

async function look(browser: Browser, service: Provider): Promise<ConnectionView> {
  const response = await browser.api('POST', `/api/connections/${service}/check`);
  expect(response.status).toBe(200);
  return (await response.json()) as ConnectionView;
}

/** Looks at one connection through every mode; between looks the provider is well again. */
async function lookThroughAll(
  service: Provider,
  call: Call,
  prepare: (product: Product) => Promise<unknown>,
) {
  const product = await startProduct();
  product.sandbox.world.data.quirks.refreshGraceMs = GRACE;
  const quick = hasty(product);
  const browser = createBrowser(product);
  await browser.signIn(service, NEWCOMER[service], 'sign-up');
  let well = (await browser.json<{ connections: ConnectionView[] }>('/api/account')).connections.find(
    ({ provider }) => provider === service,
  );
  for (const mode of modes) {
    product.travel(LATER);
    await prepare(product);
    browser.at(isWaiting(mode) ? quick : product);
    const seen = await struck(product, call, mode, () => look(browser, service));
    expect(seen, mode).toMatchObject({
      state: 'unconfirmed',
      reason: null,
      account: well?.account,
      since: well?.since,
      confirmedAt: well?.confirmedAt,
      granted: well?.granted,
      missingScopes: [],
      fault: {
        code: MODES[mode],
        at: expect.any(String),
        retryAt: mode === '429-retry-after' ? expect.any(String) : null,
      },
    });
    // The page, opened anew, says the same without asking anybody.
    const { connections } = await browser.json<{ connections: ConnectionView[] }>('/api/account');
    expect(
      connections.find(({ provider }) => provider === service),
      mode,
    ).toEqual(seen);

    product.travel(LATER);
    browser.at(product);
    well = await look(browser, service);
    if (service === 'gitlab' && call === TOKEN.gitlab && LOST.includes(mode)) {
      expect(well, `after ${mode}`).toMatchObject({ state: 'not-connected', account: seen.account });
      await browser.grant(service, NEWCOMER[service]);
      product.travel(LATER);
      well = await look(browser, service);
    }
    expect(well, `after ${mode}`).toMatchObject({ state: 'connected', fault: null, reason: null });
  }
}

test.each(['bitbucket', 'github', 'gitlab'] as const)(
  'a look at a connection never takes a fault of %s for a revocation, and recovers at the next look',
  async (service) => {
    await lookThroughAll(service, { ...USER[service], readers: 1 }, async () => undefined);
  },
);

test.each(['bitbucket', 'gitlab'] as const)(
  'nor does a refresh at %s, which is sent once and not again',
  async (service) => {
    await lookThroughAll(service, TOKEN[service], ({ deps }) =>
      deps.db.updateTable('grant').set({ expiresAt: deps.now() }).execute(),
    );
  },
);

test.each([
  { call: WITHDRAW.github, other: 'pim' },
  { call: WITHDRAW.gitlab, other: 'tomas' },
])('disconnecting is done here although $call.service cannot be told', async ({ call, other }) => {
  const product = await startProduct();
  const quick = hasty(product);
  const browser = createBrowser(product);
  const { service } = call;
  await browser.signIn(service, NEWCOMER[service], 'sign-up');
  await browser.grant('bitbucket', other);
  for (const mode of modes) {
    browser.at(product);
    await browser.grant(service, NEWCOMER[service]);
    browser.at(isWaiting(mode) ? quick : product);
    const response = await struck(product, call, mode, async () => {
      const answered = await browser.api('DELETE', `/api/connections/${service}`);
      await (isWaiting(mode) ? quick : product).deps.background.settled();
      return answered;
    });
    expect(response.status, mode).toBe(200);
    expect(await response.json(), mode).toMatchObject({
      state: 'not-connected',
      account: null,
      reason: { code: 'never-connected' },
    });
    const { deps } = product;
    const left = await deps.db.selectFrom('connection').select('provider').execute();
    expect(left, mode).toEqual([{ provider: 'bitbucket' }]);
    expect(await deps.db.selectFrom('grant').select('connectionId').execute(), mode).toHaveLength(1);
  }
});

test('a rate limit with Retry-After is honoured: until then nobody asks again, on any replica', async () => {
  const product = await startProduct();
  const other = await product.replica();
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', 'nora', 'sign-up');
  const { faults, requests } = product.sandbox;
  product.travel(60_000);
  faults.set('bitbucket:api', '429-retry-after', { retryAfter: 600, times: 1 });
  expect(await look(browser, 'bitbucket')).toMatchObject({ state: 'unconfirmed' });
  requests.clear();
  for (const replica of [other, product, other]) {
    product.travel(60_000);
    browser.at(replica);
    expect(await look(browser, 'bitbucket')).toMatchObject({ state: 'unconfirmed' });
  }
  expect(requests({ service: 'bitbucket' })).toEqual([]);
  product.travel(600_000);
  expect(await look(browser, 'bitbucket')).toMatchObject({ state: 'connected' });
});

test('KS-05 no token, code, secret or address of a person reaches the logs in any mode', async () => {
  const product = await startProduct({ env: { LOG_LEVEL: 'trace' } });
  const quick = hasty(product);
  const secrets = new Set<string>();
  const remember = async () => {
    const { db, sealer } = product.deps;
    for (const row of await db.selectFrom('grant').selectAll().execute()) {
      secrets.add(sealer.open(row.accessToken, `grant/${row.connectionId}/access_token`));
      if (row.refreshToken)
        secrets.add(sealer.open(row.refreshToken, `grant/${row.connectionId}/refresh_token`));
    }
  };
  for (const client of product.sandbox.world.data.clients) secrets.add(client.secret);
  product.sandbox.world.data.quirks.refreshGraceMs = GRACE;
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', 'nora', 'sign-up');
  await remember();
  for (const mode of modes) {
    const newcomer = createBrowser(isWaiting(mode) ? quick : product);
    await newcomer.beAt('bitbucket', 'tomas');
    const callback = await newcomer.consent(await newcomer.start('bitbucket'));
    for (const name of ['code', 'state']) secrets.add(callback.searchParams.get(name) ?? '');
    product.sandbox.faults.set('bitbucket:POST /site/oauth2/access_token', mode);
    await newcomer.land(callback);
    product.travel(LATER);
    await product.deps.db.updateTable('grant').set({ expiresAt: product.deps.now() }).execute();
    browser.at(isWaiting(mode) ? quick : product);
    await look(browser, 'bitbucket');
    product.sandbox.faults.clear();
    product.travel(LATER);
    browser.at(product);
    await look(browser, 'bitbucket');
    await remember();
    for (const cookies of [browser.cookies(), newcomer.cookies()]) {
      for (const value of cookies.values()) if (value) secrets.add(value);
    }
  }
  secrets.delete('');
  expect(secrets.size).toBeGreaterThan(3 * modes.length);
  const logs = product.logs();
  expect(logs).toContain('provider-unexpected');
  for (const secret of secrets) expect(logs).not.toContain(secret);
  expect(logs).not.toContain('@harbour.example');
});

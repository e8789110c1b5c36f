import { describe, expect, test } from 'vitest';
import { revokeAccess } from '../../sandbox/play.ts';
import { personNamed } from '../../sandbox/world.ts';
import { type Browser, createBrowser } from '../../test/browser.ts';
import { type Product, startProduct } from '../../test/product.ts';
import type { ConnectionView } from '../accounts/connection-view.ts';
import { sweepConnections } from './sweep.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The interval of the sweep, and the spread on top of it. */
const INTERVAL = 6 * HOUR;
const ROUND = INTERVAL * 1.06;

/** Sweeps until nothing is due; returns how many connections were looked at. */
async function sweep(product: Product): Promise<number> {
  let total = 0;
  for (;;) {
    const looked = await sweepConnections(product.deps);
    if (looked === 0) return total;
    total += looked;
  }
}

/** The connection as the page shows it without asking the provider. */
async function shown(browser: Browser, provider: string): Promise<ConnectionView | undefined> {
  const { connections } = await browser.json<{ connections: ConnectionView[] }>('/api/account');
  return connections.find((connection) => connection.provider === provider);
}

const refreshes = ({ sandbox }: Product) =>
  sandbox.requests({ service: 'bitbucket', grantType: 'refresh_token' });
const looks = ({ sandbox }: Product) => sandbox.requests({ service: 'bitbucket', path: '/2.0/user' });

async function connected(product: Product, ...nicknames: string[]) {
  for (const nickname of nicknames) await createBrowser(product).signIn('bitbucket', nickname, 'sign-up');
  product.sandbox.requests.clear();
}

/** Bitbucket people of the sandbox who can sign up. */
const PEOPLE = ['nora', 'tomas', 'greta-v', 'seun', 'pim', 'ines'];

describe('without anyone looking', () => {
  test.each(['bitbucket', 'github', 'gitlab'] as const)(
    'a revocation at %s is seen within the interval, with the reason and the time',
    async (service) => {
      const product = await startProduct();
      const nickname = { bitbucket: 'nora', github: 'ines-moreau', gitlab: 'kaspar' }[service];
      const browser = createBrowser(product);
      await browser.signIn(service, nickname, 'sign-up');
      const { world } = product.sandbox;
      revokeAccess(world, service, personNamed(world, service, nickname).id);
      expect(await shown(browser, service)).toMatchObject({ state: 'connected' });
      product.travel(ROUND);
      await sweep(product);
      // Where the provider's words prove little, a refusal is not believed before it was heard several times.
      for (let round = 0; round < 3; round += 1) {
        if ((await shown(browser, service))?.state === 'not-connected') break;
        product.travel(ROUND);
        await sweep(product);
      }
      expect(await shown(browser, service)).toMatchObject({
        state: 'not-connected',
        account: { nickname },
        reason: { seenAt: expect.any(String) },
      });
    },
  );

  test('a connection that lives is confirmed anew', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('bitbucket', 'nora', 'sign-up');
    const before = await shown(browser, 'bitbucket');
    product.travel(ROUND);
    expect(await sweep(product)).toBe(1);
    const after = await shown(browser, 'bitbucket');
    expect(after?.state).toBe('connected');
    expect(
      Date.parse(after?.confirmedAt ?? '') - Date.parse(before?.confirmedAt ?? ''),
    ).toBeGreaterThanOrEqual(INTERVAL);
  });

  test('nothing is asked before it is due, and nothing twice in one interval', async () => {
    const product = await startProduct();
    await connected(product, 'nora');
    expect(await sweep(product)).toBe(0);
    product.travel(INTERVAL * 0.9);
    expect(await sweep(product)).toBe(0);
    product.travel(INTERVAL * 0.2);
    expect(await sweep(product)).toBe(1);
    expect(await sweep(product)).toBe(0);
    product.travel(INTERVAL * 0.9);
    expect(await sweep(product)).toBe(0);
    expect(looks(product)).toHaveLength(1);
  });

  test('a connection that ended is left alone', async () => {
    const product = await startProduct();
    await connected(product, 'nora');
    await product.deps.db
      .updateTable('connection')
      .set({ state: 'not-connected', reason: 'revoked', reasonAt: product.deps.now() })
      .execute();
    product.travel(ROUND);
    expect(await sweep(product)).toBe(0);
    expect(looks(product)).toEqual([]);
  });

  test('a fault of the provider is stored as such, and the next round asks again', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('bitbucket', 'nora', 'sign-up');
    product.travel(ROUND);
    product.sandbox.faults.set('bitbucket:all', '503');
    await sweep(product);
    expect(await shown(browser, 'bitbucket')).toMatchObject({
      state: 'unconfirmed',
      fault: { code: 'provider-error' },
    });
    product.sandbox.faults.clear();
    product.travel(ROUND);
    await sweep(product);
    expect(await shown(browser, 'bitbucket')).toMatchObject({ state: 'connected', fault: null });
  });

  test('KS-01 a grant that does not open is said, and keeps none of the others from being looked at', async () => {
    const product = await startProduct();
    await connected(product, ...PEOPLE);
    const { db } = product.deps;
    const first = await db.selectFrom('connection').select('id').orderBy('sweepAt').executeTakeFirstOrThrow();
    await db
      .updateTable('grant')
      .set({ accessToken: 'v1.x.y', refreshToken: 'v1.x.y' })
      .where('connectionId', '=', first.id)
      .execute();
    product.travel(ROUND);
    expect(await sweep(product)).toBe(PEOPLE.length);
    expect(looks(product)).toHaveLength(PEOPLE.length - 1);
    expect(product.logs()).toContain(first.id);
  });
});

describe('several replicas', () => {
  test('share the work: each connection that is due is looked at once', async () => {
    const product = await startProduct();
    await connected(product, ...PEOPLE);
    const replicas = [product, await product.replica(), await product.replica()];
    product.travel(ROUND);
    const counts = await Promise.all(replicas.map(sweep));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(PEOPLE.length);
    expect(looks(product)).toHaveLength(PEOPLE.length);
    expect(refreshes(product)).toHaveLength(PEOPLE.length);
  });
});

describe('death by disuse', () => {
  /** Access tokens that outlast the test, so that only the sweep itself has a reason to refresh. */
  async function longLived({ deps, sandbox }: Product) {
    for (const token of sandbox.world.data.accessTokens) token.expiresAt = null;
    await deps.db.updateTable('grant').set({ expiresAt: null }).execute();
  }

  test('a grant is renewed after a week without use, and not before', async () => {
    const product = await startProduct();
    await connected(product, 'nora');
    await longLived(product);
    product.travel(6 * DAY);
    await sweep(product);
    expect(refreshes(product)).toHaveLength(0);
    product.travel(1.1 * DAY);
    await sweep(product);
    expect(refreshes(product)).toHaveLength(1);
    await longLived(product);
    product.travel(DAY);
    await sweep(product);
    expect(refreshes(product)).toHaveLength(1);
  });

  test('a grant without a refresh token is confirmed and not ended for the lack of one', async () => {
    const product = await startProduct();
    const browser = createBrowser(product);
    await browser.signIn('github', 'ines-moreau', 'sign-up');
    product.travel(8 * DAY);
    await sweep(product);
    expect(await shown(browser, 'github')).toMatchObject({ state: 'connected', fault: null });
  });

  test('grants live through two hundred days of weekly sweeps', async () => {
    const product = await startProduct();
    await connected(product, 'nora', 'tomas');
    for (let day = 0; day < 200; day += 7) {
      product.travel(7 * DAY);
      expect(await sweep(product)).toBe(2);
    }
    const states = await product.deps.db.selectFrom('connection').select(['state', 'fault']).execute();
    expect(states).toEqual([
      { state: 'connected', fault: null },
      { state: 'connected', fault: null },
    ]);
  });

  test('without any sweep the grant is dead after that, and the next look says that it expired', async () => {
    const product = await startProduct();
    await connected(product, 'nora');
    product.travel(95 * DAY);
    await sweep(product);
    const row = await product.deps.db.selectFrom('connection').select(['state', 'reason']).executeTakeFirst();
    expect(row).toEqual({ state: 'not-connected', reason: 'expired' });
  });
});

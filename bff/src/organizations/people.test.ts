import { describe, expect, test } from 'vitest';
import { type Browser, createBrowser, type Landing } from '../../test/browser.ts';
import { dump } from '../../test/dump.ts';
import { type Product, PUBLIC_URL, startProduct } from '../../test/product.ts';
import type { InvitationView, OpenInvitation, PeopleView, Role } from '../app.ts';

const DAY = 86_400_000;
const ROLES = ['owner', 'admin', 'member'] as const;
const ORG = '/api/organizations/harbour';

type Offer = { role?: Role; singleUse?: boolean; days?: 1 | 7 | 30 };
type Place = { product: Product; greta: Browser };

/** Greta owns the organization "Harbour". */
async function harbour(): Promise<Place> {
  const product = await startProduct();
  const greta = createBrowser(product);
  await greta.signIn('github', 'gretav', 'sign-up');
  await greta.api('POST', '/api/organizations', { name: 'Harbour', slug: 'harbour' });
  return { product, greta };
}

/** Returns the token of the link. */
async function invite(
  by: Browser,
  { role = 'member', singleUse = true, days = 7 }: Offer = {},
): Promise<string> {
  const response = await by.api('POST', `${ORG}/invitations`, { role, singleUse, days });
  expect(response.status).toBe(201);
  const { link } = (await response.json()) as { link: string };
  expect(link).toMatch(new RegExp(`^${PUBLIC_URL}/invitations/[A-Za-z0-9_-]{43}$`));
  return link.split('/').at(-1) ?? '';
}

const accept = (by: Browser, token: string) => by.api('POST', `/api/invitations/${token}/accept`);
const look = (by: Browser, token: string) => by.json<InvitationView>(`/api/invitations/${token}`);
const people = (by: Browser) => by.json<PeopleView>(`${ORG}/people`);
const pending = async (by: Browser) =>
  (await by.json<{ invitations: OpenInvitation[] }>(`${ORG}/invitations`)).invitations;
const setRole = (by: Browser, id: string, role: Role) => by.api('PATCH', `${ORG}/people/${id}`, { role });
const remove = (by: Browser, id: string) => by.api('DELETE', `${ORG}/people/${id}`);

async function idOf(browser: Browser): Promise<string> {
  const { profile } = await browser.json<{ profile: { id: string } }>('/api/session');
  return profile.id;
}

async function newcomer(product: Product, nickname: 'kaspar' | 'tribeiro'): Promise<Browser> {
  const browser = createBrowser(product);
  await browser.signIn('gitlab', nickname, 'sign-up');
  return browser;
}

/** Somebody signs up and joins in this role. */
async function joined(
  { product, greta }: Place,
  nickname: 'kaspar' | 'tribeiro',
  role: Role,
): Promise<Browser> {
  const browser = await newcomer(product, nickname);
  expect((await accept(browser, await invite(greta, { role }))).status).toBe(200);
  return browser;
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code;
}

describe('joining', () => {
  test('an invitation says who invites to what, as what, and for how long; looking changes nothing', async () => {
    const place = await harbour();
    const token = await invite(place.greta, { role: 'admin', days: 1 });
    const before = await dump(place.product);
    const stranger = createBrowser(place.product);
    const seen = await look(stranger, token);
    expect(seen).toMatchObject({ state: 'open', organization: 'Harbour', role: 'admin' });
    const page = await stranger.open(`/invitations/${token}`);
    expect(page.response.status).toBe(200);
    expect(page.response.headers.get('referrer-policy')).toBe('same-origin');
    expect(await page.response.text()).toContain('Harbour');
    expect(await dump(place.product)).toEqual(before);
  });

  test.each(ROLES)('who accepts is from then on there as %s', async (role) => {
    const place = await harbour();
    const kaspar = await joined(place, 'kaspar', role);
    const view = await people(kaspar);
    expect(view.people.find(({ you }) => you)?.role).toBe(role);
    expect(view.people).toHaveLength(2);
    const { organizations } = await kaspar.json<{ organizations: object[] }>('/api/session');
    expect(organizations).toEqual([{ slug: 'harbour', name: 'Harbour', role }]);
  });

  test('without a session nobody joins', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta);
    expect((await accept(createBrowser(product), token)).status).toBe(401);
    expect((await people(greta)).people).toHaveLength(1);
  });

  test('an invitation for one lets in one; the next hears that it was used', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta);
    const [kaspar, tomas] = [await newcomer(product, 'kaspar'), await newcomer(product, 'tribeiro')];
    const both = await Promise.all([accept(kaspar, token), accept(tomas, token)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const late = both[0]?.status === 409 ? kaspar : tomas;
    expect(await look(late, token)).toEqual({ state: 'used' });
    expect((await people(greta)).people).toHaveLength(2);
    expect(await pending(greta)).toEqual([]);
  });

  test('two clicks at once join once and both succeed', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta);
    const kaspar = await newcomer(product, 'kaspar');
    const answers = await Promise.all([accept(kaspar, token), accept(kaspar, token), accept(kaspar, token)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await people(greta)).people).toHaveLength(2);
  });

  test('an invitation for several lets in several and counts them', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta, { singleUse: false });
    for (const name of ['kaspar', 'tribeiro'] as const) {
      expect((await accept(await newcomer(product, name), token)).status).toBe(200);
    }
    expect(await pending(greta)).toMatchObject([{ usedCount: 2, singleUse: false }]);
  });

  test('who belongs there already stays what they are and uses nothing up', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta);
    expect(await look(greta, token)).toEqual({ state: 'member', organization: 'Harbour', slug: 'harbour' });
    expect((await accept(greta, token)).status).toBe(200);
    expect((await people(greta)).people.map(({ role }) => role)).toEqual(['owner']);
    expect((await accept(await newcomer(product, 'kaspar'), token)).status).toBe(200);
  });

  test('one whose time is over lets nobody in, and says so without naming the organization', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta, { days: 1 });
    const kaspar = await newcomer(product, 'kaspar');
    product.travel(DAY);
    expect(await look(kaspar, token)).toEqual({ state: 'expired' });
    const refused = await accept(kaspar, token);
    expect([refused.status, await codeOf(refused)]).toEqual([409, 'invitation-ended']);
    expect(await pending(greta)).toEqual([]);
    expect((await people(greta)).people).toHaveLength(1);
  });

  test('one that was revoked lets nobody in, and revoking twice is fine', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta);
    const kaspar = await newcomer(product, 'kaspar');
    const [{ id } = { id: '' }] = await pending(greta);
    for (const _ of [1, 2]) expect((await greta.api('DELETE', `${ORG}/invitations/${id}`)).status).toBe(200);
    expect(await look(kaspar, token)).toEqual({ state: 'revoked' });
    expect((await accept(kaspar, token)).status).toBe(409);
    expect((await people(greta)).people).toHaveLength(1);
  });

  test('one that there is not answers the same whatever its shape', async () => {
    const { product } = await harbour();
    const kaspar = await newcomer(product, 'kaspar');
    for (const token of ['A'.repeat(43), 'A'.repeat(42), 'nonsense', '%00']) {
      expect((await kaspar.api('GET', `/api/invitations/${token}`)).status).toBe(404);
      expect((await accept(kaspar, token)).status).toBe(404);
    }
  });

  test.each(['sign-up', 'log-in'] as const)(
    'someone new comes back to the invitation after %s, also when the first try failed',
    async (page) => {
      const { product, greta } = await harbour();
      const returnTo = `/invitations/${await invite(greta)}`;
      const kaspar = createBrowser(product);
      await kaspar.beAt('gitlab', 'kaspar');
      const failed = await kaspar.land(
        await kaspar.consent(await kaspar.start('gitlab', { page, returnTo }), 'deny'),
      );
      const again = new URL(failed.path, PUBLIC_URL).searchParams;
      expect(again.get('return-to')).toBe(returnTo);
      const landing: Landing = await kaspar.land(
        await kaspar.consent(await kaspar.start('gitlab', { page, returnTo })),
      );
      expect([landing.status, landing.path]).toEqual([200, returnTo]);
    },
  );

  test('the token stands in no log and nowhere in the database, on no step of the way', async () => {
    const { product, greta } = await harbour();
    const token = await invite(greta);
    const kaspar = createBrowser(product);
    await kaspar.beAt('gitlab', 'kaspar');
    await kaspar.open(`/invitations/${token}`);
    await kaspar.open(`/login?return-to=%2Finvitations%2F${token}`);
    const location = await kaspar.start('gitlab', { page: 'sign-up', returnTo: `/invitations/${token}` });
    expect(JSON.stringify(await dump(product))).not.toContain(token);
    await kaspar.land(await kaspar.consent(location));
    expect((await accept(kaspar, token)).status).toBe(200);
    expect(JSON.stringify(await dump(product))).not.toContain(token);
    expect(product.logs()).not.toContain(token);
    expect(await (await greta.api('GET', `${ORG}/invitations`)).text()).not.toContain(token);
    expect(await (await greta.api('GET', '/metrics')).text()).not.toContain(token);
  });
});

describe('what a role decides on', () => {
  test('a member sees who belongs there, without addresses, and decides on nothing', async () => {
    const place = await harbour();
    const token = await invite(place.greta, { singleUse: false });
    const kaspar = await joined(place, 'kaspar', 'member');
    const view = await people(kaspar);
    expect(view.givable).toEqual([]);
    expect(view.people.map(({ email, you }) => (email === null) === !you)).toEqual([true, true]);
    expect(view.people.some(({ manageable }) => manageable)).toBe(false);

    const gretaId = await idOf(place.greta);
    const [invitation] = await pending(place.greta);
    const before = await dump(place.product);
    const refused = [
      await kaspar.api('GET', `${ORG}/invitations`),
      await kaspar.api('POST', `${ORG}/invitations`, { role: 'member', singleUse: true, days: 7 }),
      await kaspar.api('DELETE', `${ORG}/invitations/${invitation?.id}`),
      await setRole(kaspar, gretaId, 'member'),
      await setRole(kaspar, await idOf(kaspar), 'owner'),
      await kaspar.api('GET', `${ORG}/people/${gretaId}/impact`),
      await remove(kaspar, gretaId),
    ];
    for (const response of refused) {
      expect([response.status, await codeOf(response)]).toEqual([403, 'not-allowed']);
    }
    expect(await dump(place.product)).toEqual(before);
    expect(await look(createBrowser(place.product), token)).toMatchObject({ state: 'open' });
  });

  test('an admin decides on admins and members, and on no owner', async () => {
    const place = await harbour();
    const kaspar = await joined(place, 'kaspar', 'admin');
    const tomas = await joined(place, 'tribeiro', 'member');
    const [gretaId, tomasId] = [await idOf(place.greta), await idOf(tomas)];
    await invite(place.greta, { role: 'owner' });
    const [owners] = await pending(kaspar);
    expect(owners).toMatchObject({ role: 'owner', revocable: false });
    const before = await dump(place.product);
    for (const response of [
      await kaspar.api('POST', `${ORG}/invitations`, { role: 'owner', singleUse: true, days: 7 }),
      await kaspar.api('DELETE', `${ORG}/invitations/${owners?.id}`),
      await setRole(kaspar, tomasId, 'owner'),
      await setRole(kaspar, await idOf(kaspar), 'owner'),
      await setRole(kaspar, gretaId, 'member'),
      await kaspar.api('GET', `${ORG}/people/${gretaId}/impact`),
      await remove(kaspar, gretaId),
    ]) {
      expect([response.status, await codeOf(response)]).toEqual([403, 'not-allowed']);
    }
    expect(await dump(place.product)).toEqual(before);

    await invite(kaspar, { role: 'admin' });
    expect((await setRole(kaspar, tomasId, 'admin')).status).toBe(200);
    expect((await people(tomas)).givable).toEqual(['admin', 'member']);
    expect((await remove(kaspar, tomasId)).status).toBe(200);
    expect((await tomas.api('GET', `${ORG}/people`)).status).toBe(404);
  });

  test('an owner gives every role, and it holds from the next request on', async () => {
    const place = await harbour();
    const kaspar = await joined(place, 'kaspar', 'member');
    const id = await idOf(kaspar);
    for (const role of ['admin', 'owner', 'member'] as const) {
      expect((await setRole(place.greta, id, role)).status).toBe(200);
      const status = (await kaspar.api('GET', `${ORG}/invitations`)).status;
      expect(status).toBe(role === 'member' ? 403 : 200);
    }
  });

  test('a person who is not there can be neither changed nor removed', async () => {
    const { product, greta } = await harbour();
    const kasparId = await idOf(await newcomer(product, 'kaspar'));
    for (const id of [kasparId, '00000000-0000-4000-8000-000000000000', 'nonsense']) {
      expect((await setRole(greta, id, 'admin')).status).toBe(404);
      expect((await remove(greta, id)).status).toBe(404);
      expect((await greta.api('GET', `${ORG}/people/${id}/impact`)).status).toBe(404);
    }
  });
});

describe('going', () => {
  test('who is removed sees nothing more at once, and what depends on them is said first', async () => {
    const place = await harbour();
    const kaspar = await joined(place, 'kaspar', 'admin');
    const id = await idOf(kaspar);
    expect(await place.greta.json(`${ORG}/people/${id}/impact`)).toEqual({ projects: [], lastOwner: false });
    expect((await remove(place.greta, id)).status).toBe(200);
    for (const path of [ORG, `${ORG}/people`, `${ORG}/invitations`]) {
      expect((await kaspar.api('GET', path)).status).toBe(404);
    }
    expect((await remove(place.greta, id)).status).toBe(404);
  });

  test('who was removed does not come back by a link that they may have kept', async () => {
    const place = await harbour();
    const forMany = await invite(place.greta, { singleUse: false });
    const forSomeone = await invite(place.greta);
    const kaspar = await newcomer(place.product, 'kaspar');
    await accept(kaspar, forMany);
    await setRole(place.greta, await idOf(kaspar), 'admin');
    const own = await invite(kaspar);
    await remove(place.greta, await idOf(kaspar));
    for (const token of [forMany, own]) {
      expect(await look(kaspar, token)).toEqual({ state: 'revoked' });
      expect((await accept(kaspar, token)).status).toBe(409);
    }
    // What was made for somebody else, and shown to no other, holds.
    expect(await look(createBrowser(place.product), forSomeone)).toMatchObject({ state: 'open' });
  });

  test('who is an owner or admin no more offers nothing more that only those could', async () => {
    const place = await harbour();
    const kaspar = await joined(place, 'kaspar', 'owner');
    const [asOwner, asAdmin] = [
      await invite(kaspar, { role: 'owner' }),
      await invite(kaspar, { role: 'admin' }),
    ];
    const stranger = createBrowser(place.product);
    await setRole(place.greta, await idOf(kaspar), 'admin');
    expect(await look(stranger, asOwner)).toEqual({ state: 'revoked' });
    expect(await look(stranger, asAdmin)).toMatchObject({ state: 'open' });
    await setRole(place.greta, await idOf(kaspar), 'member');
    expect(await look(stranger, asAdmin)).toEqual({ state: 'revoked' });
  });

  test.each(ROLES)('a %s may leave, as long as an owner stays', async (role) => {
    const place = await harbour();
    const many = await invite(place.greta, { singleUse: false });
    const kaspar = await joined(place, 'kaspar', role);
    const id = await idOf(kaspar);
    expect(await kaspar.json(`${ORG}/people/${id}/impact`)).toEqual({ projects: [], lastOwner: false });
    expect((await remove(kaspar, id)).status).toBe(200);
    expect((await people(place.greta)).people).toHaveLength(1);
    expect(await look(kaspar, many)).toMatchObject({ state: 'open' });
  });

  test('the last owner can neither leave, nor be removed, nor become something else', async () => {
    const place = await harbour();
    await joined(place, 'kaspar', 'admin');
    const id = await idOf(place.greta);
    expect(await place.greta.json(`${ORG}/people/${id}/impact`)).toEqual({ projects: [], lastOwner: true });
    const before = await dump(place.product);
    for (const response of [
      await remove(place.greta, id),
      await setRole(place.greta, id, 'admin'),
      await setRole(place.greta, id, 'member'),
    ]) {
      expect([response.status, await codeOf(response)]).toEqual([409, 'last-owner']);
    }
    expect((await setRole(place.greta, id, 'owner')).status).toBe(200);
    expect(await dump(place.product)).toEqual(before);
  });

  test.each([
    ['both leave', (by: Browser, own: string) => remove(by, own)],
    ['each removes the other', (by: Browser, _: string, other: string) => remove(by, other)],
    [
      'each makes the other a member',
      (by: Browser, _: string, other: string) => setRole(by, other, 'member'),
    ],
    ['both step down', (by: Browser, own: string) => setRole(by, own, 'member')],
  ])('when there are two owners and %s at once, on two replicas, one stays', async (_, act) => {
    const place = await harbour();
    const kaspar = await joined(place, 'kaspar', 'owner');
    kaspar.at(await place.product.replica());
    const [gretaId, kasparId] = [await idOf(place.greta), await idOf(kaspar)];
    const both = await Promise.all([act(place.greta, gretaId, kasparId), act(kaspar, kasparId, gretaId)]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    const { db } = place.product.deps;
    const owners = await db.selectFrom('membership').select('role').where('role', '=', 'owner').execute();
    expect(owners).toHaveLength(1);
  });
});

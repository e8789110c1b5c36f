import { expectAccessible } from './fixtures/accessible.ts';
import { expect, type Page, test } from './fixtures/test.ts';
import { signUp } from './fixtures/walk.ts';

async function createOrganization(page: Page, name: string, slug: string): Promise<void> {
  await page.goto('/organizations/new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('URL name').fill(slug);
  await page.getByRole('button', { name: 'Create organization' }).click();
}

test('the URL name follows the name until somebody edits it', async ({ page, outside }) => {
  const { nickname } = outside.someoneAt('bitbucket');
  await signUp(page, outside.someoneAt('bitbucket'));
  const name = page.getByLabel('Name', { exact: true });
  const slug = page.getByLabel('URL name');
  await name.fill(`Été & Söhne ${nickname}`);
  await expect(slug).toHaveValue(`ete-sohne-${nickname}`);
  await expect(slug).toHaveAccessibleDescription(new RegExp(`/organizations/ete-sohne-${nickname}$`));
  await slug.fill(`own-${nickname}`);
  await name.fill('Something else');
  await expect(slug).toHaveValue(`own-${nickname}`);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL(`/organizations/own-${nickname}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Something else' })).toBeVisible();
  await expect(page).toHaveTitle(/Something else/);
});

test('a taken URL name is said at the field, and nothing that was typed is lost', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const first = outside.someoneAt('github');
  const taken = `taken-by-${first.nickname}`;
  const theirs = await anotherBrowser();
  await signUp(theirs, first);
  await createOrganization(theirs, 'First come', taken);
  await theirs.waitForURL(`/organizations/${taken}`);

  await signUp(page, outside.someoneAt('bitbucket'));
  await createOrganization(page, 'Second come', taken);
  const slug = page.getByLabel('URL name');
  await expect(slug).toHaveAccessibleDescription(/Another organization has this URL name/);
  await expect(slug).toHaveAttribute('aria-invalid', 'true');
  await expect(slug).toHaveValue(taken);
  const name = page.getByLabel('Name', { exact: true });
  await expect(name).toHaveValue('Second come');
  await expect(name).not.toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);

  await slug.fill(`${taken}-too`);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL(`/organizations/${taken}-too`);
});

for (const { typed, why } of [
  { typed: 'Not A Slug!', why: /lower-case letters, digits and single hyphens/ },
  { typed: '', why: /Enter a URL name/ },
  { typed: 'new', why: /is an address of ours/ },
  { typed: 's'.repeat(40), why: /at most 39 characters/ },
]) {
  test(`the URL name "${typed}" is refused at the field with the reason`, async ({ page, outside }) => {
    await signUp(page, outside.someoneAt('bitbucket'));
    await createOrganization(page, 'Harbour', typed);
    const slug = page.getByLabel('URL name');
    await expect(slug).toHaveAccessibleDescription(why);
    await expect(slug).toHaveAttribute('aria-invalid', 'true');
    await expect(slug).toHaveValue(typed);
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Harbour');
  });
}

test('an empty name is refused at its field', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  await page.getByRole('button', { name: 'Create organization' }).click();
  const name = page.getByLabel('Name', { exact: true });
  await expect(name).toHaveAccessibleDescription(/Enter a name/);
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);
});

test('a second organization is found beside the first', async ({ page, outside }) => {
  const { nickname } = outside.someoneAt('bitbucket');
  await signUp(page, outside.someoneAt('bitbucket'));
  await createOrganization(page, 'Harbour North', `north-${nickname}`);
  await page.waitForURL(`/organizations/north-${nickname}`);
  await createOrganization(page, 'Harbour South', `south-${nickname}`);
  await page.waitForURL(`/organizations/south-${nickname}`);
  await page
    .getByRole('navigation', { name: 'Organizations' })
    .getByRole('link', { name: 'Harbour North' })
    .click();
  await page.waitForURL(`/organizations/north-${nickname}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Harbour North' })).toBeVisible();
  await expectAccessible(page);
});

test('an organization of others answers as one that does not exist', async ({
  page,
  anotherBrowser,
  outside,
}) => {
  const owner = outside.someoneAt('github');
  const theirs = await anotherBrowser();
  await signUp(theirs, owner);
  const slug = `private-${owner.nickname}`;
  await createOrganization(theirs, 'Private Harbour', slug);
  await theirs.waitForURL(`/organizations/${slug}`);

  await signUp(page, outside.someoneAt('bitbucket'));
  const seen: (string | null)[] = [];
  for (const address of [`/organizations/${slug}`, '/organizations/no-such-harbour', '/no/such/page']) {
    const response = await page.goto(address);
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeVisible();
    seen.push(await page.getByRole('main').textContent());
    expect(await page.content()).not.toContain('Private Harbour');
  }
  expect(new Set(seen).size).toBe(1);
  await expectAccessible(page);
});

test('who is not logged in is sent to log in, whether the organization exists or not', async ({ page }) => {
  await page.goto('/organizations/no-such-harbour');
  await page.waitForURL('/login?return-to=%2Forganizations%2Fno-such-harbour');
  const response = await page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeVisible();
  await expectAccessible(page);
});

import { expectAccessible } from './fixtures/accessible.ts';
import { expect, type Page, test } from './fixtures/test.ts';
import { openAccount, signUp } from './fixtures/walk.ts';

const region = (page: Page) => page.getByRole('region', { name: 'API tokens' });
const line = (page: Page) => region(page).getByRole('listitem', { name: 'Laptop' });
const shown = (page: Page) => region(page).getByRole('textbox', { name: 'New token' });

/** As a script does: with the token, and with nothing of the browser's. */
async function ask(url: string, token: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/api/v1alpha/projects`, {
    headers: { authorization: `Token ${token}` },
  });
  return { status: response.status, body: await response.json() };
}

test('a token is made, shown once, used, and opens nothing any more once it is revoked', async ({
  page,
  outside,
  service,
}) => {
  const slug = `tokens-${crypto.randomUUID().slice(0, 8)}`;
  await signUp(page, outside.someoneAt('bitbucket'));
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Token Works');
  await page.getByRole('textbox', { name: 'URL name' }).fill(slug);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL(`/organizations/${slug}`);

  await openAccount(page);
  await expect(region(page)).toContainText('You have no token yet.');
  const command = region(page).getByRole('textbox', { name: 'To Token Works' });
  const host = new URL(service.url).host;
  await expect(command).toHaveValue(`sem connect ${host}/organizations/${slug} TOKEN`);
  await region(page).getByRole('textbox', { name: 'Token name' }).fill('Laptop');
  await region(page).getByRole('button', { name: 'Create token' }).click();
  await expect(shown(page)).toHaveValue(/^sem_[A-Za-z0-9_-]{43}$/);
  const token = await shown(page).inputValue();
  await expect(command).toHaveValue(`sem connect ${host}/organizations/${slug} ${token}`);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await region(page).getByRole('button', { name: 'Copy command for Token Works' }).click();
  await expect(region(page).getByText('Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await command.inputValue());
  await expectAccessible(page);

  await page.reload();
  await expect(line(page)).toContainText('never used');
  await expect(shown(page)).toHaveCount(0);
  expect(await page.content()).not.toContain(token);

  expect(await ask(service.url, token)).toEqual({ status: 200, body: [] });
  await page.reload();
  await expect(line(page)).toContainText('last used less than a minute ago');

  await line(page).getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke “Laptop”?' });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(region(page).getByText('“Laptop” is revoked.')).toBeVisible();
  await expect(line(page)).toHaveCount(0);
  expect(await ask(service.url, token)).toEqual({ status: 401, body: { message: 'Unauthorized' } });
});

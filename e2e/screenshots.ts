/** Takes the pictures of the README: `npm run screenshots`. No story, but it walks like one. */
import { fileURLToPath } from 'node:url';
import type { Locator } from '@playwright/test';
import { controlOf } from '../bff/sandbox/control.ts';
import { deleteHook } from '../bff/sandbox/play-keys-and-hooks.ts';
import { personNamed } from '../bff/sandbox/world.ts';
import { createProject, expectState, expectStates, openTab } from './fixtures/projects.ts';
import { expect, type Page, type Provider, type Service, test } from './fixtures/test.ts';
import {
  choosePerson,
  consent,
  grantAccess,
  logInButton,
  openAccount,
  rowOf,
  settle,
  signUp,
} from './fixtures/walk.ts';

const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));

test.use({ viewport: { width: 880, height: 500 }, deviceScaleFactor: 1 });

/** One of the sandbox's usual people, who look better in a picture than the stories' own. */
function someone(service: Service, provider: Provider, nickname: string) {
  return personNamed(service.sandbox.world, provider, nickname);
}

/** A picture of the whole page, or of the part that tells the difference. */
async function take(page: Page, name: string, part?: Locator): Promise<void> {
  // No button shows that the mouse happens to rest on it, and no field its cursor.
  await page.mouse.move(0, 0);
  const options = { path: `${FOLDER}${name}.png`, animations: 'disabled', caret: 'hide' } as const;
  await (part ? part.screenshot(options) : page.screenshot({ ...options, fullPage: true }));
}

test('log-in, organization', async ({ page, service }) => {
  await page.goto('/login');
  await expect(logInButton(page, 'bitbucket')).toBeVisible();
  await take(page, 'log-in');
  await signUp(page, someone(service, 'bitbucket', 'nora'));
  await page.getByLabel('Name', { exact: true }).fill('Harbour Works');
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL('/organizations/harbour-works');
  await expect(page.getByRole('heading', { level: 1, name: 'Harbour Works' })).toBeVisible();
  await take(page, 'organization');
});

test('a project, healthy and with a cause', async ({ page, service }) => {
  const owner = someone(service, 'bitbucket', 'seun');
  const { world, origins } = service.sandbox;
  await signUp(page, owner);
  await page.getByLabel('Name', { exact: true }).fill('Tidemark');
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL('/organizations/tidemark');
  await page.goto('/organizations/tidemark/projects/new');
  await expect(page.getByText('tidemark/moon-phase')).toBeVisible();
  await take(page, 'new-project');
  await createProject(page, 'tidemark', 'tidemark/moon-phase', 'moon-phase');
  await expectStates(page);
  await take(page, 'repository-healthy');
  const push = { repository: 'tidemark/moon-phase', branch: 'main', path: 'phases.txt', content: 'waxing' };
  await controlOf(origins.bitbucket)('pushFile', push);
  await page.getByRole('link', { name: 'Activity' }).click();
  await expect(
    page.getByRole('list', { name: 'Activity' }).getByText('Handed over', { exact: true }),
  ).toBeVisible();
  await take(page, 'activity');
  const [hook] = world.data.hooks;
  if (hook) deleteHook(world, hook.uuid);
  await openTab(page, 'tidemark', 'moon-phase');
  await expectState(page, 'Webhook', 'Broken');
  await take(page, 'repository-broken');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await take(page, 'repository-narrow-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 880, height: 500 });
  await controlOf(origins.bitbucket)('rename', { repository: 'tidemark/moon-phase', slug: 'lunar-phase' });
  await openTab(page, 'tidemark', 'moon-phase');
  await expect(page.getByRole('main')).toContainText('This repository is now');
  await take(page, 'repository-renamed');
});

test('an address that is taken', async ({ page, anotherBrowser, service }) => {
  await signUp(await anotherBrowser(), someone(service, 'github', 'gretav'));
  await page.goto('/login');
  await logInButton(page, 'bitbucket').click();
  await choosePerson(page, someone(service, 'bitbucket', 'greta-v'));
  await consent(page);
  await page.waitForURL(/\/login\?attempt=/);
  await expect(page.getByRole('alert')).toBeVisible();
  await take(page, 'address-taken');
});

test('the account page in its three states', async ({ page, service, outside }) => {
  const github = someone(service, 'github', 'ines-moreau');
  const bitbucket = someone(service, 'bitbucket', 'ines');
  await signUp(page, github);
  await openAccount(page);
  await grantAccess(page, bitbucket);
  await settle(page);
  await take(page, 'account-connected');

  const settings = page.getByRole('region', { name: 'Repository settings' });
  outside.fault('bitbucket:api', '503');
  await openAccount(page);
  await expect(rowOf(page, 'bitbucket').getByRole('button', { name: 'Check again' })).toBeVisible();
  await take(page, 'account-not-confirmed', settings);

  outside.clear();
  outside.revoke(bitbucket);
  await openAccount(page);
  await expect(rowOf(page, 'bitbucket').getByText('Not Connected', { exact: true })).toBeVisible();
  await take(page, 'account-revoked', settings);
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'account-dark', settings);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  await take(page, 'account-narrow');
});

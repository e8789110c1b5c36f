import { expect, type Page, test } from './fixtures/test.ts';
import { grantAccess, logInButton, openAccount, rowOf, settle, signUp } from './fixtures/walk.ts';

type Target = ReturnType<Page['locator']>;

/** More steps of Tab than any page here has things to reach. */
const FAR = 60;

/** Goes on with Tab until the target has the focus; whatever has it on the way shows so. */
async function tabTo(page: Page, target: Target): Promise<void> {
  await expect(target).toBeVisible();
  for (let step = 0; step < FAR; step += 1) {
    await page.keyboard.press('Tab');
    await expectVisibleFocus(page);
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not lead to ${target}.`);
}

async function expectVisibleFocus(page: Page): Promise<void> {
  const focus = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return {
      what: element.outerHTML.slice(0, 120),
      shown: outlineStyle !== 'none' && outlineWidth !== '0px',
    };
  });
  if (focus) expect(focus).toEqual({ what: focus.what, shown: true });
}

test('from signing up to the account page and out again without a mouse', async ({ page, outside }) => {
  const person = outside.someoneAt('bitbucket');
  await page.goto('/signup');
  await tabTo(page, logInButton(page, 'bitbucket'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: `Log in as ${person.name}`, exact: true }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Grant access' }));
  await page.keyboard.press('Space');
  await page.waitForURL('/organizations/new');

  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await page.keyboard.type(`Keys of ${person.nickname}`);
  await page.keyboard.press('Enter');
  await page.waitForURL(`/organizations/keys-of-${person.nickname}`);
  // The new page is announced by its heading.
  await expect(page.getByRole('heading', { level: 1, name: `Keys of ${person.nickname}` })).toBeFocused();

  await tabTo(page, page.getByRole('link', { name: /connections stand/ }));
  await page.keyboard.press('Enter');
  await page.waitForURL('/account');
  await expect(page.getByRole('heading', { level: 1, name: person.name })).toBeFocused();
  await settle(page);
  await expect(rowOf(page, 'bitbucket').getByText('Connected', { exact: true })).toBeVisible();

  await page.reload();
  await tabTo(page, page.getByRole('button', { name: 'Log out' }));
  await page.keyboard.press('Enter');
  await page.waitForURL('/login');
});

test('the first stop of the keyboard leads past the header to the content', async ({ page, outside }) => {
  await signUp(page, outside.someoneAt('bitbucket'));
  await openAccount(page);
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Screen name')).toBeFocused();
});

test('a dialog keeps the keyboard, Escape means no, and the focus returns to its button', async ({
  page,
  outside,
}) => {
  await signUp(page, outside.someoneAt('github'));
  await openAccount(page);
  await grantAccess(page, outside.someoneAt('bitbucket'));
  await settle(page);
  const row = rowOf(page, 'bitbucket');
  const button = row.getByRole('button', { name: 'Disconnect' });
  await tabTo(page, button);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Disconnect' })).toBeEnabled();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press(step < 6 ? 'Tab' : 'Shift+Tab');
    const inside = await dialog.evaluate(
      (element) => document.activeElement === document.body || element.contains(document.activeElement),
    );
    expect(inside).toBe(true);
    await expectVisibleFocus(page);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(row.getByText('Connected', { exact: true })).toBeVisible();

  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('button', { name: 'Disconnect' }));
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(row.getByText('Not Connected', { exact: true })).toBeVisible();
  // Its button is gone with the connection; the focus is not lost at the top of the page.
  await page.keyboard.press('Tab');
  const lost = await page.evaluate(() => document.activeElement?.textContent === 'Skip to the content');
  expect(lost).toBe(false);
});

test('nothing moves for those who asked for less motion', async ({ page, outside }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signUp(page, outside.someoneAt('bitbucket'));
  for (const address of ['/account', '/organizations/new']) {
    await page.goto(address);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element);
        const slow = transitionDuration.split(', ').some((each) => Number.parseFloat(each) > 0.01);
        return animationName !== 'none' || slow ? [element.outerHTML.slice(0, 120)] : [];
      }),
    );
    expect(moving).toEqual([]);
  }
});

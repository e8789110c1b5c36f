import { expect, test } from 'vitest';
import { createBrowser } from '../../test/browser.ts';
import { startProduct } from '../../test/product.ts';

test('a new identity becomes a profile that is connected, and the next page makes an organization', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  const landing = await browser.signIn('bitbucket', 'nora', 'sign-up');
  expect(landing.path).toBe('/organizations/new');
  const account = await browser.json<Record<string, unknown>>('/api/account');
  expect(account).toMatchObject({ screenName: 'Nora Lindqvist', email: 'nora@harbour.example' });
  console.log(product.logs());
});

test('the same identity logs in again', async () => {
  const product = await startProduct();
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', 'nora', 'sign-up');
  const again = createBrowser(product);
  const landing = await again.signIn('bitbucket', 'nora');
  expect(landing.path).toBe('/organizations/new');
});

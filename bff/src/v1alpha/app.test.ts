import { expect, test } from 'vitest';
import { PUBLIC_URL, startProduct } from '../../test/product.ts';

test.each([
  ['what is not served here', '/organizations/harbour/api/v1beta/secrets', /^Not found$/],
  [
    'projects of a host that ends in a slash',
    '/organizations/harbour//api/v1alpha/projects?page=1',
    /^Not found\. \S/,
  ],
])('a terminal that asks for %s gets a line and never a page', async (_what, path, message) => {
  const { app } = await startProduct();
  const answer = await app.fetch(
    new Request(PUBLIC_URL + path, { headers: { authorization: 'Token none' } }),
  );
  expect(answer.status).toBe(404);
  const text = await answer.text();
  expect(text).not.toContain('\n');
  expect(JSON.parse(text)).toEqual({ message: expect.stringMatching(message) });
});

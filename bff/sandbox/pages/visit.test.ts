import { expect, test } from 'vitest';
import { createBrowser } from '../journey.ts';
import { useBench } from '../test-bench.ts';
import { personNamed } from '../world.ts';
import { localPath } from './visit.ts';

const bench = useBench();

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  'javascript:alert(1)',
  '',
])('after the log-in nobody is sent to "%s"', (next) => {
  expect(localPath(next)).toBe('/');
});

test('the way on keeps its query', () => {
  expect(localPath('/site/oauth2/authorize?a=1&b=%2F')).toBe('/site/oauth2/authorize?a=1&b=%2F');
});

test('a log-in takes the place of the one before, and log-out ends it', async () => {
  const { world } = bench.sandbox;
  const browser = createBrowser(bench.sandbox);
  const home = async () => (await browser.send('https://bitbucket.test/')).text();
  await browser.logIn('bitbucket', personNamed(world, 'bitbucket', 'nora'));
  await browser.logIn('bitbucket', personNamed(world, 'bitbucket', 'pim'));
  expect(world.data.sessions).toHaveLength(1);
  expect(await home()).toContain('Logged in as <strong>Pim de Wit</strong>');
  await browser.send('https://bitbucket.test/sandbox/logout', {});
  expect(await home()).toContain('Nobody is logged in.');
});

test('what people call themselves is shown and never run', async () => {
  const { world } = bench.sandbox;
  personNamed(world, 'bitbucket', 'nora').name = '<script>alert(1)</script>';
  const page = await (
    await createBrowser(bench.sandbox).send('https://bitbucket.test/sandbox/people')
  ).text();
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toContain('<script>');
});

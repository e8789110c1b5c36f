/** Holds what a browser loads: the built page as it stands in `dist`, byte for byte. `npm test` builds it first. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { weigh } from './weight.ts';

const dist = join(import.meta.dirname, '../dist');
const names = readdirSync(dist, { recursive: true, encoding: 'utf8' });
const read = (name: string) => readFileSync(join(dist, name), 'utf8');
const ending = (end: string) => names.filter((name) => name.endsWith(end));
const html = read('index.html');

/** Scripts and everything that they import before they run. */
function withImports(wanted: string[]): Set<string> {
  const found = new Set(wanted);
  for (const name of found) {
    for (const [, file] of read(name).matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
      found.add(join(dirname(name), file ?? ''));
  }
  return found;
}

describe('the built page', () => {
  const entry = ending('.js').filter((name) => html.includes(`/${name}`));
  const pages = ending('.js').filter((name) => /-page-[^/]+$/.test(name));

  test('has one script that every page loads, and one of its own for each page', () => {
    expect(entry).toHaveLength(1);
    expect(pages.length).toBeGreaterThan(8);
  });

  test.each(pages)('%s loads at most 100 kB of script with gzip and 88 kB with brotli', (name) => {
    const { gzip, brotli } = weigh([...withImports([...entry, name])].map(read));
    expect(gzip).toBeLessThanOrEqual(100_000);
    expect(brotli).toBeLessThanOrEqual(88_000);
  });

  test('the Repository tab stands after at most six requests: the document, what it names, and its own scripts', () => {
    const tab = pages.filter((name) => name.includes('/repository-page-'));
    expect(tab).toHaveLength(1);
    const scripts = withImports([...entry, ...tab]);
    const others = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].filter(
      ([, address]) => !scripts.has(address ?? ''),
    );
    expect(1 + scripts.size + others.length).toBeLessThanOrEqual(6);
  });

  test('stays under 8 kB of style with gzip', () => {
    expect(weigh(ending('.css').map(read)).gzip).toBeLessThan(8_000);
  });

  test('stands after at most six requests', () => {
    const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(named.length).toBeGreaterThan(1);
    // The document itself is one.
    expect(1 + named.length).toBeLessThanOrEqual(6);
    expect(named.every((address) => address?.startsWith('/') && !address.startsWith('//'))).toBe(true);
  });

  test('asks no third party, in its styles either', () => {
    for (const style of ending('.css').map(read)) {
      expect(style).not.toMatch(/@import|url\(\s*["']?(?!data:|\/(?!\/))/i);
    }
  });

  test('names no other site in its scripts but those in the words of its libraries', () => {
    const sites = ending('.js').flatMap((name) => read(name).match(/https?:\/\/[a-z0-9.-]+/gi) ?? []);
    // Namespaces and links in error messages: none is ever asked.
    expect([...new Set(sites)].sort()).toEqual(['http://www.w3.org', 'https://react.dev']);
  });

  test('has a place for its first data, and a word for browsers without scripts', () => {
    expect(html).toContain('<!--first-data-->');
    expect(html).toContain('<noscript>');
    // The content security policy lets nothing run or style that stands in the document itself.
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
  });

  test('lies beside its scripts and styles compressed, each as it is', () => {
    for (const name of [...ending('.js'), ...ending('.css')]) {
      expect(brotliDecompressSync(readFileSync(join(dist, `${name}.br`))).toString()).toBe(read(name));
      expect(gunzipSync(readFileSync(join(dist, `${name}.gz`))).toString()).toBe(read(name));
    }
  });
});

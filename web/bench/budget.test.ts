/** Holds what a browser loads: the built page as it stands in `dist`, byte for byte. `npm test` builds it first. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { weigh } from './weight.ts';

const dist = join(import.meta.dirname, '../dist');
const names = readdirSync(dist, { recursive: true, encoding: 'utf8' });
const read = (name: string) => readFileSync(join(dist, name), 'utf8');
const ending = (end: string) => names.filter((name) => name.endsWith(end));
const html = read('index.html');

describe('the built page', () => {
  const entry = ending('.js').filter((name) => html.includes(`/${name}`));

  test('loads under 92 kB of script with brotli and 106 kB with gzip, whatever its address', () => {
    expect(entry).toHaveLength(1);
    const { brotli, gzip } = weigh(entry.map(read));
    expect(brotli).toBeLessThan(92_000);
    expect(gzip).toBeLessThan(106_000);
  });

  // All of them together, and so more than any one page can load.
  test('loads under 5 kB of script on top for a page that not everybody opens', () => {
    const later = ending('.js').filter((name) => !entry.includes(name));
    expect(weigh(later.map(read)).brotli).toBeLessThan(5_000);
    expect(weigh(later.map(read)).gzip).toBeLessThan(5_500);
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
    // Namespaces, links in error messages, and the router's base for addresses without one: none is ever asked.
    expect([...new Set(sites)].sort()).toEqual([
      'http://localhost',
      'http://www.w3.org',
      'https://github.com',
      'https://react.dev',
      'https://reactrouter.com',
    ]);
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

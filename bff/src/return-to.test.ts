import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeReturnTo } from './return-to.ts';

const HERE = 'https://ci.example.com';

/** Addresses that lead away in some browser, proxy or parser, or lead to what is no page. */
const ELSEWHERE = [
  '',
  ' ',
  'account',
  '//evil.example',
  '///evil.example',
  '////evil.example/account',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/ /evil.example',
  '/\u0000/evil.example',
  '/\u00a0/evil.example',
  '/\u200b/evil.example',
  '/\u2215evil.example',
  '/\uff0fevil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/account/..//evil.example',
  '/account/../..//evil.example',
  '/./\\evil.example',
  '/%2fevil.example',
  '/%2f%2fevil.example',
  '/%5cevil.example',
  '/%252f%252fevil.example',
  '/%09/evil.example',
  '/%0d%0aLocation:%20//evil.example',
  '/account%00',
  '/account\r\nSet-Cookie: a=b',
  '/account%0d%0aSet-Cookie:%20a=b',
  'https://evil.example',
  'https:evil.example',
  'https:/evil.example',
  'http://localhost:3000@evil.example/',
  'https://ci.example.com.evil.example/account',
  'https://ci.example.com/account',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)//account',
  '/javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'blob:https://evil.example/x',
  '//evil.example/account',
  '//evil.example%2faccount',
  '//evil%E3%80%82example',
  '//[::1]/account',
  '//0x7f000001/account',
  '/@evil.example',
  '/;@evil.example',
  '/api/log-out',
  '/api/account',
  '/auth/bitbucket/callback?code=a&state=b',
  '/metrics',
  '/assets/app.js',
  '/ACCOUNT',
  '/account/',
  '/account/more',
  '/acc%6funt',
  '/organizations/UPPER',
  '/organizations/a%2fb',
  '/organizations/a/b',
  `/organizations/${'a'.repeat(65)}`,
  `/account?${'a'.repeat(1_000)}`,
];

test.each(ELSEWHERE)('%j is no page to return to (OA-06)', (value) => {
  expect(safeReturnTo(value, HERE)).toBe(null);
});

test.each([undefined, null, 1, true, {}, ['/account'], { toString: () => '/account' }])(
  'what is no text is no page to return to: %j',
  (value) => expect(safeReturnTo(value, HERE)).toBe(null),
);

test.each([
  ['/account', '/account'],
  ['/account?attempt=1&x=%2F%2Fevil.example', '/account?attempt=1&x=%2F%2Fevil.example'],
  ['/organizations/new', '/organizations/new'],
  ['/projects/pilot', '/projects/pilot'],
  ['/organizations/deep-water', '/organizations/deep-water'],
  ['/account#//evil.example', '/account'],
  ['/organizations/../account', '/account'],
  ['/x/%2e%2e/account', '/account'],
  ['/account?next=//evil.example', '/account?next=//evil.example'],
])('%s leads to %s', (value, page) => {
  expect(safeReturnTo(value, HERE)).toBe(page);
});

describe('whatever the text', () => {
  const piece = fc.constantFrom(
    ...['/', '//', '\\', '.', '..', '%2f', '%5c', '%00', '\t', '\n', '@', ':', '?', '#', ';', ' '],
    ...['evil.example', 'account', 'organizations', 'new', 'https:', 'javascript:', 'localhost', '\u3002'],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.webUrl(),
    fc.string().map((rest) => `/account${rest}`),
  );

  test('the way leads to a page of ours, and reading its result again changes nothing', () => {
    fc.assert(
      fc.property(text, (value) => {
        const path = safeReturnTo(value, HERE);
        if (path === null) return;
        const url = new URL(path, HERE);
        expect(url.origin).toBe(HERE);
        expect(path).toBe(url.pathname + url.search);
        expect(path).toMatch(/^\/(account|login|signup|organizations\/[a-z0-9-]+)(\?[\x21-\x7e]*)?$/);
        expect(safeReturnTo(path, HERE)).toBe(path);
      }),
      { numRuns: 3_000 },
    );
  });
});

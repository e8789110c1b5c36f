/** What holds for every answer of the product, whatever was asked: the browser of the tests looks at each. */
import { expect } from 'vitest';

const SAME_FOR_ALL = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** Fails the test when an answer lacks a security header, speaks to another origin, or sets a cookie carelessly. */
export function expectSafeAnswer(response: Response): void {
  const { headers } = response;
  expect(Object.fromEntries(Object.keys(SAME_FOR_ALL).map((name) => [name, headers.get(name)]))).toEqual(
    SAME_FOR_ALL,
  );
  expectStrictPolicy(headers.get('content-security-policy'));
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  const kept = headers.get('cache-control');
  if (kept !== 'public, max-age=31536000, immutable') expect(kept).toBe('no-store');
  for (const line of headers.getSetCookie()) expectSafeCookie(line);
}

/** `__Host-`, Secure, HttpOnly, SameSite=Lax, the whole host and no other, and small enough for every browser. */
function expectSafeCookie(line: string): void {
  const [pair = '', ...attributes] = line.split('; ');
  expect(pair).toMatch(/^__Host-(session|browser)=([A-Za-z0-9_-]{43})?$/);
  expect(attributes).toEqual(expect.arrayContaining(['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']));
  expect(attributes.filter((attribute) => /^domain/i.test(attribute))).toEqual([]);
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
}

function expectStrictPolicy(policy: string | null): void {
  const directives = new Map(
    (policy ?? '').split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources.join(' ')];
    }),
  );
  expect(Object.fromEntries(directives)).toMatchObject({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  });
  // `object-src`, `frame-src` and the like fall back to 'none'; a directive that opens one must be a decision.
  expect([...directives.keys()].sort()).toEqual([
    'base-uri',
    'connect-src',
    'default-src',
    'font-src',
    'form-action',
    'frame-ancestors',
    'img-src',
    'manifest-src',
    'script-src',
    'style-src',
  ]);
  expect(policy).not.toMatch(/unsafe-|\*/);
}

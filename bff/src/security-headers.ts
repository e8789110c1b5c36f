/** What every answer tells the browser it must not do. */
import { createMiddleware } from 'hono/factory';
import { type Config, isLoopback } from './config.ts';

const TWO_YEARS = 63_072_000;

/** Headers for all answers, errors included; only our own scripts, styles and calls run on our pages. */
export function securityHeaders({
  providers,
  tls,
  publicUrl,
}: Pick<Config, 'providers' | 'tls' | 'publicUrl'>) {
  // Avatars come from wherever a provider keeps them; without TLS only from the provider itself (on loopback).
  const plain = Object.values(providers)
    .map(({ webUrl }) => new URL(webUrl).origin)
    .filter((origin) => origin.startsWith('http:'));
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    ["img-src 'self' data: https:", ...new Set(plain)].join(' '),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  // With a certificate of one's own on localhost, browsers would hold every other program there to https for two years.
  const strict = !(tls && isLoopback(new URL(publicUrl).hostname));

  return createMiddleware(async (c, next) => {
    await next();
    c.header('Content-Security-Policy', policy);
    if (strict) c.header('Strict-Transport-Security', `max-age=${TWO_YEARS}; includeSubDomains`);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'same-origin');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Cross-Origin-Resource-Policy', 'same-origin');
    c.header('X-Frame-Options', 'DENY');
    c.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    // Everything but the built files may hold what belongs to one person.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  });
}

/** Our two cookies. Both carry `__Host-`: this host alone, all of it, over TLS (browsers count localhost as safe). */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { isToken, newToken } from './token.ts';

/** Proves who is logged in. */
const SESSION = 'session';
/** Names the browser that starts a walk to a provider, so that nobody can finish it in another one. */
const BROWSER = 'browser';

// Lax, not Strict: the callback from a provider is a navigation from another site and has to find both.
const OPTIONS = { prefix: 'host', secure: true, path: '/', httpOnly: true, sameSite: 'Lax' } as const;
const SESSION_SECONDS = 90 * 86_400;
const BROWSER_SECONDS = 86_400;

export function readSessionCookie(c: Context): string | undefined {
  const value = getCookie(c, SESSION, 'host');
  return isToken(value) ? value : undefined;
}

/** The server decides when a session ends; the cookie only has to last as long as one can. */
export function setSessionCookie(c: Context, token: string): void {
  setCookie(c, SESSION, token, { ...OPTIONS, maxAge: SESSION_SECONDS });
}

export function clearSessionCookie(c: Context): void {
  deleteCookie(c, SESSION, OPTIONS);
}

export function readBrowserCookie(c: Context): string | undefined {
  const value = getCookie(c, BROWSER, 'host');
  return isToken(value) ? value : undefined;
}

/** Returns the browser's token, made now if it has none. */
export function ensureBrowserCookie(c: Context): string {
  const token = readBrowserCookie(c) ?? newToken();
  setCookie(c, BROWSER, token, { ...OPTIONS, maxAge: BROWSER_SECONDS });
  return token;
}

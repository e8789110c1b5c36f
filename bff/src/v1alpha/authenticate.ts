/**
 * Who is asking: the owner of an API token. Cookies are not even read here, so that no page that somebody has open can
 * be made to speak to these addresses.
 */
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { type Caller, findCaller, isApiToken } from '../api-tokens/api-token.ts';
import type { Deps } from '../deps.ts';
import type { Limits } from './limits.ts';
import { refuse } from './refuse.ts';

export type CallerEnv = { Variables: { requestId: string; caller: Caller } };

/** Lets only requests with a token that works through. Failures are counted by address, and nothing else is. */
export function authenticate({ db, now }: Pick<Deps, 'db' | 'now'>, limits: Limits) {
  return createMiddleware<CallerEnv>(async (c, next) => {
    const token = readToken(c.req.header('authorization'));
    const caller = token === null ? null : await findCaller(db, token, now());
    if (caller) {
      c.set('caller', caller);
      return next();
    }
    const wait = await limits.countFailure(remoteAddress(c));
    if (wait !== null) {
      c.header('Retry-After', String(wait));
      return refuse(c, 429, `Too many requests without a token that works. Try again in ${wait} s.`);
    }
    c.header('WWW-Authenticate', 'Bearer');
    return refuse(c, 401, 'Unauthorized');
  });
}

/** `Token` is the word of `sem`, `Bearer` that of everything else; both as the real service reads them, to the letter. */
function readToken(header: string | undefined): string | null {
  const [, token] = /^(?:Token|Bearer) (\S+)$/.exec(header ?? '') ?? [];
  return token !== undefined && isApiToken(token) ? token : null;
}

/** Behind a proxy this is the proxy: headers that name another one can be made up by anybody. */
function remoteAddress(c: Context): string {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? 'unknown';
}

/**
 * Refuses every changing request that another site could have caused, whatever its content type: it must carry our
 * header, which a foreign form cannot send, and come from our own origin as far as the browser says. Where the browser
 * says nothing the answer is no. (`hono/csrf` looks at form content types only: a foreign JSON POST gets through it.)
 */
import { createMiddleware } from 'hono/factory';
import { problem } from '../problem.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export const OWN_HEADER = 'x-requested-with';
export const OWN_HEADER_VALUE = 'semaphore';

export function refuseCrossSite(publicUrl: string) {
  return createMiddleware(async (c, next) => {
    if (SAFE.has(c.req.method)) return next();
    const origin = c.req.header('origin');
    const site = c.req.header('sec-fetch-site');
    const originFits = origin === publicUrl;
    const siteFits = site === 'same-origin';
    const fits = (origin === undefined ? siteFits : originFits) && (site === undefined || siteFits);
    if (c.req.header(OWN_HEADER) !== OWN_HEADER_VALUE || !fits) {
      return problem(c, 'cross-site', `This page works at ${publicUrl} only. Open it there.`);
    }
    // A simple content type is what a foreign page could send without asking first.
    const type = c.req.header('content-type');
    if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type))
      return problem(c, 'unsupported-media-type');
    return next();
  });
}

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Bitbucket's usual error envelope. `extra` stands beside the message (`detail`, `fields`, `data`). */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  message: string,
  extra: Record<string, unknown> = {},
): Response {
  return c.json({ type: 'error', error: { message, ...extra } }, status);
}

export const tokenRefused = (c: Context) =>
  problem(c, 401, 'Token is invalid, expired, or not supported for this endpoint.');

export const resourceNotFound = (c: Context) => problem(c, 404, 'Resource not found');

export const noSuchRepository = (c: Context) =>
  problem(
    c,
    404,
    'You may not have access to this repository or it no longer exists in this workspace. If you think this repository exists and you have access, make sure you are authenticated.',
  );

/** The answer of the cross-workspace listings that were removed in April 2026. */
export function gone(c: Context): Response {
  const data = { change: 'CHANGE-2770' };
  return c.json(
    {
      type: 'error',
      error: {
        message: 'CHANGE-2770 - Functionality has been deprecated',
        detail: 'This cross-workspace endpoint has been removed. List by workspace instead.',
        data,
      },
      data,
    },
    410,
  );
}

/**
 * One page of `values`. `next` is an opaque absolute URL; a page length outside 1 to `max` is refused.
 * `origin` is the API's public one, because the request may have come under another name.
 */
export function paged(
  c: Context,
  origin: string,
  values: unknown[],
  { max = 100, usual = 10 }: { max?: number; usual?: number } = {},
): Response {
  const url = new URL(c.req.url);
  const asked = url.searchParams.get('pagelen');
  const pagelen = asked === null ? usual : Number(asked);
  if (!Number.isInteger(pagelen) || pagelen < 1 || pagelen > max) return problem(c, 400, 'Invalid pagelen');
  const cursor = url.searchParams.get('ctx');
  const page = url.searchParams.get('page');
  const offset =
    cursor !== null
      ? Number(/^from:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1] ?? Number.NaN)
      : page !== null
        ? (Number(page) - 1) * pagelen
        : 0;
  if (!Number.isInteger(offset) || offset < 0) return problem(c, 400, 'Invalid page');
  const end = offset + pagelen;
  const next = new URL(`${url.pathname}${url.search}`, origin);
  next.searchParams.delete('page');
  next.searchParams.set('ctx', Buffer.from(`from:${end}`).toString('base64url'));
  return c.json({
    values: values.slice(offset, end),
    pagelen,
    size: values.length,
    page: Math.floor(offset / pagelen) + 1,
    ...(end < values.length ? { next: next.href } : {}),
  });
}

/** What makes a click that is sent twice one click: a UUID that the page makes for each. */
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';
import { problem } from './problem.ts';

export type KeyEnv = { Variables: { idempotencyKey: string } };

const Key = z.uuid();

/** Requires the header `Idempotency-Key`, in lower case afterwards. */
export const requireKey = createMiddleware<KeyEnv>(async (c, next) => {
  const key = Key.safeParse(c.req.header('idempotency-key')?.toLowerCase());
  if (!key.success) return problem(c, 'invalid-request', 'Idempotency-Key: a UUID is needed');
  c.set('idempotencyKey', key.data);
  return next();
});

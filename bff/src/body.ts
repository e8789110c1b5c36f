/** Reads and checks a JSON body, or a query; what does not fit is answered with a problem that names the field. */
import { zValidator } from '@hono/zod-validator';
import type { Context } from 'hono';
import type { ZodError, ZodType } from 'zod';
import { problem } from './problem.ts';

export function readBody<S extends ZodType>(schema: S) {
  return zValidator('json', schema, (result, c) => (result.success ? undefined : refuse(c, result.error)));
}

/** Each value is a text, and the last one where a name comes more than once. */
export function readQuery<T extends Record<string, string | undefined>>(schema: ZodType<T, T>) {
  return zValidator('query', schema, (result, c) => (result.success ? undefined : refuse(c, result.error)));
}

function refuse(c: Context, { issues: [issue] }: Pick<ZodError, 'issues'>) {
  return problem(c, 'invalid-request', issue && `${issue.path.join('.') || 'body'}: ${issue.message}`);
}

/** Reads and checks a JSON body; what does not fit is answered with a problem that names the field. */
import { zValidator } from '@hono/zod-validator';
import type { ZodType } from 'zod';
import { problem } from './problem.ts';

export function readBody<T>(schema: ZodType<T, T>) {
  return zValidator('json', schema, (result, c) => {
    if (result.success) return undefined;
    const issue = result.error.issues[0];
    return problem(c, 'invalid-request', issue && `${issue.path.join('.') || 'body'}: ${issue.message}`);
  });
}

/** What the description of this API says of every operation alike: who may ask, and how it says no. */
import { z } from '@hono/zod-openapi';

const Message = z
  .object({ message: z.string().openapi({ example: 'Not found' }) })
  .openapi('Message', { description: 'Why it was refused, in one sentence on one line.' });

const REFUSALS = {
  400: 'Not well formed, or it is not clear which of several organizations is meant.',
  401: 'No token that works; or, where something is to be changed, a role that does not allow it.',
  404: 'It is not there, or the owner of the token may not see it.',
  413: 'The body is larger than 262,144 bytes.',
  422: 'The content is refused. Nothing was changed, unless the sentence says so.',
  429: 'Too many requests. `Retry-After` says in how many seconds to come back.',
  500: 'Something went wrong on the side of this service.',
  503: 'Bitbucket, or this service, cannot answer just now. Nothing was changed, unless the sentence says so.',
};
type Status = keyof typeof REFUSALS;
type Refusals = Record<
  Status,
  { description: string; content: { 'application/json': { schema: typeof Message } } }
>;

/** What every address below a token can answer. */
const ALWAYS = [400, 401, 404, 429, 500, 503] as const;

/** The refusals of an operation, with an example of each that is worth one. */
export function refusals<S extends Status>(
  more: readonly S[],
  examples: Partial<Record<Status, string>> = {},
): Pick<Refusals, (typeof ALWAYS)[number] | S> {
  const described = [...new Set<Status>([...ALWAYS, ...more])].sort().map((status) => {
    const message = examples[status];
    const example = message === undefined ? {} : { example: { message } };
    const headers = status === 429 ? { headers: RETRY_AFTER } : {};
    const content = { 'application/json': { schema: Message, ...example } };
    return [status, { description: REFUSALS[status], content, ...headers }];
  });
  return Object.fromEntries(described);
}

const RETRY_AFTER = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } } as const;

/** The token, in either of two words. */
export const SECURITY = [{ bearer: [] }, { token: [] }];

/** As a part of every address that names a project. */
export const ProjectName = z.object({
  project: z.string().openapi({
    description: 'Name of the project, in letters of any case.',
    example: 'web-shop',
  }),
});

/**
 * The closed list of problems that the BFF can answer with, in the shape of RFC 9457.
 * The page has words for each code; a code missing there does not compile.
 */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

const PROBLEMS = {
  'not-logged-in': [401, 'You are not logged in'],
  'not-found': [404, 'There is nothing at this address'],
  'cross-site': [403, 'This request did not come from our own page'],
  'unsupported-media-type': [415, 'Send JSON'],
  'invalid-request': [400, 'The request is not well formed'],
  'too-large': [413, 'The request is too large'],
  'invalid-screen-name': [422, 'This screen name cannot be used'],
  'invalid-name': [422, 'This name cannot be used'],
  'invalid-slug': [422, 'This URL name cannot be used'],
  'slug-taken': [409, 'This URL name is taken'],
  'not-allowed': [403, 'Your role does not allow this'],
  'last-owner': [409, 'The last owner of an organization stays'],
  'invitation-ended': [409, 'This invitation does not hold any more'],
  'too-many-tokens': [409, 'There are as many API tokens as one person can have'],
  'last-way-in': [409, 'The last way to log in cannot be removed'],
  'waiting-gone': [404, 'This connection is no longer waiting'],
  'account-owned-by-another': [409, 'This account belongs to another profile'],
  'provider-not-configured': [404, 'This provider is not configured here'],
  'not-connected': [409, 'This provider is not connected'],
  'invalid-project-name': [422, 'This project name cannot be used'],
  'project-name-taken': [409, 'This project name is taken'],
  'invalid-pipeline-file': [422, 'This path cannot be a pipeline file'],
  'invalid-branch-whitelist': [422, 'This list of branches cannot be used'],
  'invalid-tag-whitelist': [422, 'This list of tags cannot be used'],
  'invalid-repository-url': [422, 'This is no URL of a repository'],
  'repository-not-visible': [422, 'Your account at the provider sees no such repository'],
  'repository-changed': [409, 'Another repository is behind this URL now'],
  'no-admin-right': [403, 'Your account at the provider has no admin right on this repository'],
  'grant-needed': [409, 'Access has to be granted at the provider first'],
  'scope-missing': [409, 'The granted access does not cover this'],
  'operation-running': [409, 'Something else is being done with this project'],
  'idempotency-mismatch': [409, 'This key was used for another request'],
  'provider-fault': [503, 'The provider could not be asked'],
  'not-ready': [503, 'The service cannot answer just now'],
  internal: [500, 'Something went wrong on our side'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type ProblemCode = keyof typeof PROBLEMS;
type StatusOf<Code extends ProblemCode> = (typeof PROBLEMS)[Code][0];

/** Answers with a problem; `detail` is a sentence for a person and never holds anything from inside. */
export function problem<Code extends ProblemCode>(c: Context, code: Code, detail?: string) {
  const [status, title] = PROBLEMS[code];
  const body = { type: `urn:semaphore:problem:${code}`, title, status, code, ...(detail ? { detail } : {}) };
  return c.json(body, status as StatusOf<Code>, { 'Content-Type': 'application/problem+json' });
}

/** What the product refuses, in the words that people at a terminal know. */
import { createMiddleware } from 'hono/factory';
import type { Deps } from '../deps.ts';
import type { ProblemCode } from '../problem.ts';
import { keepVisibleText } from '../visible-text.ts';
import type { OrganizationEnv } from './organization.ts';
import { refuse } from './refuse.ts';

export type Refusal = { ok: false; status: 401 | 404 | 422 | 503; message: string };

const LONGEST_URL = 200;

export function invalid(message: string): Refusal {
  return { ok: false, status: 422, message };
}

export const NOT_FOUND: Refusal = { ok: false, status: 404, message: 'Not found' };

/** 401 is what the real service answers; `sem` prints the sentence. */
function notAllowed(organization: { name: string }): Refusal {
  const message = `Unauthorized. Only owners and admins of ${organization.name} can do this.`;
  return { ok: false, status: 401, message };
}

/** Lets only those through who may change something, before anything else is looked at. */
export const changersOnly = createMiddleware<OrganizationEnv>(async (c, next) => {
  const { organization } = c.var;
  if (organization.role !== 'member') return next();
  const { status, message } = notAllowed(organization);
  return refuse(c, status, message);
});

/** A URL that is none. It is repeated, so that a typing error is seen, unless it can hold a password. */
export function unrecognizedUrl(url: string, why: string): Refusal {
  const shown = holdsCredentials(url) ? '' : ` '${keepVisibleText(url, LONGEST_URL)}'`;
  return invalid(`Unrecognized Git remote format${shown}. ${why}`);
}

/** Anything before an `@` but a short plain name; and what follows a `?` can be anything. */
function holdsCredentials(url: string): boolean {
  if (/[?#]/.test(url)) return true;
  const at = url.lastIndexOf('@');
  const before = url.slice(0, Math.max(at, 0)).replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  return at >= 0 && !/^[a-z_][a-z0-9_-]{0,15}$/i.test(before);
}

/** The sentence for a problem that the pages have words of their own for. */
export function refusalOf(
  { config }: Pick<Deps, 'config'>,
  code: ProblemCode,
  { organization, name = '' }: { organization: { name: string }; name?: string },
): Refusal {
  const account = `${config.publicUrl}/account`;
  switch (code) {
    case 'not-found':
      return NOT_FOUND;
    case 'not-allowed':
      return notAllowed(organization);
    case 'project-name-taken':
      return invalid(`Project name '${name}' is already taken`);
    case 'repository-not-visible':
      return invalid('Repository not found.');
    case 'no-admin-right':
      return invalid('Admin permissions are required on the repository to add the project to Semaphore');
    case 'grant-needed':
      return invalid(`Access has to be granted at Bitbucket first: see ${account}`);
    case 'scope-missing':
      return invalid(`What was granted at Bitbucket does not cover this. Grant access again: see ${account}`);
    case 'repository-changed':
      return invalid('The repository was changed meanwhile. Nothing was changed. Try again.');
    case 'operation-running':
      return invalid(
        'Something else is being done with this project. Nothing was changed. Try again in a moment.',
      );
    case 'idempotency-mismatch':
      return invalid('This Idempotency-Key was used for another request.');
    case 'provider-fault': {
      const message = 'Bitbucket could not be asked. Nothing was changed. Try again in a moment.';
      return { ok: false, status: 503, message };
    }
    default:
      // Whatever else there is belongs to pages, or was read before.
      throw new Error(`This API has no words for ${code}.`);
  }
}

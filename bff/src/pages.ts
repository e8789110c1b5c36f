/**
 * The pages: which addresses there are, and which answers of the API each needs first. The HTML carries those answers,
 * so the stored state is readable before any call returns.
 */
import { filtersOf } from './activity/filters.ts';

type Page = {
  /** Matches the whole path. */
  pattern: RegExp;
  /** Only for people who are logged in; others are sent to log in and back. */
  needsSession: boolean;
  /** API addresses whose answers come with the HTML, besides `/api/session`. */
  firstData(path: RegExpExecArray, query: URLSearchParams): string[];
  /** An address that only stands for another one. */
  leadsTo?(path: RegExpExecArray): string;
};

const SEGMENT = '[a-z0-9-]{1,39}';
/** What a project's name may look like; compared without case. */
const PROJECT = '(?!new(?:/|$))[A-Za-z0-9][A-Za-z0-9._-]{0,79}';
const INVITATION = /^\/invitations\/([A-Za-z0-9_-]{1,100})$/;

const attemptData = (_path: RegExpExecArray, query: URLSearchParams) => {
  const attempt = query.get('attempt');
  return attempt && /^[0-9a-f-]{36}$/.test(attempt) ? [`/api/sign-in-attempts/${attempt}`] : [];
};

const PAGES: Page[] = [
  { pattern: /^\/signup$/, needsSession: false, firstData: attemptData },
  { pattern: /^\/login$/, needsSession: false, firstData: attemptData },
  {
    pattern: /^\/account$/,
    needsSession: true,
    firstData: (path, query) => ['/api/account', '/api/api-tokens', ...attemptData(path, query)],
  },
  { pattern: /^\/organizations\/new$/, needsSession: true, firstData: () => [] },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})$`),
    needsSession: true,
    firstData: ([, org]) => [`/api/organizations/${org}`, `/api/organizations/${org}/projects`],
  },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})/people$`),
    needsSession: true,
    firstData: ([, org]) => [`/api/organizations/${org}/people`, `/api/organizations/${org}/invitations`],
  },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})/projects/new$`),
    needsSession: true,
    // The repositories are streamed in afterwards: the provider takes its time for them.
    firstData: ([, org]) => [`/api/organizations/${org}`],
  },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})/projects/(${PROJECT})$`),
    needsSession: true,
    firstData: ([, org, project], query) => [
      `/api/organizations/${org}/projects/${project}`,
      `/api/organizations/${org}/projects/${project}/activity${filtersOf(query)}`,
    ],
  },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})/projects/(${PROJECT})/settings/general$`),
    needsSession: true,
    firstData: ([, org, project]) => [`/api/organizations/${org}/projects/${project}`],
  },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})/projects/(${PROJECT})/settings/repository$`),
    needsSession: true,
    firstData: ([, org, project]) => [
      `/api/organizations/${org}/projects/${project}`,
      `/api/organizations/${org}/projects/${project}/repository`,
    ],
  },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})/projects/(${PROJECT})/settings$`),
    needsSession: true,
    firstData: () => [],
    leadsTo: ([path]) => `${path}/general`,
  },
  {
    pattern: new RegExp(`^/organizations/(${SEGMENT})/projects$`),
    needsSession: true,
    firstData: () => [],
    leadsTo: ([, org]) => `/organizations/${org}`,
  },
  // Anyone with the link may read what it offers; one that was cut short gets the page that says so.
  {
    pattern: INVITATION,
    needsSession: false,
    firstData: ([, token]) => [`/api/invitations/${token}`],
  },
];

/** What `sem init` prints when it was connected without an organization: no page, but the way to one. */
const SHORT_OF_PROJECT = new RegExp(`^/projects/${PROJECT}$`);

/** Whether a path is one of the product's pages, or leads to one. */
export function isPage(path: string): boolean {
  return SHORT_OF_PROJECT.test(path) || PAGES.some(({ pattern }) => pattern.test(path));
}

/** Whether a path is the page of an invitation. */
export function isInvitation(path: string): boolean {
  return INVITATION.test(path);
}

/** What a page needs, or null when there is no such page. */
export function findPage(
  path: string,
  query: URLSearchParams,
): { needsSession: boolean; firstData: string[]; leadsTo: string | null } | null {
  for (const { pattern, needsSession, firstData, leadsTo } of PAGES) {
    const match = pattern.exec(path);
    if (match) {
      return { needsSession, firstData: firstData(match, query), leadsTo: leadsTo?.(match) ?? null };
    }
  }
  return null;
}

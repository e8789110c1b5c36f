/** Serves the single-page app: its files as built, and its HTML with the first data in it. */
import { readFile } from 'node:fs/promises';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import type { Deps } from './deps.ts';
import { findPage, isPage } from './pages.ts';
import { type ProblemCode, problem } from './problem.ts';
import { findOnlyProject } from './projects/find-project.ts';
import { withSession } from './session/middleware.ts';

/** Asks our own API on behalf of the request, with its cookies. */
export type AskApi = (path: string, c: Context) => Response | Promise<Response>;

export type Shell = {
  /** Folder of the built app. */
  root: string;
  html: string;
};

const PLACE = '<!--first-data-->';
const A_YEAR = 31_536_000;

/** Reads the built app. Throws with a sentence for the operator when it was not built. */
export async function readShell(root: string): Promise<Shell> {
  const html = await readFile(`${root}/index.html`, 'utf8').catch(() => {
    throw new Error('The pages are not built. Run `npm run build` first.');
  });
  if (!html.includes(PLACE)) throw new Error('The built index.html has no place for the first data.');
  return { root, html };
}

export function shellRoutes(deps: Deps, shell: Shell, ask: AskApi) {
  const page = async (c: Context) => {
    const path = new URL(c.req.url).pathname;
    const found = findPage(path, new URL(c.req.url).searchParams);
    const answers = await Promise.all(
      ['/api/session', ...(found?.firstData ?? [])].map(
        async (address) => [address, await ask(address, c)] as const,
      ),
    );
    const data: Record<string, unknown> = {};
    for (const [address, answer] of answers) if (answer.status === 200) data[address] = await answer.json();
    // The page of something that is not there is not there either, whatever words it shows.
    const missing =
      !found || answers.some(([address, answer]) => answer.status === 404 && !isAttempt(address));
    return c.html(
      shell.html.replace(PLACE, () => firstData(data)),
      missing ? 404 : 200,
    );
  };

  return (
    new Hono()
      .use('/assets/*', async (c, next) => {
        await next();
        // File names carry a hash of their content. (`onFound` comes too late: the answer is made by then.)
        if (c.res.ok) c.header('Cache-Control', `public, max-age=${A_YEAR}, immutable`);
      })
      .use('/assets/*', serveStatic({ root: shell.root, precompressed: true }))
      .get('/assets/*', (c) => problem(c, 'not-found'))
      .use('/favicon.svg', serveStatic({ root: shell.root, path: 'favicon.svg' }))
      .get('/', withSession(deps), (c) => c.redirect(c.var.session ? '/account' : '/login', 303))
      // The address that `sem init` prints where its connection names no organization.
      .get('/projects/:project', withSession(deps), async (c, next) => {
        const { session } = c.var;
        const { pathname } = new URL(c.req.url);
        if (!session && isPage(pathname)) return c.redirect(logInAndBackTo(pathname), 303);
        const name = c.req.param('project');
        const only = session && (await findOnlyProject(deps.db, { name, profileId: session.profileId }));
        if (!only) return next();
        return c.redirect(`/organizations/${only.organization}/projects/${only.name}`, 303);
      })
      .get('*', withSession(deps), async (c) => {
        const url = new URL(c.req.url);
        const found = findPage(url.pathname, url.searchParams);
        if (found?.needsSession && !c.var.session) {
          return c.redirect(logInAndBackTo(url.pathname + url.search), 303);
        }
        if (found?.leadsTo) return c.redirect(found.leadsTo, 303);
        return page(c);
      })
  );
}

/** The page that says what went wrong, whatever its address; `code` is a problem's. */
export function faultPage(shell: Shell, code: ProblemCode): string {
  return shell.html.replace(PLACE, () => firstData({ fault: code }));
}

function logInAndBackTo(address: string): string {
  return `/login?return-to=${encodeURIComponent(address)}`;
}

function isAttempt(address: string): boolean {
  return address.startsWith('/api/sign-in-attempts/');
}

/** `<` is escaped, so that no text of a person or provider can end the block. */
function firstData(data: Record<string, unknown>): string {
  const json = JSON.stringify(data).replace(/</g, '\\u003c');
  return `<script type="application/json" id="first-data">${json}</script>`;
}

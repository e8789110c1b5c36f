/**
 * A project's server-sent events: what a page shows at once and after each change, whoever changed it on whichever
 * replica. It ends by itself after a while: the browser comes back, and is asked anew who it is.
 */
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Deps } from '../deps.ts';
import { type FoundProject, findProjectById, type ProjectEnv } from '../projects/find-project.ts';
import type { Session } from '../session/session.ts';
import { readRepositoryView } from './read-view.ts';
import { readOperation } from './repair/read-operation.ts';
import type { OperationView } from './view.ts';
import { watchProject } from './watch.ts';

/** Sent with `gone`: what was being done last, for who may still know; it says why a project could not be made. */
export type GoneView = { operation: OperationView | null };

/** Milliseconds between looks at whether the process leaves. */
const TICK = 250;
/** Milliseconds after which a person who was removed, or logged out elsewhere, sees no more. */
const DOUBT = 2_000;
/** Milliseconds; a proxy closes a connection that says nothing for long. */
const SIGN_OF_LIFE = 15_000;
const LONGEST = 30 * 60_000;

/** What a stream says of a project when something changed. */
export type Tell = (found: FoundProject) => Promise<{ event: string; data: unknown }>;

/** The whole Repository tab. */
export function tellView(deps: Deps, { profileId }: Pick<Session, 'profileId'>): Tell {
  return async ({ project, role, organization: { slug, name } }) => {
    const viewer = { profileId, role, organization: { slug, name } };
    return { event: 'view', data: await readRepositoryView(deps, project, viewer) };
  };
}

/** Opens the stream. Whoever asks was let in; that they still may look is asked again and again. */
export function answerWithEvents(deps: Deps, c: Context<ProjectEnv>, tell: Tell): Response {
  const of = { projectId: c.var.found.project.id, session: c.var.session };
  const response = streamSSE(c, (stream) => {
    const streaming = streamEvents(deps, stream, of, tell);
    // A process that leaves waits for it.
    deps.background.run('events', () => streaming);
    return streaming;
  });
  // A proxy in front would collect what is meant to arrive at once.
  response.headers.set('X-Accel-Buffering', 'no');
  response.headers.set('Cache-Control', 'no-store');
  return response;
}

/** Runs until nobody listens, the project or the right to see it is gone, or the process leaves. Never throws. */
async function streamEvents(
  deps: Deps,
  stream: SSEStreamingApi,
  of: { projectId: string; session: Session },
  tell: Tell,
): Promise<void> {
  const { lifecycle, log } = deps;
  const started = performance.now();
  let changed = true;
  let wake = () => {};
  const unwatch = watchProject(deps, of.projectId, () => {
    changed = true;
    wake();
  });
  stream.onAbort(() => wake());
  let lastSent = '';
  let checkedAt = 0;
  let spokeAt = started;
  try {
    while (lifecycle.accepting && !stream.aborted && performance.now() - started < LONGEST) {
      const now = performance.now();
      if (changed || now - checkedAt >= DOUBT) {
        // Before it is read: what changes meanwhile is read once more.
        const news = changed;
        changed = false;
        checkedAt = now;
        const may = await stillMay(deps, of);
        if (!may || may.project.state === 'deleted') {
          const operation = may ? await readOperation(deps.db, of.projectId, deps.now()) : null;
          const gone: GoneView = { operation };
          return await stream.writeSSE({ event: 'gone', data: JSON.stringify(gone) });
        }
        if (news) {
          const said = await tell(may);
          const data = JSON.stringify(said.data);
          if (data !== lastSent) {
            await stream.writeSSE({ event: said.event, data });
            lastSent = data;
            spokeAt = performance.now();
          }
        }
      }
      if (performance.now() - spokeAt >= SIGN_OF_LIFE) {
        await stream.write(': still here\n\n');
        spokeAt = performance.now();
      }
      if (changed || stream.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, TICK);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } catch (error) {
    // The answer is half sent: the browser comes back and hears then what is wrong.
    log.error({ err: error, project: of.projectId }, 'events ended');
  } finally {
    unwatch();
  }
}

/** The project as this person may see it now; undefined when they, or their session, do not belong here any more. */
async function stillMay(deps: Deps, { projectId, session }: { projectId: string; session: Session }) {
  const [found, alive] = await Promise.all([
    findProjectById(deps.db, { projectId, profileId: session.profileId }),
    deps.db.selectFrom('session').select('id').where('id', '=', session.id).executeTakeFirst(),
  ]);
  return alive ? found : undefined;
}

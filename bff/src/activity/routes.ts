/** The addresses of a project's Activity page. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { readBody } from '../body.ts';
import type { Deps } from '../deps.ts';
import { requireKey } from '../idempotency-key.ts';
import { problem } from '../problem.ts';
import { findProjectById, requireProject } from '../projects/find-project.ts';
import { announceChange, watchProject } from '../repository/watch.ts';
import { readSessionCookie } from '../session/cookies.ts';
import { requireSession } from '../session/middleware.ts';
import { findSession } from '../session/session.ts';
import { runBranch, runMissed } from '../workflows/run.ts';
import { requestComparison } from './compare.ts';
import {
  ACTIVITY_KINDS,
  ACTIVITY_STATES,
  readActivity,
  readDelivery,
  readPosition,
  readWorkflow,
} from './read.ts';

const Query = z.object({
  kind: z.enum(ACTIVITY_KINDS).optional(),
  state: z.enum(ACTIVITY_STATES).optional(),
  before: z.string().optional(),
});
const Run = z.strictObject({ branch: z.string().min(1).max(1_000) });
const Empty = z.strictObject({});
/** Milliseconds between two signs of life on a stream. */
const HEARTBEAT = 15_000;
/** A stream sees within this time that the process leaves. */
const GLANCE = 500;

export function activityRoutes(deps: Deps) {
  const { db, lifecycle, now } = deps;
  const session = requireSession(deps);
  const anyone = requireProject(deps, 'look');
  const changers = requireProject(deps, 'change');
  const isId = (text: string) => z.uuid().safeParse(text).success;

  return new Hono()
    .basePath('/organizations/:org/projects/:project')
    .get('/activity', session, anyone, async (c) => {
      const query = Query.safeParse(c.req.query());
      const before = query.data?.before ? readPosition(query.data.before) : undefined;
      if (!query.success || before === null) return problem(c, 'invalid-request');
      const { project, role } = c.var.found;
      return c.json(await readActivity(deps, project, role, { ...query.data, before }), 200);
    })
    .get('/activity/events', session, anyone, (c) => {
      const { project } = c.var.found;
      const { profileId } = c.var.session;
      const token = readSessionCookie(c);
      return streamSSE(c, async (stream) => {
        let changed = true;
        let wake: () => void = () => undefined;
        const stop = watchProject(deps, project.id, () => {
          changed = true;
          wake();
        });
        stream.onAbort(() => wake());
        let quietSince = Date.now();
        try {
          while (!stream.aborted && lifecycle.accepting) {
            if (changed) {
              changed = false;
              // Whoever was removed, or logged out, hears no more.
              const found = await findProjectById(db, { projectId: project.id, profileId });
              const alive = token && (await findSession(db, token, now()));
              if (!found || !alive || found.project.state === 'deleted') {
                await stream.writeSSE({ event: 'gone', data: '{}' });
                return;
              }
              const data = JSON.stringify({ version: found.project.version });
              await stream.writeSSE({ event: 'change', data });
              quietSince = Date.now();
            } else if (Date.now() - quietSince > HEARTBEAT) {
              await stream.write(': still here\n\n');
              quietSince = Date.now();
              changed = true;
            }
            if (changed) continue;
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, GLANCE);
              wake = () => {
                clearTimeout(timer);
                resolve();
              };
            });
          }
        } finally {
          stop();
        }
      });
    })
    .post('/activity/check', session, anyone, readBody(Empty), async (c) => {
      await requestComparison(deps, c.var.found.project);
      return c.json({}, 202);
    })
    .get('/deliveries/:id', session, anyone, async (c) => {
      const id = c.req.param('id');
      const found = isId(id) && (await readDelivery(deps, c.var.found.project, id));
      return found ? c.json(found, 200) : problem(c, 'not-found');
    })
    .get('/workflows/:id', session, anyone, async (c) => {
      const id = c.req.param('id');
      const found = isId(id) && (await readWorkflow(deps, c.var.found.project, id));
      return found ? c.json(found, 200) : problem(c, 'not-found');
    })
    .post('/workflows', session, changers, requireKey, readBody(Run), async (c) => {
      const { project } = c.var.found;
      const { profileId } = c.var.session;
      const { branch } = c.req.valid('json');
      const result = await runBranch(deps, project, {
        branch,
        requestedBy: profileId,
        idempotencyKey: c.var.idempotencyKey,
      });
      if (!result.ok) return problem(c, result.problem, result.detail);
      announceChange(deps, project.id);
      return c.json({ id: result.workflowId }, 201);
    })
    .post('/gaps/:id/run', session, changers, readBody(Empty), async (c) => {
      const id = c.req.param('id');
      if (!isId(id)) return problem(c, 'not-found');
      const result = await runMissed(deps, c.var.found.project, id, c.var.session.profileId);
      if (!result.ok) return problem(c, result.problem, result.detail);
      return c.json({ id: result.workflowId }, 201);
    });
}

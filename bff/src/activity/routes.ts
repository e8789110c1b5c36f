/** The addresses of a project's Activity page. */
import { Hono } from 'hono';
import { z } from 'zod';
import { readBody, readQuery } from '../body.ts';
import type { Deps } from '../deps.ts';
import { requireKey } from '../idempotency-key.ts';
import { problem } from '../problem.ts';
import { requireProject } from '../projects/find-project.ts';
import { answerWithEvents, type Tell } from '../repository/events.ts';
import { requireSession } from '../session/middleware.ts';
import { runBranch, runMissed } from '../workflows/run.ts';
import { requestComparison } from './compare.ts';
import { ACTIVITY_KINDS, ACTIVITY_STATES } from './filters.ts';
import { readActivity, readDelivery, readPosition, readWorkflow } from './read.ts';

const Query = z.object({
  kind: z.enum(ACTIVITY_KINDS).optional(),
  state: z.enum(ACTIVITY_STATES).optional(),
  before: z.string().optional(),
});
const Run = z.strictObject({ branch: z.string().min(1).max(1_000) });

/** The page asks for what it shows, with its filters, when the version is a new one. */
const tellVersion: Tell = async ({ project }) => ({ event: 'change', data: { version: project.version } });

export function activityRoutes(deps: Deps) {
  const session = requireSession(deps);
  const anyone = requireProject(deps, 'look');
  const changers = requireProject(deps, 'change');
  const isId = (text: string) => z.uuid().safeParse(text).success;

  return new Hono()
    .basePath('/organizations/:org/projects/:project')
    .get('/activity', session, anyone, readQuery(Query), async (c) => {
      const { before: text, ...filters } = c.req.valid('query');
      const before = text ? readPosition(text) : undefined;
      if (before === null) return problem(c, 'invalid-request');
      const { project, role } = c.var.found;
      const viewer = { profileId: c.var.session.profileId, role };
      return c.json(await readActivity(deps, project, viewer, { ...filters, before }), 200);
    })
    .get('/activity/events', session, requireProject(deps, 'follow'), (c) =>
      answerWithEvents(deps, c, tellVersion),
    )
    .post('/activity/check', session, anyone, async (c) => {
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
      return c.json({ id: result.workflowId }, 201);
    })
    .post('/gaps/:id/run', session, changers, async (c) => {
      const id = c.req.param('id');
      if (!isId(id)) return problem(c, 'not-found');
      const result = await runMissed(deps, c.var.found.project, id, c.var.session.profileId);
      if (!result.ok) return problem(c, result.problem, result.detail);
      return c.json({ id: result.workflowId }, 201);
    });
}

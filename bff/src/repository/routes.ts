/** The addresses of a project's Repository tab: looking, and what mends what is broken. */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { readBody } from '../body.ts';
import type { Deps } from '../deps.ts';
import { requireKey } from '../idempotency-key.ts';
import { problem } from '../problem.ts';
import { type FoundProject, findProjectById, requireProject } from '../projects/find-project.ts';
import { requireSession } from '../session/middleware.ts';
import type { Session } from '../session/session.ts';
import { changeUrl, previewUrl } from './change-url.ts';
import { answerWithEvents, tellView } from './events.ts';
import { lookAtRepository } from './look.ts';
import { previewRepair } from './preview-repair.ts';
import { readRepositoryView } from './read-view.ts';
import { startOperation } from './repair/start.ts';
import { takeOver } from './take-over.ts';
import type { RepositoryView } from './view.ts';

const Check = z.strictObject({ fresh: z.boolean() });
const Subjects = z.strictObject({
  subjects: z
    .array(z.enum(['deploy-key', 'webhook']))
    .min(1)
    .max(2),
});
const Url = z.strictObject({ url: z.string() });
/** A provider's id of a repository: braces included, lower case. */
export const RepositoryId = z.string().regex(/^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/);
const UrlChange = z.strictObject({ url: z.string(), uuid: RepositoryId });

export function repositoryRoutes(deps: Deps) {
  const session = requireSession(deps);
  const anyone = requireProject(deps, 'look');
  const changers = requireProject(deps, 'change');

  return new Hono()
    .get('/organizations/:org/projects/:project/repository', session, anyone, async (c) => {
      return c.json(await view(c.var.found, c.var.session.profileId), 200);
    })
    .get(
      '/organizations/:org/projects/:project/repository/events',
      session,
      requireProject(deps, 'follow'),
      (c) => answerWithEvents(deps, c, tellView(deps, c.var.session)),
    )
    .post(
      '/organizations/:org/projects/:project/repository/check',
      session,
      anyone,
      readBody(Check),
      async (c) => {
        await lookAtRepository(deps, c.var.found.project.id, c.req.valid('json'));
        return answer(c, c.var.found, 200);
      },
    )
    .post(
      '/organizations/:org/projects/:project/repository/repair/preview',
      session,
      changers,
      readBody(Subjects),
      async (c) => {
        const { profileId } = c.var.session;
        const subjects = [...new Set(c.req.valid('json').subjects)];
        return c.json(await previewRepair(deps.db, c.var.found, { profileId, subjects }), 200);
      },
    )
    .post(
      '/organizations/:org/projects/:project/repository/repair',
      session,
      changers,
      requireKey,
      readBody(Subjects),
      async (c) => {
        const { project } = c.var.found;
        const started = await startOperation(deps, {
          projectId: project.id,
          kind: 'repair',
          subjects: c.req.valid('json').subjects,
          requestedBy: c.var.session.profileId,
          idempotencyKey: c.var.idempotencyKey,
        });
        return started.ok ? answer(c, c.var.found, 202) : problem(c, started.problem);
      },
    )
    .post('/organizations/:org/projects/:project/repository/take-over', session, changers, async (c) => {
      const result = await takeOver(deps, c.var.found, c.var.session.profileId);
      return result === 'done' ? answer(c, c.var.found, 200) : problem(c, result);
    })
    .post(
      '/organizations/:org/projects/:project/repository/url/preview',
      session,
      changers,
      readBody(Url),
      async (c) => {
        const { url } = c.req.valid('json');
        const meant = await previewUrl(deps, c.var.found, { url, profileId: c.var.session.profileId });
        return meant.ok ? c.json(meant.preview, 200) : problem(c, meant.problem, meant.detail);
      },
    )
    .post(
      '/organizations/:org/projects/:project/repository/url',
      session,
      changers,
      requireKey,
      readBody(UrlChange),
      async (c) => {
        const { idempotencyKey } = c.var;
        const ask = { ...c.req.valid('json'), profileId: c.var.session.profileId, idempotencyKey };
        const result = await changeUrl(deps, c.var.found, ask);
        return result === 'done' ? answer(c, c.var.found, 202) : problem(c, result.problem, result.detail);
      },
    );

  /** The view as it is after what was done; whoever lost their place meanwhile sees nothing any more. */
  async function answer<Status extends 200 | 202>(c: Context, { project }: FoundProject, status: Status) {
    const { profileId } = c.var.session as Session;
    const found = await findProjectById(deps.db, { projectId: project.id, profileId });
    if (!found || found.project.state === 'deleted') return problem(c, 'not-found');
    return c.json(await view(found, profileId), status);
  }

  function view({ project, organization, role }: FoundProject, profileId: string): Promise<RepositoryView> {
    const { slug, name } = organization;
    return readRepositoryView(deps, project, { profileId, role, organization: { slug, name } });
  }
}

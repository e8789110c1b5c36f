/** The addresses of projects: an organization's list, what a new one can be made on, and each project's own. */
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { z } from 'zod';
import { readBody } from '../body.ts';
import type { Deps } from '../deps.ts';
import { requireKey } from '../idempotency-key.ts';
import { findMembership } from '../organizations/membership.ts';
import { problem } from '../problem.ts';
import { openGrant } from '../repository/grant.ts';
import { problemOfRefusal } from '../repository/refused.ts';
import { startOperation } from '../repository/repair/start.ts';
import { RepositoryId } from '../repository/routes.ts';
import { requireSession } from '../session/middleware.ts';
import { firstWorkspaces, streamChoices } from './choices.ts';
import { createProject } from './create.ts';
import { findProjectById, requireProject } from './find-project.ts';
import { changeProject, ProjectChange, viewProject } from './general.ts';
import { listProjects } from './list.ts';

const NewProject = z.strictObject({ repository: RepositoryId, name: z.string() });

export function projectRoutes(deps: Deps) {
  const { db, lifecycle, log } = deps;
  const session = requireSession(deps);
  const anyone = requireProject(deps, 'look');
  const changers = requireProject(deps, 'change');

  return new Hono()
    .get('/organizations/:org/projects', session, async (c) => {
      const organization = await findMembership(db, c.req.param('org'), c.var.session.profileId);
      if (!organization) return problem(c, 'not-found');
      const projects = await listProjects(db, organization.id);
      return c.json({ projects, canCreate: organization.role !== 'member' }, 200);
    })
    .post('/organizations/:org/projects', session, requireKey, readBody(NewProject), async (c) => {
      const { profileId } = c.var.session;
      const organization = await findMembership(db, c.req.param('org'), profileId);
      if (!organization) return problem(c, 'not-found');
      if (organization.role === 'member') return problem(c, 'not-allowed');
      const { repository: uuid, name } = c.req.valid('json');
      const { idempotencyKey } = c.var;
      const organizationId = organization.id;
      const wanted = { organizationId, profileId, repository: { uuid }, name, idempotencyKey };
      const made = await createProject(deps, wanted);
      return made.ok ? c.json({ name: made.name }, 201) : problem(c, made.problem, made.detail);
    })
    .get('/organizations/:org/repositories', session, async (c) => {
      const { profileId } = c.var.session;
      const organization = await findMembership(db, c.req.param('org'), profileId);
      if (!organization) return problem(c, 'not-found');
      if (organization.role === 'member') return problem(c, 'not-allowed');
      const ask = await openGrant(deps, profileId);
      const first = await firstWorkspaces(ask);
      // Here it is no repository that could not be seen.
      if (!first.ok) {
        const code = problemOfRefusal(first.why);
        return problem(c, code === 'repository-not-visible' ? 'provider-fault' : code);
      }
      c.header('Content-Type', 'application/x-ndjson');
      // A proxy in front would collect what is meant to arrive at once.
      c.header('X-Accel-Buffering', 'no');
      return stream(c, async (out) => {
        const stopped = () => out.aborted || !lifecycle.accepting;
        const emit = async (line: object) => void (await out.writeln(JSON.stringify(line)));
        const place = { ask, stopped, emit, first: first.value, organizationId: organization.id };
        const streaming = streamChoices(deps, place).catch((error: unknown) => {
          // The answer is half sent: the last line is missing, and the page sees that.
          log.error({ err: error }, 'the list of repositories broke off');
        });
        // A process that leaves waits for it.
        deps.background.run('choices', () => streaming);
        await streaming;
      });
    })
    .get('/organizations/:org/projects/:project', session, anyone, async (c) => {
      return c.json(await viewProject(deps, c.var.found), 200);
    })
    .patch('/organizations/:org/projects/:project', session, changers, readBody(ProjectChange), async (c) => {
      const { found } = c.var;
      const result = await changeProject(deps, found, c.req.valid('json'));
      if (result !== 'done') return problem(c, result.problem, result.detail);
      const { profileId } = c.var.session;
      const now = await findProjectById(db, { projectId: found.project.id, profileId });
      return now ? c.json(await viewProject(deps, now), 200) : problem(c, 'not-found');
    })
    .delete('/organizations/:org/projects/:project', session, changers, requireKey, async (c) => {
      const { profileId } = c.var.session;
      const { project } = c.var.found;
      const started = await startOperation(deps, {
        projectId: project.id,
        kind: 'delete',
        subjects: ['deploy-key', 'webhook'],
        requestedBy: profileId,
        idempotencyKey: c.var.idempotencyKey,
      });
      if (!started.ok) return problem(c, started.problem);
      log.info({ project: project.id, by: profileId }, 'project is being deleted');
      return c.json({}, 202);
    });
}

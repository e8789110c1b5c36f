/** The addresses of projects: an organization's list, and each project's own. */
import { Hono } from 'hono';
import { readBody } from '../body.ts';
import type { Deps } from '../deps.ts';
import { findMembership } from '../organizations/membership.ts';
import { problem } from '../problem.ts';
import { requireSession } from '../session/middleware.ts';
import { findProjectById, requireProject } from './find-project.ts';
import { changeProject, ProjectChange, viewProject } from './general.ts';
import { listProjects } from './list.ts';

export function projectRoutes(deps: Deps) {
  const { db } = deps;
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
    });
}

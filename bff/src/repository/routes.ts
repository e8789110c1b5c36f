/** The addresses of a project's Repository tab. */
import { Hono } from 'hono';
import type { Deps } from '../deps.ts';
import { requireProject } from '../projects/find-project.ts';
import { requireSession } from '../session/middleware.ts';
import { readRepositoryView } from './read-view.ts';

export function repositoryRoutes(deps: Deps) {
  const session = requireSession(deps);
  const anyone = requireProject(deps, 'look');

  return new Hono().get('/organizations/:org/projects/:project/repository', session, anyone, async (c) => {
    const { project, organization, role } = c.var.found;
    const { profileId } = c.var.session;
    return c.json(await readRepositoryView(deps, project, { profileId, role, organization }), 200);
  });
}

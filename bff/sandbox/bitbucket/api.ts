import { Hono } from 'hono';
import { GitUnavailable } from '../git.ts';
import type { Place } from '../place.ts';
import { findPerson } from '../world.ts';
import { gone, noSuchRepository, paged, problem, resourceNotFound } from './answers.ts';
import { requires } from './credentials.ts';
import { deployKeys } from './deploy-keys.ts';
import { hookEvents } from './hook-events.ts';
import { hooks } from './hooks.ts';
import type { InRepository } from './repository.ts';
import {
  adminsOnly,
  everyPermission,
  findWorkspace,
  inRepository,
  listedPermissions,
  selected,
  visibleRepositories,
} from './repository.ts';
import { repositoryRef, repositoryShape, selfOf, userOf, workspaceShape } from './shapes.ts';
import { source } from './source.ts';
import { statuses } from './statuses.ts';

/** api.bitbucket.org: everything under /2.0. */
export function bitbucketApi(place: Place): Hono<InRepository> {
  const { world, origins } = place;
  const app = new Hono<InRepository>({ strict: false });

  for (const path of [
    'repositories',
    'workspaces',
    'user/permissions/repositories',
    'user/permissions/workspaces',
    'snippets',
  ]) {
    app.get(`/2.0/${path}`, gone);
  }

  app.get('/2.0/user', requires(place, 'account'), (c) => {
    const person = findPerson(world, 'bitbucket', c.get('person'));
    if (person) return c.json(selfOf(place, person));
    return c.json({ type: 'app_user', uuid: `{${c.get('grant').client}}`, display_name: 'Semaphore' });
  });
  app.get('/2.0/user/emails', requires(place, 'email'), (c) => {
    const person = findPerson(world, 'bitbucket', c.get('person'));
    const values = (person?.emails ?? []).map((each) => ({
      type: 'email',
      email: each.email,
      is_primary: each.primary,
      is_confirmed: each.confirmed,
      links: { self: { href: `${origins.api}/2.0/user/emails/${encodeURIComponent(each.email)}` } },
    }));
    return paged(c, origins.api, values);
  });
  app.get('/2.0/users/:id', requires(place, 'account'), (c) => {
    const id = c.req.param('id');
    const person = world.data.people.find(
      (each) => each.service === 'bitbucket' && (each.id === id || each.accountId === id),
    );
    return person ? c.json(userOf(place, person)) : problem(c, 404, `${id} is not a known user.`);
  });

  app.get('/2.0/user/workspaces', requires(place, 'account'), (c) => {
    const values = world.data.workspaces.flatMap((workspace) => {
      const member = workspace.members.find((m) => m.person === c.get('person'));
      if (!member) return [];
      // The name is not part of it; only the workspace's own address tells.
      return [
        {
          type: 'workspace_access',
          administrator: member.owner,
          workspace: workspaceShape(place, workspace, 'base'),
        },
      ];
    });
    return paged(c, origins.api, values);
  });
  const memberOf = (name: string, person: string) => {
    const workspace = findWorkspace(place, name);
    const member = workspace?.members.find((m) => m.person === person);
    return workspace && member ? { workspace, member } : null;
  };
  const noSuchWorkspace = 'No workspace with this identifier, or you have no access to it.';
  app.get('/2.0/workspaces/:workspace', requires(place, 'account'), (c) => {
    const found = memberOf(c.req.param('workspace'), c.get('person'));
    return found ? c.json(workspaceShape(place, found.workspace, 'full')) : problem(c, 404, noSuchWorkspace);
  });
  app.get('/2.0/user/workspaces/:workspace/permission', requires(place, 'account'), (c) => {
    const found = memberOf(c.req.param('workspace'), c.get('person'));
    const person = findPerson(world, 'bitbucket', c.get('person'));
    if (!found || !person) return problem(c, 403, noSuchWorkspace);
    return c.json({
      type: 'workspace_membership',
      permission: found.member.owner ? 'owner' : 'member',
      user: userOf(place, person),
      workspace: workspaceShape(place, found.workspace, 'named'),
    });
  });
  app.get(
    '/2.0/user/workspaces/:workspace/permissions/repositories',
    requires(place, 'account', 'repository'),
    (c) => {
      const workspace = findWorkspace(place, c.req.param('workspace'));
      const person = findPerson(world, 'bitbucket', c.get('person'));
      if (!workspace || !person) return problem(c, 403, noSuchWorkspace);
      const values = selected(
        c,
        listedPermissions(place, workspace, person.id).map(({ repository, permission }) => ({
          type: 'repository_permission',
          permission,
          repository: repositoryRef(place, repository),
          user: userOf(place, person),
        })),
      );
      return values instanceof Response ? values : paged(c, origins.api, values);
    },
  );
  app.get('/2.0/hook_events/:subject', (c) =>
    c.req.param('subject') === 'repository'
      ? paged(c, origins.api, hookEvents, { usual: 30 })
      : resourceNotFound(c),
  );

  app.get('/2.0/repositories/:workspace', requires(place, 'repository'), (c) => {
    const workspace = findWorkspace(place, c.req.param('workspace'));
    if (!workspace) return problem(c, 404, noSuchWorkspace);
    const values = selected(
      c,
      visibleRepositories(place, workspace, c.get('person')).map((each) => repositoryShape(place, each)),
    );
    return values instanceof Response ? values : paged(c, origins.api, values);
  });
  app.get('/2.0/repositories/:workspace/:slug', requires(place, 'repository'), inRepository(place), (c) =>
    c.json(repositoryShape(place, c.get('repository'))),
  );
  app.get(
    '/2.0/workspaces/:workspace/permissions/repositories/:slug',
    requires(place, 'account', 'repository'),
    inRepository(place),
    adminsOnly,
    (c) => {
      const repository = c.get('repository');
      const values = everyPermission(place, repository).map(({ person, permission }) => ({
        type: 'repository_permission',
        permission,
        user: userOf(place, person),
        repository: repositoryRef(place, repository),
      }));
      return paged(c, origins.api, values);
    },
  );
  for (const part of [deployKeys(place), hooks(place), source(place), statuses(place)]) {
    app.route('/2.0/repositories/:workspace/:slug', part);
  }

  app.notFound((c) => {
    // Below a repository nobody may see, every address reads the same.
    const [, , area, workspace = '', slug = ''] = c.req.path.split('/');
    const known = world.data.repositories.some((each) => each.slug === slug || each.uuid === slug);
    return area === 'repositories' && workspace && slug && !known ? noSuchRepository(c) : resourceNotFound(c);
  });
  app.onError((error, c) => {
    if (error instanceof GitUnavailable) return c.text(`${error.message}\n`, 503);
    throw error;
  });
  return app;
}

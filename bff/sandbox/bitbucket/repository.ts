import type { Context, Env } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Place } from '../place.ts';
import type { Permission, Repository, Workspace } from '../state.ts';
import { permissionOf, workspaceOf } from '../world.ts';
import { noSuchRepository, problem } from './answers.ts';
import type { Credentials } from './credentials.ts';

export interface InRepository extends Env {
  Variables: Credentials['Variables'] & { repository: Repository; permission: Permission };
}

/** The workspace with this slug or UUID. */
export function findWorkspace(place: Place, name: string): Workspace | undefined {
  return place.world.data.workspaces.find((w) => w.slug === name.toLowerCase() || w.uuid === name);
}

/**
 * Finds the repository that the address names (by slug or UUID, the workspace may be `{}` before a UUID) and what the
 * caller may do there. What they may not see does not exist.
 */
export function inRepository(place: Place) {
  return createMiddleware<InRepository>(async (c, next) => {
    const { world } = place;
    const workspace = c.req.param('workspace') ?? '';
    const slug = (c.req.param('slug') ?? '').toLowerCase();
    const container = findWorkspace(place, workspace);
    const found = slug.startsWith('{')
      ? world.data.repositories.find(
          (each) => each.uuid === slug && (workspace === '{}' || each.workspace === container?.uuid),
        )
      : world.data.repositories.find((each) => each.workspace === container?.uuid && each.slug === slug);
    const moved = found
      ? undefined
      : world.data.repositories.find((each) =>
          each.formerNames.includes(`${workspace.toLowerCase()}/${slug}`),
        );
    const { oldSlug } = world.data.quirks;
    const repository = found ?? (oldSlug === 404 ? undefined : moved);
    const person = c.get('person');
    const permission =
      repository && (permissionOf(world, repository, person) ?? (repository.isPrivate ? null : 'read'));
    if (!repository || !permission) return noSuchRepository(c);
    if (!found && typeof oldSlug === 'number') {
      const url = new URL(c.req.url);
      const parts = url.pathname.split('/');
      // The slug follows the workspace, or stands last where permissions are listed.
      const slugAt = parts[2] === 'repositories' ? 4 : 6;
      parts[3] = workspaceOf(world, repository).slug;
      parts[slugAt] = repository.slug;
      const to = parts.join('/');
      return c.redirect(`${place.origins.api}${to}${url.search}`, oldSlug as 301);
    }
    c.set('repository', repository);
    c.set('permission', permission);
    await next();
  });
}

/** Refuses who is no admin of the repository. */
export const adminsOnly = createMiddleware<InRepository>(async (c, next) => {
  if (c.get('permission') !== 'admin') {
    return problem(c, 403, 'Access denied. You must have admin access to this repository.');
  }
  await next();
});

/** Repositories of a workspace that a person sees, in order of their names. */
export function visibleRepositories(place: Place, workspace: Workspace, person: string): Repository[] {
  return place.world.data.repositories
    .filter((each) => each.workspace === workspace.uuid)
    .filter((each) => !each.isPrivate || permissionOf(place.world, each, person) !== null)
    .sort((a, b) => a.slug.localeCompare(b.slug));
}

/**
 * The caller's permissions in a workspace: what they were given by name or through a group and, in a world where the list
 * tells what is effective, what they have as an owner of the workspace.
 */
export function listedPermissions(place: Place, workspace: Workspace, person: string) {
  const { world } = place;
  const explicitOnly = world.data.quirks.permissionList === 'explicit';
  return visibleRepositories(place, workspace, person).flatMap((repository) => {
    if (explicitOnly && !repository.permissions.some((each) => each.person === person)) return [];
    const permission = permissionOf(world, repository, person);
    return permission === null ? [] : [{ repository, permission }];
  });
}

/** Everyone with a permission on the repository, owners of the workspace among them. */
export function everyPermission(place: Place, repository: Repository) {
  const people = new Set([
    ...workspaceOf(place.world, repository)
      .members.filter((m) => m.owner)
      .map((m) => m.person),
    ...repository.permissions.map((p) => p.person),
  ]);
  return place.world.data.people.flatMap((person) => {
    if (person.service !== 'bitbucket' || !people.has(person.id)) return [];
    const permission = permissionOf(place.world, repository, person.id);
    return permission === null ? [] : [{ person, permission }];
  });
}

/**
 * The values that the `q` parameter describes, in the order of `sort`: comparisons (`=`, `!=`, `~`) of dotted fields with
 * quoted strings or true and false, joined by AND; one dotted field, after a minus the other way round. Returns the
 * refusal for anything else.
 */
export function selected<T>(c: Context, values: T[]): T[] | Response {
  const { q, sort } = c.req.query();
  const clauses = (q ? q.split(/\s+and\s+/i) : []).map((clause) =>
    /^\s*([\w.]+)\s*(=|!=|~)\s*(?:"([^"]*)"|(true|false))\s*$/i.exec(clause),
  );
  if (clauses.some((clause) => clause === null)) return problem(c, 400, `Invalid query: ${q}`);
  if (sort && !/^-?[\w.]+$/.test(sort)) return problem(c, 400, `Invalid sort: ${sort}`);
  const found = values.filter((value) =>
    clauses.every((clause) => {
      const [, field = '', operator, text, word] = clause ?? [];
      const wanted = (text ?? word ?? '').toLowerCase();
      const actual = textAt(value, field).toLowerCase();
      if (operator === '=') return actual === wanted;
      return operator === '~' ? actual.includes(wanted) : actual !== wanted;
    }),
  );
  if (!sort) return found;
  const field = sort.replace(/^-/, '');
  const direction = sort.startsWith('-') ? -1 : 1;
  return found.sort((a, b) => direction * order(textAt(a, field), textAt(b, field)));
}

const textAt = (value: unknown, field: string): string =>
  String(field.split('.').reduce<unknown>(step, value) ?? '');

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const step = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

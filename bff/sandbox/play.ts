import { dropGrants } from './grants.ts';
import { bracedUuid } from './secrets.ts';
import type { Permission, Person, Repository, Service, Workspace } from './state.ts';
import { bitbucketTime } from './time.ts';
import type { World } from './world.ts';
import { fullName, permissionOf } from './world.ts';

/**
 * What people do at the services while the product looks elsewhere. Every function changes the world at once.
 */

/** Takes back what a person granted: consent, tokens, and the deploy keys made through it. One client, or all. */
export function revokeAccess(world: World, service: Service, person: string, client?: string): void {
  const meant = (each: { person: string | null; client: string }) =>
    each.person === person && (client === undefined || each.client === client);
  world.data.consents = world.data.consents.filter((c) => !(c.service === service && meant(c)));
  dropGrants(world, (grant) => grant.service === service && meant(grant));
  if (service !== 'bitbucket') return;
  orphanKeys(
    world,
    (key) => key.addedBy === person && key.client !== null && (client === undefined || key.client === client),
  );
}

/** Changes the scopes of a Bitbucket client: people are asked again, and every key made through it is invalidated. */
export function changeClientScopes(world: World, clientId: string, scopes: string[]): void {
  const client = world.data.clients.find((c) => c.id === clientId);
  if (!client) throw new Error('no such client');
  client.scopes = [...scopes];
  orphanKeys(world, (key) => key.client === clientId);
}

/** Lets access tokens die of age: of one service, or of all. */
export function expireAccessTokens(world: World, service?: Service): void {
  const { data } = world;
  const services = new Map(data.grants.map((g) => [g.id, g.service]));
  for (const token of data.accessTokens) {
    if (service === undefined || services.get(token.grant) === service) token.expiresAt = world.now() - 1;
  }
  world.changed();
}

/** Changes nickname, name or addresses of a person; the id stays. */
export function editPerson(
  world: World,
  person: Person,
  change: Partial<Pick<Person, 'nickname' | 'name' | 'emails'>>,
): void {
  Object.assign(person, structuredClone(change));
  world.changed();
}

/** Gives a repository a new slug; the old address is remembered. Throws when the slug is taken. */
export function renameRepository(world: World, repository: Repository, slug: string): void {
  moveTo(world, repository, repository.workspace, slug);
  repository.name = slug;
  world.changed();
}

/**
 * Gives a repository to another workspace: what people had through groups is lost, and keys of those who are no admins any
 * more go; whether the others and the webhooks survive is a quirk. Throws when the workspace has a repository of this slug.
 */
export function transferRepository(world: World, repository: Repository, workspace: Workspace): void {
  const { data } = world;
  moveTo(world, repository, workspace.uuid, repository.slug);
  repository.permissions = repository.permissions.filter((each) => each.group === undefined);
  const here = (each: { repository: string }) => each.repository === repository.uuid;
  if (!data.quirks.transferKeeps) {
    data.deployKeys = data.deployKeys.filter((each) => !here(each));
    data.hooks = data.hooks.filter((each) => !here(each));
  }
  orphanKeys(world, (key) => here(key) && permissionOf(world, repository, key.addedBy) !== 'admin');
}

/** A new and empty repository, also under a name that another one had before. Throws when the slug is taken. */
export function createRepository(
  world: World,
  workspace: Workspace,
  slug: string,
  rest: Partial<Pick<Repository, 'isPrivate' | 'permissions'>> = {},
): Repository {
  refuseTaken(world, workspace.uuid, slug);
  const now = bitbucketTime(world.now());
  const repository: Repository = {
    uuid: bracedUuid(),
    workspace: workspace.uuid,
    slug,
    name: slug,
    description: '',
    isPrivate: true,
    mainbranch: null,
    createdOn: now,
    updatedOn: now,
    formerNames: [],
    permissions: [],
    ...rest,
  };
  world.data.repositories.push(repository);
  world.changed();
  return repository;
}

function moveTo(world: World, repository: Repository, workspace: string, slug: string): void {
  refuseTaken(world, workspace, slug);
  const before = fullName(world, repository);
  repository.workspace = workspace;
  repository.slug = slug;
  const after = fullName(world, repository);
  repository.formerNames = [...repository.formerNames.filter((each) => each !== before), before].filter(
    (each) => each !== after,
  );
  repository.updatedOn = bitbucketTime(world.now());
}

function refuseTaken(world: World, workspace: string, slug: string): void {
  const taken = world.data.repositories.some((r) => r.workspace === workspace && r.slug === slug);
  if (taken) throw new Error(`the workspace has a repository ${slug} already`);
}

/** Sets or removes (null) a person's explicit permission. Who is no admin any more loses the deploy keys they added. */
export function setPermission(
  world: World,
  repository: Repository,
  person: string,
  permission: Permission | null,
): void {
  repository.permissions = repository.permissions.filter((p) => p.person !== person || p.group !== undefined);
  if (permission) repository.permissions.push({ person, permission });
  if (permissionOf(world, repository, person) === 'admin') world.changed();
  else orphanKeys(world, (key) => key.repository === repository.uuid && key.addedBy === person);
}

/** Deletes a repository with its keys, hooks and statuses. */
export function deleteRepository(world: World, repository: Repository): void {
  const { data } = world;
  const others = (each: { repository: string }) => each.repository !== repository.uuid;
  data.repositories = data.repositories.filter((r) => r !== repository);
  data.deployKeys = data.deployKeys.filter(others);
  data.hooks = data.hooks.filter(others);
  data.statuses = data.statuses.filter(others);
  world.changed();
}

function orphanKeys(world: World, which: (key: World['data']['deployKeys'][number]) => boolean): void {
  const { data } = world;
  if (data.quirks.orphanedKeys === 'vanish') data.deployKeys = data.deployKeys.filter((key) => !which(key));
  else for (const key of data.deployKeys) if (which(key)) key.stopped = true;
  world.changed();
}

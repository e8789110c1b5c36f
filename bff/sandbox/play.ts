import { dropGrants } from './grants.ts';
import type { Permission, Person, Repository, Service } from './state.ts';
import { bitbucketTime } from './time.ts';
import type { World } from './world.ts';
import { fullName } from './world.ts';

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
  const taken = world.data.repositories.some((r) => r.workspace === repository.workspace && r.slug === slug);
  if (taken) throw new Error(`the workspace has a repository ${slug} already`);
  repository.formerNames.push(fullName(world, repository));
  repository.slug = slug;
  repository.name = slug;
  repository.updatedOn = bitbucketTime(world.now());
  world.changed();
}

/** Sets or removes (null) a person's explicit permission. Who is no admin any more loses the deploy keys they added. */
export function setPermission(
  world: World,
  repository: Repository,
  person: string,
  permission: Permission | null,
): void {
  repository.permissions = repository.permissions.filter((p) => p.person !== person);
  if (permission) repository.permissions.push({ person, permission });
  const owner = world.data.workspaces.some(
    (w) => w.uuid === repository.workspace && w.members.some((m) => m.person === person && m.owner),
  );
  if (permission === 'admin' || owner) world.changed();
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

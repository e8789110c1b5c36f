import { growSeed, seedWorld } from './seed.ts';
import type { OAuthClient, Permission, Person, Repository, Service, Workspace, WorldData } from './state.ts';
import { usualQuirks } from './state.ts';

export interface World {
  data: WorldData;
  /** Epoch milliseconds on the sandbox's clock. */
  now(): number;
  /** Moves the sandbox's clock forward by `ms`. */
  travel(ms: number): void;
  /** Has to be called after every change of `data`. */
  changed(): void;
  /** Listeners run at once and in order; returns the way to stop listening. */
  onChange(listener: () => void): () => void;
  toJSON(): WorldData;
}

/** A world from what was saved, from `seed`, or from the usual people and repositories. `clock` gives epoch milliseconds. */
export function createWorld(
  options: { clock?: () => number; seed?: WorldData; saved?: WorldData } = {},
): World {
  const clock = options.clock ?? Date.now;
  const seed = options.seed ?? seedWorld();
  // What an older sandbox saved may lack what came since.
  const data: WorldData = structuredClone({ ...seed, ...options.saved });
  data.seeded = (options.saved ?? seed).seeded ?? 1;
  growSeed(data);
  data.quirks = { ...usualQuirks, ...data.quirks };
  const listeners = new Set<() => void>();
  const world: World = {
    data,
    now: () => clock() + data.clockOffset,
    travel(ms) {
      data.clockOffset += ms;
      world.changed();
    },
    changed() {
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    toJSON: () => structuredClone(data),
  };
  return world;
}

/** The one client that the sandbox registers for the product at `service`. */
export function clientOf(world: World, service: Service): OAuthClient {
  const client = world.data.clients.find((c) => c.service === service);
  if (!client) throw new Error(`no OAuth client is registered at ${service}`);
  return client;
}

export function findPerson(world: World, service: Service, id: string): Person | undefined {
  return world.data.people.find((p) => p.service === service && p.id === id);
}

/** The person with this nickname; for tests and stories that name people. Throws when there is none. */
export function personNamed(world: World, service: Service, nickname: string): Person {
  const person = world.data.people.find((p) => p.service === service && p.nickname === nickname);
  if (!person) throw new Error(`nobody at ${service} is called ${nickname}`);
  return person;
}

export function workspaceOf(world: World, repository: Repository): Workspace {
  const workspace = world.data.workspaces.find((w) => w.uuid === repository.workspace);
  if (!workspace) throw new Error(`repository ${repository.slug} has no workspace`);
  return workspace;
}

/** `workspace/slug` as Bitbucket writes it now. */
export function fullName(world: World, repository: Repository): string {
  return `${workspaceOf(world, repository).slug}/${repository.slug}`;
}

/** The repository at `workspace/slug` now; earlier names are not followed. Throws when there is none. */
export function repositoryNamed(world: World, name: string): Repository {
  const repository = world.data.repositories.find((r) => fullName(world, r) === name);
  if (!repository) throw new Error(`there is no repository ${name}`);
  return repository;
}

/** What a person may do with a repository: their own permission or, as an owner of the workspace, admin. */
export function permissionOf(world: World, repository: Repository, person: string): Permission | null {
  if (workspaceOf(world, repository).members.some((m) => m.person === person && m.owner)) return 'admin';
  const given = repository.permissions.filter((p) => p.person === person).map((p) => p.permission);
  // Given by name and through a group: the stronger one counts.
  return (['admin', 'write', 'read'] as const).find((each) => given.includes(each)) ?? null;
}

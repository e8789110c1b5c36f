/**
 * The repositories that a person can choose from, as they arrive: of all their workspaces, a few at a time. One workspace
 * that cannot be asked takes nothing away from the others.
 */
import type { Db } from '../db/connect.ts';
import type { Deps } from '../deps.ts';
import type { FaultCode } from '../http.ts';
import type { Page, RemoteRepository, Workspace } from '../providers/repository-access.ts';
import type { Asker, Doubt, GrantRefusal, GrantUse } from '../repository/grant.ts';

export type RepositoryChoice = {
  type: 'repository';
  uuid: string;
  /** `workspace/slug`. */
  fullName: string;
  name: string;
  isPrivate: boolean;
  addable: boolean;
  /** As the provider lists it; asked for this one repository again when it is added. */
  reason: null | 'no-admin-right';
  /** Projects of this organization that use it already. */
  projects: string[];
};
export type ChoiceFault = {
  type: 'fault';
  /** Null: the list of workspaces itself. */
  workspace: string | null;
  code: FaultCode | Doubt['code'] | 'grant-needed' | 'scope-missing' | 'not-allowed';
};
/** `end` is the last line: without it something was cut off. */
export type ChoiceLine = RepositoryChoice | ChoiceFault | { type: 'end' };

/** Whose grant is asked, whether anybody still wants to know, and where the lines go. */
type Place = { ask: Asker; stopped: () => boolean; emit: (line: ChoiceLine) => Promise<void> };

/** So many workspaces are asked at the same time. */
const AT_ONCE = 3;
/** More pages than this of one list are no list any more. */
const MOST_PAGES = 200;

/** The first page of workspaces: what is refused there is refused for everything. */
export function firstWorkspaces(ask: Asker): Promise<GrantUse<Page<Workspace>>> {
  return ask((token, access) => access.listWorkspaces(token));
}

/** Writes every line; asks for nothing more once `stopped` says so, and then leaves out the end. */
export async function streamChoices(
  { db }: Pick<Deps, 'db'>,
  stream: { organizationId: string; first: Page<Workspace> } & Place,
): Promise<void> {
  const { ask, first, stopped, emit } = stream;
  const used = await usedRepositories(db, stream.organizationId);
  const waiting = [...first.values];
  const told = new Set<string>();

  const moreWorkspaces = async () => {
    const next = first.next;
    if (next === null) return;
    const pages = pagesOf((page) => ask((token, access) => access.listWorkspaces(token, page)), next);
    for await (const page of pages) {
      if (stopped()) return;
      if (!page.ok) return emit({ type: 'fault', workspace: null, code: faultOf(page.why) });
      waiting.push(...page.value);
    }
  };
  const workOff = async () => {
    for (let each = waiting.shift(); each && !stopped(); each = waiting.shift()) {
      await oneWorkspace({ ask, stopped, emit }, { workspace: each, used, told });
    }
  };
  await Promise.all([moreWorkspaces().then(workOff), ...Array.from({ length: AT_ONCE - 1 }, workOff)]);
  if (!stopped()) await emit({ type: 'end' });
}

async function oneWorkspace(
  { ask, stopped, emit }: Place,
  { workspace, used, told }: { workspace: Workspace; used: Map<string, string[]>; told: Set<string> },
): Promise<void> {
  const { slug, administrator } = workspace;
  const fault = (why: GrantRefusal) => emit({ type: 'fault', workspace: slug, code: faultOf(why) });
  // Asked while the first repositories are on their way.
  const administered = administrator ? null : adminRights(ask, slug, stopped);
  // Whoever awaits it below hears of a failure; until then it must not count as one that nobody hears of.
  administered?.catch(() => undefined);
  const repositories = pagesOf((page) => ask((token, access) => access.listRepositories(token, slug, page)));
  for await (const page of repositories) {
    const rights = await administered;
    if (stopped()) return;
    if (rights && !rights.ok) return fault(rights.why);
    if (!page.ok) return fault(page.why);
    for (const repository of page.value) {
      // A list that changes while it is read shows one twice.
      if (told.has(repository.uuid)) continue;
      told.add(repository.uuid);
      await emit(choice(repository, rights === null || rights.value.has(repository.uuid), used));
    }
  }
}

function choice(
  { uuid, fullName, name, isPrivate }: RemoteRepository,
  addable: boolean,
  used: Map<string, string[]>,
): RepositoryChoice {
  const reason = addable ? null : 'no-admin-right';
  return {
    type: 'repository',
    uuid,
    fullName,
    name,
    isPrivate,
    addable,
    reason,
    projects: used.get(uuid) ?? [],
  };
}

/** UUIDs of the repositories of a workspace on which the person has admin right by name. */
async function adminRights(
  ask: Asker,
  workspace: string,
  stopped: () => boolean,
): Promise<GrantUse<Set<string>>> {
  const found = new Set<string>();
  const pages = pagesOf((page) => ask((token, access) => access.listPermissions(token, workspace, page)));
  for await (const page of pages) {
    if (!page.ok) return page;
    for (const { uuid, permission } of page.value) if (permission === 'admin') found.add(uuid);
    if (stopped()) break;
  }
  return { ok: true, value: found };
}

/** A list's pages one after the other; the first refusal is the last thing that comes. */
async function* pagesOf<T>(
  askFor: (page?: string) => Promise<GrantUse<Page<T>>>,
  from?: string,
): AsyncGenerator<GrantUse<T[]>, void> {
  let next = from;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const answer = await askFor(next);
    if (!answer.ok) {
      yield answer;
      return;
    }
    yield { ok: true, value: answer.value.values };
    if (answer.value.next === null) return;
    next = answer.value.next;
  }
  yield { ok: false, why: { kind: 'fault', fault: { code: 'provider-unexpected' } } };
}

async function usedRepositories(db: Db, organizationId: string): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('project')
    .select(['repositoryUuid', 'name'])
    .where('organizationId', '=', organizationId)
    .where('state', '<>', 'deleted')
    .orderBy('nameKey')
    .execute();
  const used = new Map<string, string[]>();
  for (const { repositoryUuid, name } of rows)
    used.set(repositoryUuid, [...(used.get(repositoryUuid) ?? []), name]);
  return used;
}

function faultOf(why: GrantRefusal): ChoiceFault['code'] {
  switch (why.kind) {
    case 'fault':
      return why.fault.code;
    case 'no-grant':
      return 'grant-needed';
    case 'scope-missing':
      return 'scope-missing';
    case 'doubtful':
      return why.code;
    case 'not-found':
    case 'forbidden':
    case 'rejected':
      return 'not-allowed';
  }
}

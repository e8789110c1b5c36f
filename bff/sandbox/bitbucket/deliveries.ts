import { createHmac, randomUUID } from 'node:crypto';
import type { Git, GitCommit } from '../git.ts';
import type { Place } from '../place.ts';
import type { Hook, Person, Repository } from '../state.ts';
import { fullName, workspaceOf } from '../world.ts';
import { plainPayload, pushPayload, type RefChange, updatedPayload } from './payloads.ts';

/** Bodies above this are not sent, and nobody is told. */
const LARGEST = 256 * 1024;
const TIMEOUT = 10_000;
/** One try and two more, at once, and only after a 5xx. */
const TRIES = 3;
/** How many commits of a push are looked at. */
const DEPTH = 20;
const REMEMBERED = 200;

/** How a delivery travels; null: nothing is delivered. */
export type Send = (request: Request) => Promise<Response>;

export interface Delivered {
  hook: string;
  url: string;
  event: string;
  requestId: string;
  attempt: number;
  /** Status of the answer; null: there was none. */
  status: number | null;
  bytes: number;
}

export interface Deliveries {
  /** The same git, but what it changes is announced. */
  watching(git: Git): Git;
  /** From now on deliveries go this way. */
  sendBy(send: Send | null): void;
  /** The last tries, the oldest first. */
  made(): Delivered[];
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** Bitbucket's deliveries to the webhooks of the world's repositories. */
export function createDeliveries(place: Place, first: Send | null): Deliveries {
  const { world, git } = place;
  let send = first;
  const log: Delivered[] = [];
  const underWay = new Set<Promise<unknown>>();
  const spawn = (work: Promise<unknown>) => {
    const task = work.catch(() => undefined).finally(() => underWay.delete(task));
    underWay.add(task);
  };

  async function deliver(hook: Hook, event: string, body: string): Promise<void> {
    if (!send || !hook.active || !hook.events.includes(event) || Buffer.byteLength(body) > LARGEST) return;
    const requestId = randomUUID();
    const signature = hook.secret && createHmac('sha256', hook.secret).update(body).digest('hex');
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'Bitbucket-Webhooks/2.0',
        'x-event-key': event,
        'x-hook-uuid': hook.uuid.slice(1, -1),
        'x-request-uuid': requestId,
        'x-attempt-number': String(attempt),
        ...(signature ? { 'x-hub-signature': `sha256=${signature}` } : {}),
      };
      const request = new Request(hook.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const status = await send(request).then(
        (response) => response.status,
        () => null,
      );
      const { uuid, url } = hook;
      log.push({ hook: uuid, url, event, requestId, attempt, status, bytes: Buffer.byteLength(body) });
      if (log.length > REMEMBERED) log.shift();
      if (status === null || status < 500) return;
    }
  }

  const hooksOf = (repository: string) => world.data.hooks.filter((hook) => hook.repository === repository);
  const deliverAll = (hooks: Hook[], event: string, payload: object) => {
    const body = JSON.stringify(payload);
    for (const hook of hooks) spawn(deliver(hook, event, body));
  };

  /** Who is said to have done it: an owner of the workspace. */
  function actorOf(repository: Repository): Person | undefined {
    const owner = workspaceOf(world, repository).members.find((member) => member.owner)?.person;
    const { people } = world.data;
    return people.find(({ id }) => id === owner) ?? people.find(({ service }) => service === 'bitbucket');
  }

  type Refs = { type: 'branch' | 'tag'; name: string; hash: string }[];
  async function refsOf(repository: Repository): Promise<Refs> {
    const [branches, tags] = await Promise.all([git.refs(repository, 'heads'), git.refs(repository, 'tags')]);
    return [
      ...branches.map((ref) => ({ type: 'branch' as const, ...ref })),
      ...tags.map((ref) => ({ type: 'tag' as const, ...ref })),
    ];
  }

  async function announcing<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
    const hooks = send ? hooksOf(repository.uuid) : [];
    if (hooks.length === 0) return work();
    const before = await refsOf(repository);
    const result = await work();
    const changes = await changesOf(repository, before, await refsOf(repository));
    const actor = actorOf(repository);
    if (changes.length > 0 && actor) {
      deliverAll(hooks, 'repo:push', pushPayload(place, repository, actor, changes));
    }
    return result;
  }

  async function changesOf(repository: Repository, before: Refs, after: Refs): Promise<RefChange[]> {
    const key = (ref: Refs[number]) => `${ref.type} ${ref.name}`;
    const old = new Map(before.map((ref) => [key(ref), ref]));
    const now = new Map(after.map((ref) => [key(ref), ref]));
    const changes: RefChange[] = [];
    for (const ref of [...now.values(), ...before.filter((each) => !now.has(key(each)))]) {
      const was = old.get(key(ref))?.hash ?? null;
      const is = now.get(key(ref))?.hash ?? null;
      if (was === is) continue;
      const commits = is && ref.type === 'branch' ? await newest(repository, is, was) : [];
      const read = (hash: string | null) => hash && git.commit(repository, hash);
      changes.push({
        type: ref.type,
        name: ref.name,
        old: (await read(was)) || null,
        new: (await read(is)) || null,
        commits,
      });
    }
    return changes;
  }

  /** The way back to where the branch was, along first parents. */
  async function newest(repository: Repository, from: string, to: string | null): Promise<GitCommit[]> {
    const commits: GitCommit[] = [];
    let hash: string | undefined = from;
    while (hash !== undefined && hash !== to && commits.length < DEPTH) {
      const commit = await git.commit(repository, hash);
      commits.push(commit);
      hash = commit.parents[0];
    }
    return commits;
  }

  const snapshot = () =>
    new Map(
      world.data.repositories.map((repository) => [
        repository.uuid,
        {
          repository,
          workspace: repository.workspace,
          name: repository.name,
          fullName: fullName(world, repository),
          hooks: hooksOf(repository.uuid),
        },
      ]),
    );
  let known = snapshot();
  world.onChange(() => {
    const before = known;
    known = snapshot();
    if (!send) return;
    for (const [uuid, was] of before) {
      const is = known.get(uuid);
      const actor = was.hooks.length > 0 ? actorOf(was.repository) : undefined;
      if (!actor) continue;
      if (!is) deliverAll(was.hooks, 'repo:deleted', plainPayload(place, was.repository, actor));
      else if (is.workspace !== was.workspace) {
        deliverAll(is.hooks, 'repo:transfer', plainPayload(place, is.repository, actor));
      } else if (is.fullName !== was.fullName) {
        deliverAll(is.hooks, 'repo:updated', updatedPayload(place, is.repository, actor, was));
      }
    }
  });

  return {
    watching: (real) => ({
      ...real,
      write: (repository, commits) => announcing(repository, () => real.write(repository, commits)),
      renameBranch: (repository, from, to) =>
        announcing(repository, () => real.renameBranch(repository, from, to)),
      deleteRef: (repository, ref) => announcing(repository, () => real.deleteRef(repository, ref)),
    }),
    sendBy(next) {
      send = next;
    },
    made: () => [...log],
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

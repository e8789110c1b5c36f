import type { GitCommit } from '../git.ts';
import type { Place } from '../place.ts';
import type { Person, Repository } from '../state.ts';
import { workspaceOf } from '../world.ts';
import { commitShape, repositoryRef, repositoryUrl, userOf, workspaceShape } from './shapes.ts';

/** A branch or tag before and after a push; null: it was not there. */
export interface RefChange {
  type: 'branch' | 'tag';
  name: string;
  old: GitCommit | null;
  new: GitCommit | null;
  /** The new commits, the newest first, as many as there are. */
  commits: GitCommit[];
}

/** Commits that a push names at most for each branch. */
const NAMED_COMMITS = 5;

const actorOf = (place: Place, actor: Person) => userOf(place, actor);

/** A repository as deliveries carry it: with neither `slug` nor `mainbranch`. */
const subject = (place: Place, repository: Repository) => ({
  ...repositoryRef(place, repository),
  is_private: repository.isPrivate,
  scm: 'git',
  workspace: workspaceShape(place, workspaceOf(place.world, repository), 'named'),
  project: null,
  website: null,
});

export function pushPayload(place: Place, repository: Repository, actor: Person, changes: RefChange[]) {
  return {
    push: { changes: changes.map((change) => changeShape(place, repository, change)) },
    repository: subject(place, repository),
    actor: actorOf(place, actor),
  };
}

function changeShape(place: Place, repository: Repository, change: RefChange) {
  const ref = (commit: GitCommit | null) => commit && refShape(place, repository, change, commit);
  const named = change.commits.slice(0, NAMED_COMMITS);
  // Tags and deletions have no such field at all.
  const listed = change.type === 'branch' && change.new !== null;
  return {
    old: ref(change.old),
    new: ref(change.new),
    created: change.old === null,
    closed: change.new === null,
    forced: false,
    truncated: listed && change.commits.length > NAMED_COMMITS,
    ...(listed ? { commits: named.map((commit) => commitShape(place, repository, commit)) } : {}),
    links: {
      commits: { href: `${repositoryUrl(place, repository)}/commits` },
      html: { href: `${place.origins.bitbucket}/sandbox` },
    },
  };
}

function refShape(
  place: Place,
  repository: Repository,
  { type, name }: Pick<RefChange, 'type' | 'name'>,
  commit: GitCommit,
) {
  const kind = type === 'branch' ? 'branches' : 'tags';
  return {
    type,
    name,
    target: commitShape(place, repository, commit),
    ...(type === 'branch'
      ? {
          merge_strategies: ['merge_commit', 'squash', 'fast_forward'],
          default_merge_strategy: 'merge_commit',
        }
      : {}),
    links: { self: { href: `${repositoryUrl(place, repository)}/refs/${kind}/${encodeURIComponent(name)}` } },
  };
}

export function updatedPayload(
  place: Place,
  repository: Repository,
  actor: Person,
  before: { name: string; fullName: string },
) {
  const { name, full_name } = repositoryRef(place, repository);
  return {
    actor: actorOf(place, actor),
    repository: subject(place, repository),
    changes: {
      name: { old: before.name, new: name },
      full_name: { old: before.fullName, new: full_name },
    },
  };
}

/** Also of a repository that is no more: the last that was known of it. */
export function plainPayload(place: Place, repository: Repository, actor: Person) {
  return { actor: actorOf(place, actor), repository: subject(place, repository) };
}

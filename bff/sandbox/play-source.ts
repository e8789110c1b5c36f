/** What people push to a repository, and what they do to its branches. Repositories are changed first, then the world is told. */
import type { Place } from './place.ts';
import type { SeedCommit } from './seed-stories.ts';
import type { Repository } from './state.ts';
import { bitbucketTime } from './time.ts';

type Ground = Pick<Place, 'world' | 'git'>;

/** Adds commits to branches, old or new. The first branch of an empty repository becomes the main one. */
export async function push(place: Ground, repository: Repository, commits: SeedCommit[]): Promise<void> {
  const branch = commits[0]?.branch;
  if (branch === undefined) return;
  await place.git.write(repository, commits);
  if (repository.mainbranch === null) await setMainBranch(place, repository, branch);
  else told(place, repository);
}

/** One commit with one file: its whole content, or null to delete it. A new branch begins at the main one. */
export async function pushFile(
  place: Ground,
  repository: Repository,
  { branch, path, content }: { branch: string; path: string; content: string | null },
): Promise<void> {
  const { from, there } = await lookAt(place, repository, branch, path);
  if (content === null && !there) throw new Error(`there is no file ${path} on ${branch}`);
  const verb = content === null ? 'Delete' : there ? 'Change' : 'Add';
  await push(place, repository, [
    { ...commit(place, branch, `${verb} ${path}`), ...from, files: { [path]: content } },
  ]);
}

/** One commit that moves a file. */
export async function moveFile(
  place: Ground,
  repository: Repository,
  { branch, path, to }: { branch: string; path: string; to: string },
): Promise<void> {
  const { from, there } = await lookAt(place, repository, branch, path);
  if (!there) throw new Error(`there is no file ${path} on ${branch}`);
  refuseBadPath(to);
  const text = (await place.git.blob(repository, there.hash)).toString('utf8');
  await push(place, repository, [
    { ...commit(place, branch, `Move ${path} to ${to}`), ...from, files: { [path]: null, [to]: text } },
  ]);
}

const commit = ({ world }: Ground, branch: string, message: string) => ({
  branch,
  author: 'Nora Lindqvist <nora@harbour.example>',
  at: new Date(world.now()).toISOString(),
  message,
});

/** What stands at a path of a branch, and where the branch has to begin if it is new. */
async function lookAt(place: Ground, repository: Repository, branch: string, path: string) {
  if (branch === '' || branch.startsWith('-') || /[\s~^:?*[\\\p{Cc}]|\.\.|\/$/u.test(branch)) {
    throw new Error('that is no name for a branch');
  }
  refuseBadPath(path);
  const branches = await place.git.refs(repository, 'heads');
  const itself = branches.find((each) => each.name === branch);
  const main = branches.find((each) => each.name === repository.mainbranch);
  const head = itself ?? main;
  const entry = head ? await place.git.entry(repository, head.hash, path) : null;
  return { from: !itself && main ? { from: main.name } : {}, there: entry?.type === 'blob' ? entry : null };
}

/** Paths stand as they are in the stream that git reads. */
function refuseBadPath(path: string): void {
  if (path === '' || /["\p{Cc}]|(^|\/)\.{0,2}(\/|$)/u.test(path))
    throw new Error('that is no path of a file');
}

/** Makes another branch the main one. Throws when there is no such branch. */
export async function setMainBranch(place: Ground, repository: Repository, branch: string): Promise<void> {
  await place.git.setHead(repository, await existing(place, repository, branch));
  repository.mainbranch = branch;
  told(place, repository);
}

/** A main branch stays the main one under its new name. */
export async function renameBranch(
  place: Ground,
  repository: Repository,
  from: string,
  to: string,
): Promise<void> {
  await place.git.renameBranch(repository, await existing(place, repository, from), to);
  if (repository.mainbranch === from) await setMainBranch(place, repository, to);
  else told(place, repository);
}

/** Also the main branch, as a push can: the repository goes on naming it, although it is gone. */
export async function deleteBranch(place: Ground, repository: Repository, branch: string): Promise<void> {
  await place.git.deleteRef(repository, `refs/heads/${await existing(place, repository, branch)}`);
  told(place, repository);
}

/** Takes every branch and tag away, as if nothing had ever been pushed. */
export async function emptyRepository(place: Ground, repository: Repository): Promise<void> {
  for (const kind of ['heads', 'tags'] as const) {
    for (const { name } of await place.git.refs(repository, kind)) {
      await place.git.deleteRef(repository, `refs/${kind}/${name}`);
    }
  }
  repository.mainbranch = null;
  told(place, repository);
}

async function existing(place: Ground, repository: Repository, branch: string): Promise<string> {
  const branches = await place.git.refs(repository, 'heads');
  if (!branches.some((each) => each.name === branch)) throw new Error(`there is no branch ${branch}`);
  return branch;
}

function told({ world }: Ground, repository: Repository): void {
  repository.updatedOn = bitbucketTime(world.now());
  world.changed();
}

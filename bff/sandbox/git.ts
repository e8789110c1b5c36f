import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { seedCommits } from './seed.ts';
import type { SeedCommit } from './seed-stories.ts';
import type { Repository } from './state.ts';

/** No git on this machine: everything but source, refs and SSH works. */
export class GitUnavailable extends Error {
  constructor() {
    super('git is not installed on this machine, so the sandbox has no repositories to read from');
  }
}

export interface GitCommit {
  hash: string;
  parents: string[];
  /** `Name <mail>` */
  author: string;
  /** ISO 8601 with offset. */
  date: string;
  message: string;
}

export interface TreeEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  hash: string;
  /** Bytes; 0 for what is no file. */
  size: number;
  path: string;
}

export interface Git {
  /** The bare repository's directory, made and filled at the first use. */
  directory(repository: Repository): Promise<string>;
  /** Where the bare repository is or will be; nothing is made. Null as long as no place was needed. */
  place(repository: Repository): string | null;
  /** Branches or tags with the commit they lead to, by name. */
  refs(repository: Repository, kind: 'heads' | 'tags'): Promise<{ name: string; hash: string }[]>;
  /** The full hash of a commit named by hash (7 to 40 digits), branch, tag or HEAD; null when there is none. */
  resolve(repository: Repository, name: string): Promise<string | null>;
  commit(repository: Repository, hash: string): Promise<GitCommit>;
  /** What stands at a path of a commit; '' is the root. */
  entry(repository: Repository, hash: string, path: string): Promise<TreeEntry | null>;
  list(repository: Repository, hash: string, path: string): Promise<TreeEntry[]>;
  blob(repository: Repository, hash: string): Promise<Buffer>;
  /** Adds commits to branches, old or new, as a push would. */
  write(repository: Repository, commits: SeedCommit[]): Promise<void>;
  /** What a clone checks out. */
  setHead(repository: Repository, branch: string): Promise<void>;
  /** Rejects when the new name is taken or is none. */
  renameBranch(repository: Repository, from: string, to: string): Promise<void>;
  /** `ref` with its `refs/heads/` or `refs/tags/`. */
  deleteRef(repository: Repository, ref: string): Promise<void>;
  /** Removes every repository; each is made anew, as seeded, at its next use. */
  discard(): Promise<void>;
  close(): Promise<void>;
}

/** Real bare repositories under `dir`, or in a temporary directory that `close` removes. */
export function createGit(dir?: string): Git {
  let root: string | null = dir ?? null;
  let rooting: Promise<string> | undefined;
  const made = new Map<string, Promise<string>>();

  const home = () => {
    rooting ??= (async () => {
      root ??= await mkdtemp(path.join(os.tmpdir(), 'sandbox-git-'));
      await mkdir(root, { recursive: true });
      return root;
    })();
    return rooting;
  };
  const nameOf = (repository: Repository) => `${repository.uuid.slice(1, -1)}.git`;

  async function make(repository: Repository): Promise<string> {
    const target = path.join(await home(), nameOf(repository));
    if (existsSync(target)) return target;
    // Made beside and moved in, so that a start that was cut short leaves no half repository.
    const draft = `${target}.${process.pid}.new`;
    await rm(draft, { recursive: true, force: true });
    await run(null, [
      'init',
      '--quiet',
      '--bare',
      `--initial-branch=${repository.mainbranch ?? 'main'}`,
      draft,
    ]);
    const commits = seedCommits[repository.uuid];
    if (commits) await run(draft, ['fast-import', '--quiet'], stream(commits, new Set()));
    await rename(draft, target);
    return target;
  }
  const directory = (repository: Repository) => {
    const known = made.get(repository.uuid);
    if (known !== undefined) return known;
    const making = make(repository);
    made.set(repository.uuid, making);
    making.catch(() => made.delete(repository.uuid));
    return making;
  };
  const ask = async (repository: Repository, args: string[]) =>
    (await run(await directory(repository), args)).toString('utf8');

  async function refs(repository: Repository, kind: 'heads' | 'tags') {
    const format = '%(refname:lstrip=2)%09%(objectname)%09%(*objectname)';
    const lines = (await ask(repository, ['for-each-ref', `--format=${format}`, `refs/${kind}`])).split('\n');
    return lines.filter(Boolean).map((line) => {
      const [name = '', hash = '', peeled = ''] = line.split('\t');
      return { name, hash: peeled || hash };
    });
  }

  return {
    directory,
    place: (repository) => (root === null ? null : path.join(root, nameOf(repository))),
    refs,
    async resolve(repository, name) {
      const candidates = /^[0-9a-f]{7,40}$/i.test(name) ? [name] : [];
      if (name === 'HEAD') candidates.push('HEAD');
      if (/^[^\s~^:?*[\\]+$/.test(name)) candidates.push(`refs/heads/${name}`, `refs/tags/${name}`);
      for (const candidate of candidates) {
        try {
          const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`];
          return (await ask(repository, args)).trim();
        } catch (error) {
          if (error instanceof GitUnavailable) throw error;
        }
      }
      return null;
    },
    async commit(repository, hash) {
      const text = await ask(repository, ['log', '-1', '--format=%H%n%P%n%an <%ae>%n%aI%n%B', hash]);
      const [full = hash, parents = '', author = '', date = '', ...message] = text.split('\n');
      return {
        hash: full,
        parents: parents.split(' ').filter(Boolean),
        author,
        date,
        message: `${message.join('\n').trim()}\n`,
      };
    },
    async entry(repository, hash, at) {
      if (at === '') return { mode: '040000', type: 'tree', hash, size: 0, path: '' };
      return (
        entries(await ask(repository, ['ls-tree', '-z', '-l', hash, '--', at.replace(/\/+$/, '')]))[0] ?? null
      );
    },
    async list(repository, hash, at) {
      const under = at === '' ? [] : ['--', `${at.replace(/\/+$/, '')}/`];
      return entries(await ask(repository, ['ls-tree', '-z', '-l', hash, ...under]));
    },
    blob: async (repository, hash) => run(await directory(repository), ['cat-file', 'blob', hash]),
    async write(repository, commits) {
      const existing = new Set((await refs(repository, 'heads')).map((ref) => ref.name));
      await run(await directory(repository), ['fast-import', '--quiet'], stream(commits, existing));
    },
    async setHead(repository, branch) {
      await ask(repository, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
    },
    async renameBranch(repository, from, to) {
      await ask(repository, ['branch', '-m', '--', from, to]);
    },
    async deleteRef(repository, ref) {
      await ask(repository, ['update-ref', '-d', ref]);
    },
    async discard() {
      await Promise.allSettled(made.values());
      made.clear();
      const here = await home();
      await Promise.all(
        (await readdir(here)).map((name) => rm(path.join(here, name), { recursive: true, force: true })),
      );
    },
    async close() {
      await Promise.allSettled(made.values());
      if (dir === undefined && root !== null) await rm(root, { recursive: true, force: true });
    },
  };
}

/** Makes all repositories there are: SSH serves directories as they stand. Without git there is nothing to make. */
export async function prepareRepositories(git: Git, repositories: Repository[]): Promise<void> {
  try {
    await Promise.all(repositories.map((repository) => git.directory(repository)));
  } catch (error) {
    if (!(error instanceof GitUnavailable)) throw error;
  }
}

/** Commits in the language of `git fast-import`; `existing` names the branches that the repository has already. */
function stream(commits: SeedCommit[], existing: Set<string>): string {
  const known = new Set<string>();
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  let mark = 0;
  return commits
    .map((commit) => {
      mark += 1;
      const who = `${commit.author} ${Math.floor(Date.parse(commit.at) / 1000)} +0000`;
      const begin = known.has(commit.branch)
        ? ''
        : existing.has(commit.branch)
          ? `from refs/heads/${commit.branch}^0\n`
          : commit.from
            ? `from refs/heads/${commit.from}${existing.has(commit.from) && !known.has(commit.from) ? '^0' : ''}\n`
            : '';
      known.add(commit.branch);
      const files = Object.entries(commit.files).map(([file, text]) =>
        text === null ? `D ${file}\n` : `M 100644 inline ${file}\n${data(text)}`,
      );
      const tag = commit.tag ? `reset refs/tags/${commit.tag}\nfrom :${mark}\n\n` : '';
      return `commit refs/heads/${commit.branch}\nmark :${mark}\nauthor ${who}\ncommitter ${who}\n${data(`${commit.message}\n`)}${begin}${files.join('')}\n${tag}`;
    })
    .join('');
}

function entries(text: string): TreeEntry[] {
  return text
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [, mode = '', type = '', hash = '', size = '', at = ''] =
        /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
      return { mode, type: type as TreeEntry['type'], hash, size: Number(size) || 0, path: at };
    });
}

/** Runs git without anybody's configuration. Rejects with GitUnavailable, or with git's own words. */
function run(gitDir: string | null, args: string[], input?: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', gitDir === null ? args : [`--git-dir=${gitDir}`, ...args], {
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        // A directory mounted from elsewhere may belong to somebody else.
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new GitUnavailable() : error),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve(Buffer.concat(out))
        : reject(
            new Error(`git ${args[0]} ended with ${code}: ${Buffer.concat(err).toString('utf8').trim()}`),
          ),
    );
    // A git that is not there or ends early closes its input; the exit tells why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

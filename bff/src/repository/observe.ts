/**
 * One look at a repository: five calls and an SSH login, all at the same time. Only where an answer leaves a question
 * open is there a second round: where the thing is that did not stand where it was remembered.
 */
import type { Deps } from '../deps.ts';
import type {
  Permission,
  RemoteKey,
  RemoteRepository,
  RemoteWebhook,
} from '../providers/repository-access.ts';
import type { Asker, GrantUse, Question } from './grant.ts';
import type {
  Observation,
  Refused,
  Seen,
  SeenFile,
  SeenKey,
  SeenRepository,
  SeenSsh,
  SeenWebhook,
} from './observation.ts';

/** What is looked for. Ids are where a thing was last seen; null: not known. */
export type Sought = {
  uuid: string;
  /** `workspace/slug` of the project's URL, where the SSH login goes. */
  repositoryName: string;
  /** `workspace/slug` where the provider last said that it is, by which rights are found. */
  seenName: string;
  /** As last seen; null: the repository was empty. */
  defaultBranch: string | null;
  pipelineFile: string;
  key: { publicKey: string; remoteId: string | null; privateKey: string } | null;
  webhook: { url: string; remoteId: string | null } | null;
};

/** How many branches are searched for a pipeline file that is not where it should be. */
const SEARCHED_BRANCHES = 10;
const USUAL_PATHS = ['.semaphore/semaphore.yml', '.semaphore/semaphore.yaml'];
const USUAL_DIRECTORY = '.semaphore';

/**
 * Asks everything and hands over each answer as soon as it is complete. `grant` may still be opening: the SSH login does
 * not wait for it. `others` are asked only about a repository that the token owner does not see. Never throws for what a
 * provider does.
 */
export async function observe(
  deps: Pick<Deps, 'ssh'>,
  sought: Sought,
  grant: Promise<Asker | Refused>,
  others: () => Promise<Asker[]>,
  report: (part: Observation) => void,
): Promise<void> {
  const asking = grant.then((opened) => (typeof opened === 'function' ? using(opened) : refusing(opened)));
  const at = { uuid: sought.uuid };
  const repository = asking.then((ask) => ask((token, access) => access.readRepository(token, at)));
  const told = <K extends keyof Observation>(name: K, answer: Promise<Observation[K]>) =>
    answer.then((value) => report({ [name]: value }));

  await Promise.all([
    told(
      'repository',
      repository.then((answer) => seekThroughOthers(answer, at, others)),
    ),
    told(
      'permission',
      asking.then((ask) => seekPermission(ask, sought, repository)),
    ),
    told(
      'key',
      asking.then((ask) => seekKey(ask, sought)),
    ),
    told(
      'webhook',
      asking.then((ask) => seekWebhook(ask, sought)),
    ),
    told(
      'file',
      asking.then((ask) => seekFile(ask, sought, repository)),
    ),
    told('ssh', login(deps, sought)),
  ]);
}

/** Gone, or only out of the token owner's sight? The provider answers both alike; somebody else may see it. */
async function seekThroughOthers(
  answer: Seen<RemoteRepository>,
  at: { uuid: string },
  others: () => Promise<Asker[]>,
): Promise<SeenRepository> {
  if (answer.kind !== 'not-found' && answer.kind !== 'forbidden') return answer;
  const answers = await Promise.all(
    (await others()).map((ask) => ask((token, access) => access.readRepository(token, at))),
  );
  return answers.some(({ ok }) => ok) ? { kind: 'hidden' } : answer;
}

type Ask = <T>(question: Question<T>) => Promise<Seen<T>>;

function using(asker: Asker): Ask {
  return async (question) => seen(await asker(question));
}

function refusing(refused: Refused): Ask {
  return async () => refused;
}

function seen<T>(answer: GrantUse<T>): Seen<T> {
  if (answer.ok) return { kind: 'value', value: answer.value };
  const { why } = answer;
  switch (why.kind) {
    case 'no-grant': {
      const reason = why.reason === 'not-connected' ? why.reason : (`grant-${why.reason}` as const);
      return { kind: 'no-grant', reason, endedAt: why.endedAt };
    }
    case 'doubtful':
      return { kind: 'fault', code: why.code, retryAt: null };
    case 'fault':
      return { kind: 'fault', code: why.fault.code, retryAt: why.fault.retryAt ?? null };
    case 'rejected':
      // There is nothing in a question that could be wrong.
      return { kind: 'fault', code: 'provider-unexpected', retryAt: null };
    default:
      return why;
  }
}

/** Rights are found by name; after a rename the old one answers for nothing, or for another repository. */
async function seekPermission(
  ask: Ask,
  { seenName }: Sought,
  repository: Promise<Seen<RemoteRepository>>,
): Promise<Seen<Permission | null>> {
  const read = (name: string) =>
    ask<Permission | null>((token, access) => access.readPermission(token, name));
  const [named, found] = await Promise.all([read(seenName), repository]);
  return found.kind === 'value' && found.value.fullName !== seenName ? read(found.value.fullName) : named;
}

/** By its id; where another or none stands there, or the id is not known, by what the key is. */
async function seekKey(ask: Ask, { uuid, key }: Sought): Promise<SeenKey> {
  const at = { uuid };
  const id = key?.remoteId ?? null;
  let replaced = false;
  if (key && id !== null) {
    const byId = await ask<RemoteKey>((token, access) => access.readKey(token, at, id));
    if (byId.kind === 'value' && byId.value.publicKey === key.publicKey) return byId;
    replaced = byId.kind === 'value';
    if (byId.kind !== 'value' && byId.kind !== 'not-found') return byId;
  }
  // Also without a key of our own: who may read the list is an admin.
  const list = await ask<RemoteKey[]>((token, access) => access.listKeys(token, at));
  if (list.kind !== 'value') return list;
  const ours = key && list.value.find(({ publicKey }) => publicKey === key.publicKey);
  if (ours) return { kind: 'value', value: ours };
  return { kind: replaced ? 'replaced' : 'absent' };
}

/** By its id, or by its address, which no other webhook has. */
async function seekWebhook(ask: Ask, { uuid, webhook }: Sought): Promise<SeenWebhook> {
  const at = { uuid };
  const id = webhook?.remoteId ?? null;
  // Nothing was made yet that could be there.
  if (!webhook) return { kind: 'not-asked' };
  if (id !== null) {
    const byId = await ask<RemoteWebhook>((token, access) => access.readWebhook(token, at, id));
    if (byId.kind !== 'not-found') return byId;
  }
  const list = await ask<RemoteWebhook[]>((token, access) => access.listWebhooks(token, at));
  if (list.kind !== 'value') return list;
  const ours = list.value.filter(({ url }) => url === webhook.url);
  const best = ours.find(({ active, secretSet }) => active && secretSet) ?? ours[0];
  return best ? { kind: 'value', value: best } : { kind: 'absent' };
}

type FileAnswer = Seen<{ commit: string; size: number; isFile: boolean }>;

/** At the head of the branch that was the default one last time, and of the real one if that is another. */
async function seekFile(
  ask: Ask,
  sought: Sought,
  repository: Promise<Seen<RemoteRepository>>,
): Promise<SeenFile> {
  const { defaultBranch, pipelineFile } = sought;
  const guess = defaultBranch === null ? null : readAtBranch(ask, sought.uuid, defaultBranch, pipelineFile);
  const found = await repository;
  const first = await guess;
  // Without the repository's own answer nobody knows which branch counts.
  if (found.kind !== 'value') return first?.kind === 'no-grant' ? first : found;
  const branch = found.value.defaultBranch;
  if (branch === null) return { kind: 'empty' };
  const answer =
    first && branch === defaultBranch ? first : await readAtBranch(ask, sought.uuid, branch, pipelineFile);
  if (answer.kind === 'value' && answer.value.isFile) {
    const { commit, size } = answer.value;
    return { kind: 'value', value: { branch, commit, size } };
  }
  // A directory stands there, or nothing does.
  if (answer.kind === 'value' || answer.kind === 'not-found') return searchFile(ask, sought, branch);
  return answer;
}

async function readAtBranch(ask: Ask, uuid: string, branch: string, path: string): Promise<FileAnswer> {
  const at = { uuid };
  if (!branch.includes('/')) return ask((token, access) => access.readFile(token, at, branch, path));
  // In the address of a file, nobody could tell where such a name ends and the path begins.
  const head = await ask<{ commit: string }>((token, access) => access.readBranch(token, at, branch));
  if (head.kind !== 'value') return head;
  return ask((token, access) => access.readFile(token, at, head.value.commit, path));
}

/** The file is not at the head of the branch: is the branch there, and where is the file? */
async function searchFile(ask: Ask, sought: Sought, branch: string): Promise<SeenFile> {
  const { uuid, pipelineFile } = sought;
  const at = { uuid };
  const readFile = (commit: string, path: string): Promise<FileAnswer> =>
    ask((token, access) => access.readFile(token, at, commit, path));
  const [head, branches] = await Promise.all([
    ask<{ commit: string }>((token, access) => access.readBranch(token, at, branch)),
    ask<{ name: string; commit: string }[]>((token, access) => access.listBranches(token, at)),
  ]);
  if (head.kind !== 'value' && head.kind !== 'not-found') return head;
  const others = branches.kind === 'value' ? branches.value.filter(({ name }) => name !== branch) : [];
  const onOthers = Promise.all(
    others.slice(0, SEARCHED_BRANCHES).map(async ({ name, commit }) => {
      const answer = await readFile(commit, pipelineFile);
      return answer.kind === 'value' && answer.value.isFile ? [name] : [];
    }),
  ).then((names) => names.flat());

  if (head.kind === 'not-found') return { kind: 'branch-gone', branch, onBranches: await onOthers };
  const { commit } = head.value;
  const [again, atPath, onBranches] = await Promise.all([
    readFile(commit, pipelineFile),
    searchPaths(ask, sought, commit),
    onOthers,
  ]);
  // Pushed since the first question, or the first answer was none.
  if (again.kind === 'value' && again.value.isFile) {
    return { kind: 'value', value: { branch, commit, size: again.value.size } };
  }
  if (again.kind !== 'value' && again.kind !== 'not-found') return again;
  return { kind: 'missing', branch, onBranches, atPath };
}

/** Whether a pipeline file stands where it usually does, or as the only one in the usual directory. */
async function searchPaths(ask: Ask, sought: Sought, commit: string): Promise<string | null> {
  const at = { uuid: sought.uuid };
  const listed = await ask<string[]>((token, access) => access.listFiles(token, at, commit, USUAL_DIRECTORY));
  if (listed.kind !== 'value') return null;
  const paths = listed.value.map((name) => `${USUAL_DIRECTORY}/${name}`).filter(isPipeline);
  const usual = USUAL_PATHS.find((path) => paths.includes(path));
  return [usual, ...paths].find((path) => path !== undefined && path !== sought.pipelineFile) ?? null;
}

function isPipeline(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

async function login({ ssh }: Pick<Deps, 'ssh'>, { key, repositoryName }: Sought): Promise<SeenSsh> {
  if (!key) return { kind: 'not-asked' };
  return ssh.readRefs({ fullName: repositoryName, privateKey: key.privateKey });
}

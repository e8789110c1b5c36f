/** "Change…": another URL for a project. Which repository is meant its UUID says, never the name. */
import type { Tx } from '../db/connect.ts';
import type { Deps } from '../deps.ts';
import { lockRoles } from '../organizations/membership.ts';
import type { ProblemCode } from '../problem.ts';
import type { FoundProject } from '../projects/find-project.ts';
import { lockProject } from '../projects/lock-project.ts';
import { bumpVersion } from '../projects/version.ts';
import type { RemoteRepository } from '../providers/repository-access.ts';
import { askAs, type GrantUse, proveAdmin } from './grant.ts';
import { lookAtRepository } from './look.ts';
import { problemOfRefusal } from './refused.ts';
import { beginning, letRun, type Started, startOperationIn } from './repair/start.ts';
import { parseRepositoryUrl, type RepositoryUrl } from './url.ts';

export type UrlPreview = {
  /** `same`: nothing changes. `renamed`: the same repository by another name. `different`: another repository. */
  kind: 'same' | 'renamed' | 'different';
  /** `workspace/slug` as it is now. */
  fullName: string;
  /** `workspace/slug` that the project has. */
  from: string;
  uuid: string;
};

type Refused = { ok: false; problem: ProblemCode; detail?: string };
/** What a URL means for a project, as the provider said just now. */
export type UrlChange = { preview: UrlPreview; repository: RemoteRepository };
type Meant = ({ ok: true } & UrlChange) | Refused;
/** `move`: what was begun, or joined; null where the name alone changed. */
export type AppliedUrl = { ok: true; move: (Started & { ok: true }) | null };

/** Says what a URL would change; changes nothing. */
export async function previewUrl(
  deps: Deps,
  { project }: FoundProject,
  ask: { url: string; profileId: string },
): Promise<Meant> {
  const url = readRepositoryUrl(deps, ask.url);
  if (!url.ok) return { ok: false, problem: 'invalid-repository-url', detail: url.why };
  const read = (profileId: string) =>
    askAs(deps, profileId, (token, access) => access.readRepository(token, { fullName: url.fullName }));
  const { tokenOwnerId } = project;
  const own = await read(ask.profileId);
  const other = !own.ok && tokenOwnerId && tokenOwnerId !== ask.profileId ? await read(tokenOwnerId) : own;
  const answer = own.ok ? own : onlyIfKnown(own, other, project.repositoryUuid);
  if (!answer.ok) return { ok: false, problem: problemOfRefusal(answer.why) };
  const { uuid, fullName } = answer.value;
  const from = project.repositoryName;
  const kind = uuid !== project.repositoryUuid ? 'different' : fullName === from ? 'same' : 'renamed';
  return { ok: true, preview: { kind, fullName, from, uuid }, repository: answer.value };
}

/** Through another's eyes one sees the project's own repository, and learns of no other that it is there. */
function onlyIfKnown(
  own: GrantUse<RemoteRepository>,
  other: GrantUse<RemoteRepository>,
  uuid: string,
): GrantUse<RemoteRepository> {
  return other.ok && other.value.uuid === uuid ? other : own;
}

/** Changes the URL to what the person was shown, and to nothing else. Another repository takes their admin right there. */
export async function changeUrl(
  deps: Deps,
  found: FoundProject,
  ask: { url: string; uuid: string; profileId: string; idempotencyKey: string },
): Promise<'done' | Refused> {
  const meant = await previewUrl(deps, found, ask);
  if (!meant.ok) return meant;
  if (meant.preview.uuid !== ask.uuid) return { ok: false, problem: 'repository-changed' };
  const unproved = await proveUrlChange(deps, meant, ask.profileId);
  if (unproved) return { ok: false, problem: unproved };
  const applied = await beginning(deps, async (tx): Promise<AppliedUrl | Refused> => {
    const role = (await lockRoles(tx, found.organization.id)).get(ask.profileId);
    if (!role) return { ok: false, problem: 'not-found' };
    if (role === 'member') return { ok: false, problem: 'not-allowed' };
    return applyUrlChangeIn(tx, deps, found.project.id, { meant, ...ask });
  });
  if (!applied.ok) return applied;
  followUrlChange(deps, found, { meant, applied, profileId: ask.profileId });
  return 'done';
}

/** Whether the person has the right that the change takes: null, or what stands in its way. */
export async function proveUrlChange(
  deps: Deps,
  { preview, repository: { uuid, fullName } }: UrlChange,
  profileId: string,
): Promise<ProblemCode | null> {
  if (preview.kind !== 'different') return null;
  const proof = await proveAdmin(deps, profileId, { uuid, fullName });
  return proof.kind === 'admin' ? null : problemOfRefusal(proof);
}

/**
 * Applies what was meant and proved, as a part of a transaction. The new name, and that it was seen, at once; another
 * repository by an operation that moves key and webhook. A refusal has written nothing.
 */
export async function applyUrlChangeIn(
  tx: Tx,
  deps: Deps,
  projectId: string,
  { meant, profileId, idempotencyKey }: { meant: UrlChange; profileId: string; idempotencyKey: string },
): Promise<AppliedUrl | Refused> {
  const { uuid, fullName, defaultBranch } = meant.repository;
  const project = await lockProject(tx, projectId);
  if (!project || project.state === 'deleted') return { ok: false, problem: 'not-found' };
  if (project.state === 'deleting') return { ok: false, problem: 'operation-running' };
  if (project.repositoryUuid !== uuid) {
    // Moved to another repository meanwhile: the right on this one was not asked for.
    if (meant.preview.kind !== 'different') return { ok: false, problem: 'repository-changed' };
    const started = await startOperationIn(tx, deps, {
      projectId,
      kind: 'move',
      subjects: ['deploy-key', 'webhook'],
      requestedBy: profileId,
      idempotencyKey,
      target: { uuid, fullName, defaultBranch },
    });
    return started.ok ? { ok: true, move: started } : started;
  }
  await tx
    .updateTable('project')
    // What an earlier look saw answers nobody any more.
    .set({ repositoryName: fullName, seenName: fullName, defaultBranch, lookFinishedAt: null })
    .where('id', '=', projectId)
    .execute();
  await bumpVersion(tx, projectId);
  return { ok: true, move: null };
}

/** What follows once the change is committed: the move runs, or everything is looked at anew. */
export function followUrlChange(
  deps: Deps,
  { project }: FoundProject,
  { meant, applied, profileId }: { meant: UrlChange; applied: AppliedUrl; profileId: string },
): void {
  const { uuid, fullName } = meant.repository;
  if (applied.move) {
    letRun(deps, project.id, applied.move);
    deps.log.info({ project: project.id, by: profileId, to: uuid }, 'project moves to another repository');
    return;
  }
  deps.log.info(
    { project: project.id, by: profileId, from: project.repositoryName, to: fullName },
    'URL changed',
  );
  deps.background.run('look', () => lookAtRepository(deps, project.id, { fresh: true }));
}

/** Reads what a person typed, with the hosts of this installation; asks nobody. */
export function readRepositoryUrl({ config }: Pick<Deps, 'config'>, text: string): RepositoryUrl {
  const webUrl = config.providers.bitbucket?.webUrl ?? 'https://bitbucket.org';
  return parseRepositoryUrl(text, { web: new URL(webUrl).host, ssh: config.ssh.host });
}

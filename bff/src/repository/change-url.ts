/** "Change…": another URL for a project. Which repository is meant its UUID says, never the name. */
import type { Deps } from '../deps.ts';
import { lockRoles } from '../organizations/membership.ts';
import type { ProblemCode } from '../problem.ts';
import type { FoundProject } from '../projects/find-project.ts';
import { bumpVersion } from '../projects/version.ts';
import type { RemoteRepository } from '../providers/repository-access.ts';
import { askAs, type GrantUse, proveAdmin } from './grant.ts';
import { lookAtRepository } from './look.ts';
import { problemOfRefusal } from './refused.ts';
import { startOperation } from './repair/start.ts';
import { parseRepositoryUrl } from './url.ts';

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
type Meant = { ok: true; preview: UrlPreview; repository: RemoteRepository } | Refused;

/** Says what a URL would change; changes nothing. */
export async function previewUrl(
  deps: Deps,
  { project }: FoundProject,
  ask: { url: string; profileId: string },
): Promise<Meant> {
  const url = parseRepositoryUrl(ask.url, hostsOf(deps));
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
  const { preview, repository } = meant;
  if (preview.uuid !== ask.uuid) return { ok: false, problem: 'repository-changed' };
  if (preview.kind === 'different') return move(deps, found, { ...ask, repository });
  const renamed = await rename(deps, found, ask.profileId, repository);
  if (renamed !== 'done') return { ok: false, problem: renamed };
  deps.background.run('look', () => lookAtRepository(deps, found.project.id, { fresh: true }));
  return 'done';
}

async function move(
  deps: Deps,
  { project }: FoundProject,
  ask: { profileId: string; idempotencyKey: string; repository: RemoteRepository },
): Promise<'done' | Refused> {
  const { uuid, fullName, defaultBranch } = ask.repository;
  const proof = await proveAdmin(deps, ask.profileId, { uuid, fullName });
  if (proof.kind !== 'admin') return { ok: false, problem: problemOfRefusal(proof) };
  const started = await startOperation(deps, {
    projectId: project.id,
    kind: 'move',
    subjects: ['deploy-key', 'webhook'],
    requestedBy: ask.profileId,
    idempotencyKey: ask.idempotencyKey,
    target: { uuid, fullName, defaultBranch },
  });
  if (!started.ok) return started;
  deps.log.info({ project: project.id, by: ask.profileId, to: uuid }, 'project moves to another repository');
  return 'done';
}

/** The new name, and that it was seen, at once; unless the project moved to another repository meanwhile. */
async function rename(
  deps: Deps,
  { project, organization }: FoundProject,
  profileId: string,
  { uuid, fullName, defaultBranch }: RemoteRepository,
): Promise<'done' | ProblemCode> {
  const result = await deps.db.transaction().execute(async (tx) => {
    const role = (await lockRoles(tx, organization.id)).get(profileId);
    if (!role) return 'not-found';
    if (role === 'member') return 'not-allowed';
    const changed = await tx
      .updateTable('project')
      .set({ repositoryName: fullName, seenName: fullName, defaultBranch })
      .where('id', '=', project.id)
      .where('repositoryUuid', '=', uuid)
      .where('state', 'in', ['creating', 'ready'])
      .returning('id')
      .executeTakeFirst();
    if (!changed) return 'repository-changed';
    await bumpVersion(tx, project.id);
    return 'done';
  });
  if (result === 'done')
    deps.log.info(
      { project: project.id, by: profileId, from: project.repositoryName, to: fullName },
      'URL changed',
    );
  return result;
}

function hostsOf({ config }: Deps): { web: string; ssh: string } {
  const webUrl = config.providers.bitbucket?.webUrl;
  return { web: new URL(webUrl ?? 'https://bitbucket.org').host, ssh: config.ssh.host };
}

/** Replacing what is stored of a project by its file: settings, name and URL in one transaction, or nothing at all. */
import { randomUUID } from 'node:crypto';
import type { Tx } from '../db/connect.ts';
import { isUniqueViolation } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import { lockRoles } from '../organizations/membership.ts';
import type { FoundProject } from '../projects/find-project.ts';
import { lockProject } from '../projects/lock-project.ts';
import { writeSettingsIn } from '../projects/write-settings.ts';
import {
  type AppliedUrl,
  applyUrlChangeIn,
  followUrlChange,
  previewUrl,
  proveUrlChange,
  readRepositoryUrl,
  type UrlChange,
} from '../repository/change-url.ts';
import { lookAtRepository } from '../repository/look.ts';
import { beginning } from '../repository/repair/start.ts';
import { announceChange } from '../repository/watch.ts';
import { awaitOperation, whyItFailed } from './await-operation.ts';
import type { ProjectDraft } from './read-document.ts';
import { invalid, NOT_FOUND, type Refusal, refusalOf, unrecognizedUrl } from './refusals.ts';
import { settingsForReplacement } from './settings-of.ts';

/**
 * Everything is read, asked and proved before anything is written. A move to another repository begins in the same
 * transaction; it returns once that has ended, or after twenty seconds.
 */
export async function replaceProject(
  deps: Deps,
  found: FoundProject,
  ask: { draft: ProjectDraft; profileId: string },
): Promise<{ ok: true } | Refusal> {
  const { draft, profileId } = ask;
  const refused = settingsForReplacement(draft, found.project, randomUUID);
  if (!refused.ok) return invalid(refused.message);
  const about = { organization: found.organization, name: draft.name };
  const url = await findUrlChange(deps, found, ask);
  if (!url.ok) return url;
  const { meant } = url;
  const written = await beginning(deps, (tx) => write(tx, deps, found, { ...ask, meant })).catch(
    (error: unknown): Refusal => {
      if (isUniqueViolation(error)) return refusalOf(deps, 'project-name-taken', about);
      throw error;
    },
  );
  if (!written.ok) return written;
  const { id } = found.project;
  deps.log.info({ project: id, by: profileId }, 'project replaced by its file');
  announceChange(deps, id);
  if (meant && written.applied) followUrlChange(deps, found, { meant, applied: written.applied, profileId });
  else deps.background.run('look', () => lookAtRepository(deps, id, { fresh: true }));
  const move = written.applied?.move;
  return move && meant ? endOfMove(deps, { found, name: draft.name, meant, move }) : { ok: true };
}

/** What the URL means. One that the project has already is not asked about, whatever is behind it by now. */
async function findUrlChange(
  deps: Deps,
  found: FoundProject,
  { draft, profileId }: { draft: ProjectDraft; profileId: string },
): Promise<{ ok: true; meant: UrlChange | null } | Refusal> {
  if (draft.url === null) return { ok: true, meant: null };
  const url = readRepositoryUrl(deps, draft.url);
  if (!url.ok) return unrecognizedUrl(draft.url, url.why);
  if (url.fullName === found.project.repositoryName.toLowerCase()) return { ok: true, meant: null };
  const meant = await previewUrl(deps, found, { url: draft.url, profileId });
  if (!meant.ok) return refusalOf(deps, meant.problem, found);
  const unproved = await proveUrlChange(deps, meant, profileId);
  return unproved ? refusalOf(deps, unproved, found) : { ok: true, meant };
}

type Written = { ok: true; applied: AppliedUrl | null } | Refusal;

/** A refusal has written nothing; what fails after the first write undoes it. */
async function write(
  tx: Tx,
  deps: Deps,
  found: FoundProject,
  ask: { draft: ProjectDraft; profileId: string; meant: UrlChange | null },
): Promise<Written> {
  const { draft, profileId, meant } = ask;
  const { id } = found.project;
  const about = { organization: found.organization, name: draft.name };
  // Held, so that nobody changes anything after they were removed.
  const role = (await lockRoles(tx, found.organization.id)).get(profileId);
  if (!role) return NOT_FOUND;
  if (role === 'member') return refusalOf(deps, 'not-allowed', about);
  const project = await lockProject(tx, id);
  if (!project || project.state === 'deleted') return NOT_FOUND;
  if (project.state === 'deleting') return refusalOf(deps, 'operation-running', about);
  // Somebody else may have replaced the tasks that this one names.
  const settings = settingsForReplacement(draft, project, randomUUID);
  if (!settings.ok) return invalid(settings.message);
  const change = { profileId, idempotencyKey: randomUUID() };
  const applied = meant ? await applyUrlChangeIn(tx, deps, id, { meant, ...change }) : null;
  if (applied && !applied.ok) return refusalOf(deps, applied.problem, about);
  await writeSettingsIn(tx, id, { name: draft.name, ...settings.set });
  return { ok: true, applied };
}

async function endOfMove(
  deps: Deps,
  {
    found,
    name,
    meant,
    move,
  }: { found: FoundProject; name: string; meant: UrlChange; move: { operationId: string } },
): Promise<{ ok: true } | Refusal> {
  const { operationId } = move;
  const operation = await awaitOperation(deps, { projectId: found.project.id, operationId });
  if (operation.state === 'done') return { ok: true };
  const { fullName } = meant.repository;
  if (operation.state === 'failed') {
    const why = whyItFailed(operation);
    return invalid(`The settings are saved, but the project did not move to ${fullName}. ${why}`);
  }
  const address = `${deps.config.publicUrl}/organizations/${found.organization.slug}/projects/${name}/settings/repository`;
  const message = `The settings are saved. The project is still moving to ${fullName}: see ${address}`;
  return { ok: false, status: 503, message };
}

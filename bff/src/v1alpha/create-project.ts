/** Creating a project from its file: by the same machinery as on the page, with the answer that ends it. */
import { randomUUID } from 'node:crypto';
import type { Deps } from '../deps.ts';
import { createProject } from '../projects/create.ts';
import { readRepositoryUrl } from '../repository/change-url.ts';
import { awaitOperation, whyItFailed } from './await-operation.ts';
import type { OrganizationEnv } from './organization.ts';
import type { ProjectDraft } from './read-document.ts';
import { invalid, type Refusal, refusalOf, unrecognizedUrl } from './refusals.ts';
import { settingsForNew } from './settings-of.ts';

type Asker = Pick<OrganizationEnv['Variables'], 'caller' | 'organization'>;

/** Returns once key and webhook are proved, or after twenty seconds. Refused, nothing of it is left. */
export async function createFromFile(
  deps: Deps,
  draft: ProjectDraft,
  { caller, organization }: Asker,
): Promise<{ ok: true; projectId: string } | Refusal> {
  const settings = settingsForNew(draft, randomUUID);
  if (!settings.ok) return invalid(settings.message);
  if (draft.url === null) return invalid("spec.repository.url can't be blank");
  const url = readRepositoryUrl(deps, draft.url);
  if (!url.ok) return unrecognizedUrl(draft.url, url.why);
  const made = await createProject(deps, {
    organizationId: organization.id,
    profileId: caller.profileId,
    repository: { fullName: url.fullName },
    name: draft.name,
    settings: settings.set,
    idempotencyKey: randomUUID(),
  });
  if (!made.ok) return refusalOf(deps, made.problem, { organization, name: draft.name });
  const operation = await awaitOperation(deps, made);
  return operation.state === 'failed'
    ? invalid(`The project was not created. ${whyItFailed(operation)}`)
    : { ok: true, projectId: made.projectId };
}

/** Whether the pipeline file is there at one commit, and if not, what is missing: the file is the last of several things. */
import type { WorkflowRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { Fault } from '../http.ts';
import { type Asker, type GrantRefusal, openGrant } from '../repository/grant.ts';
import type { UnavailableCause, WorkflowProblem } from './workflow.ts';

export type PipelineFile =
  | { kind: 'found' }
  | { kind: 'unavailable'; cause: UnavailableCause }
  /** The provider could not be asked: nothing is known. */
  | { kind: 'again'; problem: WorkflowProblem; retryAt?: Date };

export async function readPipelineFile(
  deps: Deps,
  workflow: Pick<WorkflowRow, 'repositoryUuid' | 'newHash' | 'pipelineFile'>,
  tokenOwnerId: string | null,
): Promise<PipelineFile> {
  if (!tokenOwnerId) return { kind: 'unavailable', cause: 'no-token-owner' };
  const ask = await openGrant(deps, tokenOwnerId);
  const at = { uuid: workflow.repositoryUuid };
  const file = await ask((token, access) =>
    access.readFile(token, at, workflow.newHash, workflow.pipelineFile),
  );
  if (file.ok) {
    return file.value.isFile ? { kind: 'found' } : { kind: 'unavailable', cause: 'not-a-file' };
  }
  return file.why.kind === 'not-found' ? explain(ask, at, workflow.newHash) : judge(file.why);
}

/** Bitbucket says "not found" of the file, the commit and the repository alike. */
async function explain(ask: Asker, at: { uuid: string }, commit: string): Promise<PipelineFile> {
  const repository = await ask((token, access) => access.readRepository(token, at));
  if (!repository.ok) {
    if (repository.why.kind === 'not-found') return { kind: 'unavailable', cause: 'repository-gone' };
    return judge(repository.why);
  }
  const root = await ask((token, access) => access.listFiles(token, at, commit, ''));
  if (root.ok) return { kind: 'unavailable', cause: 'file-missing' };
  return root.why.kind === 'not-found' ? { kind: 'unavailable', cause: 'commit-gone' } : judge(root.why);
}

function judge(why: GrantRefusal): PipelineFile {
  switch (why.kind) {
    case 'fault':
      return again(why.fault);
    case 'doubtful':
      return { kind: 'again', problem: { code: why.code } };
    case 'no-grant':
      return { kind: 'unavailable', cause: 'no-grant' };
    case 'rejected':
      return again({ code: 'provider-unexpected' });
    default:
      return { kind: 'unavailable', cause: 'no-access' };
  }
}

function again({ code, retryAt }: Fault): PipelineFile {
  return { kind: 'again', problem: { code }, ...(retryAt ? { retryAt } : {}) };
}

/** Repair for a script: of what it names, or of what is proved broken; with what came of it. */
import { randomUUID } from 'node:crypto';
import type { Db } from '../db/connect.ts';
import type { ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import type { Repairable } from '../repository/finding.ts';
import { lookAtRepository } from '../repository/look.ts';
import { startOperation } from '../repository/repair/start.ts';
import type { OperationView } from '../repository/view.ts';
import { awaitOperation, whyItFailed } from './await-operation.ts';
import { invalid, type Refusal, refusalOf } from './refusals.ts';

type RepairAsk = {
  profileId: string;
  organization: { name: string };
  /** Null: what a look that begins now proves to be broken. */
  subjects: Repairable[] | null;
  /** Null: every request is one of its own. */
  idempotencyKey: string | null;
};

/** `operation` null: there was nothing to repair. */
export async function repairFor(
  deps: Deps,
  { id: projectId }: ProjectRow,
  { profileId, organization, ...ask }: RepairAsk,
): Promise<{ ok: true; operation: OperationView | null } | Refusal> {
  const idempotencyKey = ask.idempotencyKey ?? randomUUID();
  // Sent again, it is the same repair, though by now nothing is broken any more.
  const again =
    ask.subjects === null ? await findSame(deps.db, { projectId, profileId, idempotencyKey }) : undefined;
  const subjects = ask.subjects ?? again ?? (await findBroken(deps, projectId));
  if (subjects.length === 0) return { ok: true, operation: null };
  const started = await startOperation(deps, {
    projectId,
    kind: 'repair',
    subjects,
    requestedBy: profileId,
    idempotencyKey,
  });
  if (!started.ok) return refusalOf(deps, started.problem, { organization });
  const operation = await awaitOperation(deps, { projectId, ...started });
  return operation.state === 'failed' ? invalid(explainFailure(operation)) : { ok: true, operation };
}

/** Key and webhook go their own ways: where one fails, the other may have come new all the same. */
function explainFailure(operation: OperationView): string {
  const made = operation.done.find((each) => each.made !== '');
  const why = whyItFailed(operation);
  return made ? `Only the ${made.subject.replace('-', ' ')} was repaired. ${why}` : why;
}

async function findSame(
  db: Db,
  ask: { projectId: string; profileId: string; idempotencyKey: string },
): Promise<Repairable[] | undefined> {
  const row = await db
    .selectFrom('operation')
    .select('subjects')
    .where('projectId', '=', ask.projectId)
    .where('requestedBy', '=', ask.profileId)
    .where('idempotencyKey', '=', ask.idempotencyKey)
    .executeTakeFirst();
  return row?.subjects;
}

/** What a new key or webhook can mend: none helps against an SSH server that is not Bitbucket's. */
async function findBroken(deps: Deps, projectId: string): Promise<Repairable[]> {
  await lookAtRepository(deps, projectId, { fresh: true });
  const rows = await deps.db
    .selectFrom('finding')
    .select('subject')
    .where('projectId', '=', projectId)
    .where('subject', 'in', ['deploy-key', 'webhook'])
    .where('state', '=', 'broken')
    .where('cause', '<>', 'host-key-mismatch')
    .orderBy('subject')
    .execute();
  return rows.map(({ subject }) => subject as Repairable);
}

/** Removes what has to go, and nothing else: whatever is removed carries the identity of a row of this project. */
import type { Tx } from '../../db/connect.ts';
import type { CredentialRow } from '../../db/schema.ts';
import type { Repairable } from '../finding.ts';
import type { OperationView } from '../view.ts';
import { classify } from './classify.ts';
import { webhookBase } from './generations.ts';
import { findUnknown, type Listed, planRemoval, type Removal } from './plan.ts';
import type { Problem } from './problem.ts';
import { remotes } from './remote.ts';
import { backOff, hasOther, observe, record, send, settle, type Work } from './work.ts';

export type Leftover = OperationView['leftovers'][number];
/** `open`: something is not finished, because the provider could not be asked. */
export type Cleaned = { leftovers: Leftover[]; open: null | { retryAt: Date | null } };

/** A tombstone of a repository that the project has left is looked for this long. */
const REMEMBERED = 7 * 86_400_000;

/** Cleans up one kind in every repository where the project has, or lately had, something. */
export async function removeRetired(work: Work, kind: Repairable): Promise<Cleaned> {
  const total: Cleaned = { leftovers: [], open: null };
  for (const repositoryUuid of await findPlaces(work, kind)) {
    const here = await removeAt(work, kind, repositoryUuid);
    total.leftovers.push(...here.leftovers);
    total.open ??= here.open;
  }
  return total;
}

async function findPlaces({ deps, project, operation }: Work, kind: Repairable): Promise<string[]> {
  const since = new Date(deps.now().getTime() - REMEMBERED);
  const places = await deps.db
    .selectFrom('credential')
    .select('repositoryUuid')
    .distinct()
    .where('projectId', '=', project.id)
    .where('kind', '=', kind)
    .where((eb) =>
      operation.kind === 'sweep'
        ? eb.or([eb('state', '!=', 'gone'), eb('createdAt', '>', since)])
        : eb('state', '=', 'retiring'),
    )
    .execute();
  const found = places.map(({ repositoryUuid }) => repositoryUuid);
  // Where the project is: also tombstones and second copies are looked for there.
  const isHome = operation.kind !== 'delete' || found.includes(project.repositoryUuid);
  return [...new Set([...(isHome ? [project.repositoryUuid] : []), ...found])];
}

async function removeAt(work: Work, kind: Repairable, repositoryUuid: string): Promise<Cleaned> {
  const tried = new Set<string>();
  for (let doubts = 0; ; ) {
    const rows = await readAll(work, kind, repositoryUuid);
    const retiring = rows.filter(({ state }) => state === 'retiring');
    const seen = await observe(work, kind, repositoryUuid, tried);
    if (seen.kind === 'refused') {
      return { leftovers: retiring.map((row) => leave(row, seen.problem)), open: null };
    }
    if (seen.kind === 'wait') return { leftovers: [], open: { retryAt: seen.retryAt } };
    if (seen.kind === 'unknown') {
      if (await backOff(work, doubts++)) continue;
      return { leftovers: [], open: { retryAt: null } };
    }
    if (kind === 'webhook') await report(work, seen.listed);
    const plan = planRemoval(rows, seen.listed);
    for (const each of plan.adopt) await adopt(work, each);
    const left = new Map<string, Problem>();
    let doubtful = false;
    let wait: { retryAt: Date | null } | null = null;
    for (const each of plan.remove) {
      const row = rows.find(({ id }) => id === each.credentialId);
      if (!row) continue;
      const { use, seq } = await remove(work, row, each.remoteId, seen.grantor);
      const verdict = classify(use);
      await record(work, (tx) => settle(tx, work, seq, verdict.kind));
      if (verdict.kind === 'known') {
        // An answer that speaks of nothing there can also mean the repository: the list decides.
        if (verdict.value === 'was-gone') doubtful = true;
      } else if (verdict.kind === 'refused') {
        left.set(row.id, verdict.problem);
      } else if (verdict.kind === 'wait') {
        wait = { retryAt: verdict.retryAt };
        break;
      } else {
        doubtful = true;
      }
    }
    if (wait) return { leftovers: [], open: wait };
    const problem = [...left.values()][0];
    if (problem) {
      tried.add(seen.grantor);
      if (await hasOther(work, problem, tried)) continue;
    }
    if (doubtful) {
      if (await backOff(work, doubts++)) continue;
      return { leftovers: [], open: { retryAt: null } };
    }
    const gone = retiring.filter(({ id }) => !left.has(id)).map(({ id }) => id);
    await record(work, (tx) => bury(tx, gone));
    const leftovers = rows.flatMap((row) => {
      const why = left.get(row.id);
      return why ? [leave(row, why)] : [];
    });
    return { leftovers, open: null };
  }
}

function readAll(
  { deps, project }: Work,
  kind: Repairable,
  repositoryUuid: string,
): Promise<CredentialRow[]> {
  return deps.db
    .selectFrom('credential')
    .selectAll()
    .where('projectId', '=', project.id)
    .where('kind', '=', kind)
    .where('repositoryUuid', '=', repositoryUuid)
    .execute();
}

function remove(
  work: Work,
  { kind, match, repositoryUuid: uuid }: CredentialRow,
  id: string,
  grantor: string,
) {
  return send(work, {
    verb: 'DELETE',
    target: match,
    grantor,
    send: (token, access) => remotes[kind].remove(access, token, { uuid }, id),
  });
}

async function adopt(work: Work, { credentialId, remoteId }: Removal): Promise<void> {
  await record(work, (tx) =>
    tx.updateTable('credential').set({ remoteId }).where('id', '=', credentialId).execute(),
  );
}

/** Nothing of them is left: the secrets go, the rows stay, to recognise whatever a late request may still leave. */
export async function bury(tx: Tx, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('credential')
    .set({ state: 'gone', material: null })
    .where('id', 'in', ids)
    .where('state', '=', 'retiring')
    .execute();
}

function leave(row: CredentialRow, { code }: Problem): Leftover {
  const isRefusal = code === 'not-admin' || code === 'scope-missing' || code === 'rejected';
  return { subject: row.kind, title: row.title, why: isRefusal ? 'not-allowed' : 'no-access' };
}

/**
 * Webhooks that lead to us and that no row knows, as after a restored backup. They are named and left alone: whether
 * another installation answers at this address is for a person to know.
 */
async function report({ deps, project }: Work, listed: Listed[]): Promise<void> {
  const base = webhookBase(deps);
  const ours = listed.map(({ identity }) => identity).filter((identity) => identity.startsWith(base));
  if (ours.length === 0) return;
  const rows = await deps.db.selectFrom('credential').select('match').where('match', 'in', ours).execute();
  const unknown = findUnknown(new Set(rows.map(({ match }) => match)), base, listed);
  if (unknown.length === 0) return;
  const webhooks = unknown.map(({ id }) => id);
  deps.log.warn({ project: project.id, webhooks }, 'webhooks lead to us that we know nothing of');
}

/** Makes one generation at the provider: looks for it first, and after every doubt again, so that it is made once. */
import type { CredentialRow } from '../../db/schema.ts';
import type { Repairable } from '../finding.ts';
import { classify, weightiest } from './classify.ts';
import { intend, openMaterial } from './generations.ts';
import { findOwn } from './plan.ts';
import type { Problem } from './problem.ts';
import { remotes } from './remote.ts';
import { advance } from './steps.ts';
import {
  backOff,
  findGrantors,
  hasOther,
  observe,
  record,
  type Seen,
  send,
  settle,
  type Work,
} from './work.ts';

/** `fresh`: the provider has just said that it made it as it was asked to. */
export type Present = {
  kind: 'present';
  grantor: string;
  generation: CredentialRow & { remoteId: string };
  fresh: boolean;
};
export type Parked = { kind: 'parked'; retryAt: Date | null };
export type Failed = { kind: 'failed'; problem: Problem };

/** So often may the provider say that it has a thing which it does not list. */
const UNLISTED = 3;
const NEW_IDENTITIES = 2;

export async function make(work: Work, kind: Repairable): Promise<Present | Parked | Failed> {
  const tried = new Set<string>();
  const problems: Problem[] = [];
  let doubts = 0;
  let unlisted = 0;
  let identities = 0;
  for (;;) {
    const generation = await readComing(work, kind);
    // What was never sent cannot be there: its identity is known to nobody else, so looking for it is a call for nothing.
    const seen = (await wasSent(work, generation))
      ? await observe(work, kind, generation.repositoryUuid, tried)
      : await chooseGrantor(work, tried);
    if (seen.kind === 'refused') return { kind: 'failed', problem: weightiest([...problems, seen.problem]) };
    if (seen.kind === 'wait') return { kind: 'parked', retryAt: seen.retryAt };
    if (seen.kind === 'unknown') {
      if (await backOff(work, doubts++)) continue;
      return { kind: 'parked', retryAt: null };
    }
    const { grantor } = seen;
    const found = findOwn(generation, seen.listed);
    if (found !== null) return present(work, { generation, grantor, remoteId: found });

    const { use, seq } = await post(work, kind, generation, grantor);
    const verdict = classify(use);
    if (verdict.kind === 'known') {
      return present(work, { generation, grantor, remoteId: verdict.value, seq });
    }
    await record(work, (tx) => settle(tx, work, seq, verdict.kind));
    if (verdict.kind === 'wait') return { kind: 'parked', retryAt: verdict.retryAt };
    if (verdict.kind === 'refused') {
      tried.add(grantor);
      problems.push(verdict.problem);
      if (await hasOther(work, verdict.problem, tried)) continue;
      return { kind: 'failed', problem: weightiest(problems) };
    }
    if (verdict.kind === 'duplicate') {
      unlisted += 1;
      if (unlisted >= UNLISTED) {
        if (identities >= NEW_IDENTITIES) {
          return { kind: 'failed', problem: { code: 'rejected', words: verdict.words } };
        }
        await abandon(work, generation);
        identities += 1;
        unlisted = 0;
        doubts = 0;
        continue;
      }
    }
    if (!(await backOff(work, doubts++))) return { kind: 'parked', retryAt: null };
  }
}

/** Whether a request to make it was ever written down: that is done before it is sent, by whichever process. */
async function wasSent({ deps }: Work, { match }: CredentialRow): Promise<boolean> {
  const call = await deps.db
    .selectFrom('upstreamCall')
    .select('seq')
    .where('target', '=', match)
    .where('verb', '=', 'POST')
    .executeTakeFirst();
  return call !== undefined;
}

async function chooseGrantor(work: Work, tried: ReadonlySet<string>): Promise<Seen> {
  const grantor = (await findGrantors(work)).find((each) => !tried.has(each));
  return grantor
    ? { kind: 'known', grantor, listed: [] }
    : { kind: 'refused', problem: { code: 'no-usable-grant' } };
}

async function readComing({ deps, project }: Work, kind: Repairable): Promise<CredentialRow> {
  return deps.db
    .selectFrom('credential')
    .selectAll()
    .where('projectId', '=', project.id)
    .where('kind', '=', kind)
    .where('state', 'in', ['intended', 'present'])
    .executeTakeFirstOrThrow();
}

function post(work: Work, kind: Repairable, generation: CredentialRow, grantor: string) {
  const made = { ...generation, material: openMaterial(work.deps, generation) };
  return send(
    work,
    {
      verb: 'POST',
      target: generation.match,
      grantor,
      send: (token, access) => remotes[kind].add(access, token, { uuid: generation.repositoryUuid }, made),
    },
    (tx) => tx.updateTable('credential').set({ madeBy: grantor }).where('id', '=', generation.id).execute(),
  );
}

async function present(
  work: Work,
  made: { generation: CredentialRow; grantor: string; remoteId: string; seq?: number },
): Promise<Present> {
  const { generation, grantor, remoteId, seq = 0 } = made;
  await record(
    work,
    async (tx) => {
      await settle(tx, work, seq, 'known');
      await tx
        .updateTable('credential')
        .set({ state: 'present', remoteId })
        .where('id', '=', generation.id)
        .where('state', 'in', ['intended', 'present'])
        .execute();
    },
    (steps) => advance(steps, generation.kind, 'verify', 'running'),
  );
  const stored = { ...generation, state: 'present' as const, remoteId };
  return { kind: 'present', grantor, generation: stored, fresh: seq > 0 };
}

/** The provider says that it has it and does not list it: it is given up, to be removed should it ever show. */
async function abandon(work: Work, { id, kind, projectId, repositoryUuid }: CredentialRow): Promise<void> {
  await record(work, async (tx) => {
    await tx.updateTable('credential').set({ state: 'retiring' }).where('id', '=', id).execute();
    await intend(tx, work.deps, { projectId, kind, repositoryUuid });
  });
}

/** Proves that what was made works, before anything relies on it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RemoteWebhook, RepositoryAccess } from '../../providers/repository-access.ts';
import { askAs } from '../grant.ts';
import { classify, classifyRead, type Unsettled } from './classify.ts';
import { openMaterial } from './generations.ts';
import type { Failed, Parked, Present } from './make.ts';
import type { Problem } from './problem.ts';
import { draftOf } from './remote.ts';
import { backOff, record, send, settle, stay, type Work } from './work.ts';

/** `again`: it is not there any more, so it has to be looked for, and made, once more. */
export type Verified = { kind: 'verified' } | { kind: 'again' } | Parked | Failed;

/** A key that the API has just taken may need a moment until SSH knows it. Milliseconds. */
const REFUSED_AGAIN = [500, 1_000, 2_000];

export async function verify(work: Work, made: Present): Promise<Verified> {
  stay(work);
  return made.generation.kind === 'deploy-key' ? verifyKey(work, made) : verifyWebhook(work, made);
}

async function verifyKey(work: Work, made: Present): Promise<Verified> {
  // Both at once: the API's word and the log-in need not wait for one another.
  const [listed, login] = await Promise.all([readKey(work, made), logIn(work, made)]);
  if (listed.kind !== 'verified') return listed;
  return login ? { kind: 'failed', problem: login } : listed;
}

async function readKey(work: Work, { grantor, generation }: Present): Promise<Verified> {
  const { remoteId, match, repositoryUuid: uuid } = generation;
  for (let doubts = 0; ; doubts += 1) {
    const read = (token: string, access: RepositoryAccess) => access.readKey(token, { uuid }, remoteId);
    const verdict = classifyRead(await askAs(work.deps, grantor, read));
    if (verdict.kind === 'known') {
      return verdict.value.publicKey === match ? { kind: 'verified' } : { kind: 'again' };
    }
    const end = judgeRead(verdict);
    if (end) return end;
    if (!(await backOff(work, doubts))) return { kind: 'parked', retryAt: null };
  }
}

/** Null: it reads, or SSH could not be asked, which says nothing against the key. */
async function logIn({ deps, project, operation }: Work, { generation }: Present): Promise<Problem | null> {
  const fullName = operation.target?.fullName ?? project.seenName;
  const privateKey = openMaterial(deps, generation);
  for (const wait of [...REFUSED_AGAIN, null]) {
    const proof = await deps.ssh.readRefs({ fullName, privateKey });
    if (proof.kind === 'host-key-mismatch') return { code: 'host-key-mismatch', words: proof.presented };
    if (proof.kind !== 'refused') return null;
    if (wait === null) return { code: 'verification-failed', words: proof.words };
    await delay(wait);
  }
  return null;
}

async function verifyWebhook(work: Work, made: Present): Promise<Verified> {
  const { grantor, generation, fresh } = made;
  const { remoteId, repositoryUuid: uuid } = generation;
  let asMade = fresh;
  for (let doubts = 0; ; ) {
    if (!asMade) {
      const written = await write(work, made);
      if (written !== 'written') {
        const end = judgeRead(written);
        if (end) return end;
        if (!(await backOff(work, doubts++))) return { kind: 'parked', retryAt: null };
        continue;
      }
    }
    const read = (token: string, access: RepositoryAccess) => access.readWebhook(token, { uuid }, remoteId);
    const verdict = classifyRead(
      await askAs(work.deps, grantor, async (token, access) => {
        const answer = await read(token, access);
        return answer.ok ? { ok: true, value: isAsDrafted(access, answer.value, generation.match) } : answer;
      }),
    );
    if (verdict.kind === 'known') {
      if (verdict.value) return { kind: 'verified' };
      // Written and read back, and still not so.
      if (!asMade) return { kind: 'failed', problem: { code: 'verification-failed' } };
      asMade = false;
      continue;
    }
    const end = judgeRead(verdict);
    if (end) return end;
    if (!(await backOff(work, doubts++))) return { kind: 'parked', retryAt: null };
  }
}

/** Writes every field, with the secret: found again after a doubt, it may have been made by half, or changed by hand. */
async function write(work: Work, { grantor, generation }: Present): Promise<'written' | Unsettled> {
  const { remoteId, repositoryUuid: uuid, match } = generation;
  const draft = { ...generation, material: openMaterial(work.deps, generation) };
  const { use, seq } = await send(work, {
    verb: 'PUT',
    target: match,
    grantor,
    send: (token, access) => access.updateWebhook(token, { uuid }, remoteId, draftOf(access, draft)),
  });
  const verdict = classify(use);
  // A repeated PUT does no harm and makes nothing, so its doubt needs no search.
  const outcome = verdict.kind === 'unknown' ? 'wait' : verdict.kind;
  await record(work, (tx) => settle(tx, work, seq, outcome));
  if (verdict.kind === 'known') return 'written';
  return verdict.kind === 'duplicate'
    ? { kind: 'refused', problem: { code: 'rejected', words: verdict.words } }
    : verdict;
}

function isAsDrafted(access: RepositoryAccess, webhook: RemoteWebhook, url: string): boolean {
  const announced = access.events.every((event) => webhook.events.includes(event));
  return webhook.url === url && webhook.active && webhook.secretSet && announced;
}

/** Null: to be asked again. */
function judgeRead(verdict: Unsettled): Verified | null {
  if (verdict.kind === 'unknown') return null;
  if (verdict.kind === 'wait') return { kind: 'parked', retryAt: verdict.retryAt };
  // The list was read a moment ago, so it is the thing itself that is not there.
  if (verdict.problem.code === 'repository-gone') return { kind: 'again' };
  return { kind: 'failed', problem: verdict.problem };
}

/**
 * Which moves of a branch or tag are news. While a webhook is exchanged two of them tell of each push, with ids that
 * have nothing in common; and a ref may really make the same move twice, when it is forced back in between.
 */
import type { Tx } from '../db/connect.ts';
import type { Deps } from '../deps.ts';
import type { RefMove } from './payload.ts';

/** `hasGaps`: whether there is any gap that a move can be about; mostly there is none. */
type Teller = { projectId: string; credentialId: string; hasGaps: boolean };
type Told = { delivery: { id: string; seq: number; receivedAt: Date }; index: number };

/** Two webhooks tell of one move within this time: Bitbucket sends at once, or not at all. */
const TOGETHER = 10 * 60_000;
/** A push that was run as a missed one may still be announced this much later. */
const LATE = 86_400_000;

/** Writes a move down; returns whether it is news. The caller holds the project's row, so moves come one by one. */
export async function recordMove(tx: Tx, teller: Teller, move: RefMove, told: Told): Promise<boolean> {
  const { refType, refName, oldHash, newHash } = move;
  const { projectId, credentialId, hasGaps } = teller;
  const repeated =
    (await isToldAgain(tx, teller, move)) ||
    (await isToldByAnother(tx, teller, move, told)) ||
    (hasGaps && (await wasRunAsMissed(tx, teller, move, told)));
  await tx
    .insertInto('refChange')
    .values({
      deliveryId: told.delivery.id,
      index: told.index,
      seq: told.delivery.seq,
      projectId,
      credentialId,
      refType,
      refName,
      oldHash,
      newHash,
      repeated,
      receivedAt: told.delivery.receivedAt,
    })
    .execute();
  return !repeated;
}

/** Whether the project has a gap that is open, or was run and may still be announced. The caller holds the project's row. */
export async function hasGaps({ now }: Pick<Deps, 'now'>, tx: Tx, projectId: string): Promise<boolean> {
  const gap = await tx
    .selectFrom('gap')
    .select('id')
    .where('projectId', '=', projectId)
    .where((or) =>
      or.or([
        or('state', 'in', ['suspected', 'open']),
        // With a margin: what is worked on now was received before.
        or.and([or('state', '=', 'run'), or('foundAt', '>', new Date(now().getTime() - 2 * LATE))]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return gap !== undefined;
}

/** A ref cannot move from a to b twice without leaving b in between: the same webhook telling so tells it once more. */
async function isToldAgain(tx: Tx, teller: Teller, move: RefMove): Promise<boolean> {
  const last = await tx
    .selectFrom('refChange')
    .select(['oldHash', 'newHash'])
    .where('projectId', '=', teller.projectId)
    .where('credentialId', '=', teller.credentialId)
    .where('refType', '=', move.refType)
    .where('refName', '=', move.refName)
    .orderBy('seq', 'desc')
    .orderBy('index', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last !== undefined && last.oldHash === move.oldHash && last.newHash === move.newHash;
}

/** The n-th time that one webhook tells of a move is the n-th time that the other does, while both are there. */
async function isToldByAnother(
  tx: Tx,
  { projectId, credentialId }: Teller,
  move: RefMove,
  { delivery: { receivedAt } }: Told,
): Promise<boolean> {
  const rows = await tx
    .selectFrom('refChange')
    .select(['credentialId', 'receivedAt'])
    .where('projectId', '=', projectId)
    .where('refType', '=', move.refType)
    .where('refName', '=', move.refName)
    .where('oldHash', 'is not distinct from', move.oldHash)
    .where('newHash', 'is not distinct from', move.newHash)
    .where('receivedAt', '>', new Date(receivedAt.getTime() - TOGETHER))
    .orderBy('seq')
    .execute();
  const byTeller = Map.groupBy(rows, (row) => row.credentialId);
  const mine = byTeller.get(credentialId)?.length ?? 0;
  return [...byTeller].some(([id, theirs]) => id !== credentialId && theirs.length > mine);
}

async function wasRunAsMissed(
  tx: Tx,
  { projectId }: Teller,
  { refType, refName, newHash }: RefMove,
  { delivery: { receivedAt } }: Told,
): Promise<boolean> {
  if (refType !== 'branch' || newHash === null) return false;
  const gap = await tx
    .selectFrom('gap')
    .select('id')
    .where('projectId', '=', projectId)
    .where('branch', '=', refName)
    .where('newHash', '=', newHash)
    .where('state', '=', 'run')
    .where('foundAt', '>', new Date(receivedAt.getTime() - LATE))
    .executeTakeFirst();
  return gap !== undefined;
}

/** Invitations by link: whoever has the link may join, until it expires, is revoked, or was used. */
import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../db/connect.ts';
import type { Role } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { hashToken, isToken, newToken } from '../session/token.ts';
import { decidesOn, lockRoles } from './membership.ts';

const DAY = 86_400_000;

/** An invitation as those see it who may invite; its link is shown once and never again. */
export type OpenInvitation = {
  id: string;
  role: Role;
  singleUse: boolean;
  usedCount: number;
  invitedBy: string;
  createdAt: string;
  expiresAt: string;
  /** Whether the one who looks may revoke it. */
  revocable: boolean;
};

/** What a link offers to the one who opens it. One that does not hold says nothing about the organization. */
export type InvitationView =
  | { state: 'open'; organization: string; role: Role; invitedBy: string; expiresAt: string }
  | { state: 'member'; organization: string; slug: string }
  | { state: 'expired' | 'revoked' | 'used' };

/** Makes an invitation and returns its token, which is stored nowhere. */
export async function invite(
  deps: Deps,
  offer: { organizationId: string; actorId: string; role: Role; singleUse: boolean; days: number },
): Promise<{ token: string } | 'not-found' | 'not-allowed'> {
  const { organizationId, actorId, role, singleUse, days } = offer;
  const id = randomUUID();
  const token = newToken();
  const result = await deps.db.transaction().execute(async (tx) => {
    // Held, so that nobody invites after they were removed.
    const actor = (await lockRoles(tx, organizationId)).get(actorId);
    if (!actor) return 'not-found';
    if (!decidesOn(actor, role)) return 'not-allowed';
    const createdAt = deps.now();
    await tx
      .insertInto('invitation')
      .values({
        id,
        organizationId,
        role,
        tokenHash: hashToken(token),
        createdBy: actorId,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + days * DAY),
        revokedAt: null,
        singleUse,
      })
      .execute();
    return { token };
  });
  if (typeof result !== 'string')
    deps.log.info({ organization: organizationId, by: actorId, invitation: id, role }, 'invitation made');
  return result;
}

/** Those that somebody could still join by, the newest first. */
export async function listInvitations(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  { organizationId, role }: { organizationId: string; role: Role },
): Promise<OpenInvitation[]> {
  const rows = await db
    .selectFrom('invitation')
    .innerJoin('profile', 'profile.id', 'invitation.createdBy')
    .selectAll('invitation')
    .select('profile.screenName')
    .where('invitation.organizationId', '=', organizationId)
    .orderBy('invitation.createdAt', 'desc')
    .orderBy('invitation.id')
    .execute();
  const at = now();
  return rows
    .filter((row) => stateOf(row, at) === 'open')
    .map((row) => ({
      id: row.id,
      role: row.role,
      singleUse: row.singleUse,
      usedCount: row.usedCount,
      invitedBy: row.screenName,
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      revocable: decidesOn(role, row.role),
    }));
}

/** Ends an invitation; ending it twice is fine. Who has joined by it stays. */
export async function revokeInvitation(
  deps: Deps,
  { organizationId, actorId, id }: { organizationId: string; actorId: string; id: string },
): Promise<'done' | 'not-found' | 'not-allowed'> {
  return deps.db.transaction().execute(async (tx) => {
    const actor = (await lockRoles(tx, organizationId)).get(actorId);
    if (!actor) return 'not-found';
    if (actor === 'member') return 'not-allowed';
    const invitation = await tx
      .selectFrom('invitation')
      .select('role')
      .where('id', '=', id)
      .where('organizationId', '=', organizationId)
      .executeTakeFirst();
    if (!invitation) return 'not-found';
    if (!decidesOn(actor, invitation.role)) return 'not-allowed';
    await stillStanding(tx, organizationId, deps.now()).where('id', '=', id).execute();
    deps.log.info({ organization: organizationId, by: actorId, invitation: id }, 'invitation revoked');
    return 'done';
  });
}

/** A person's role changed: what they could not offer any more, they do not offer any more. */
export async function revokeUncovered(
  tx: Tx,
  change: { organizationId: string; personId: string; role: Role; at: Date },
): Promise<void> {
  const roles: Role[] = ['owner', 'admin', 'member'];
  const uncovered = roles.filter((role) => !decidesOn(change.role, role));
  if (uncovered.length === 0) return;
  await stillStanding(tx, change.organizationId, change.at)
    .where('createdBy', '=', change.personId)
    .where('role', 'in', uncovered)
    .execute();
}

/**
 * A person is gone: the links that they made end. Who was removed shall not come back by a link for many that they may
 * have kept either, so those end as well.
 */
export async function revokeKnownTo(
  tx: Tx,
  {
    organizationId,
    personId,
    left,
    at,
  }: { organizationId: string; personId: string; left: boolean; at: Date },
): Promise<void> {
  await stillStanding(tx, organizationId, at)
    .where((eb) => {
      const own = eb('createdBy', '=', personId);
      return left ? own : eb.or([own, eb('singleUse', '=', false)]);
    })
    .execute();
}

function stillStanding(tx: Tx, organizationId: string, at: Date) {
  return tx
    .updateTable('invitation')
    .set({ revokedAt: at })
    .where('organizationId', '=', organizationId)
    .where('revokedAt', 'is', null);
}

/** Null: there is no such invitation. Looking changes nothing, so that a preview of the link spends nothing. */
export async function readInvitation(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  token: string,
  viewerId: string | null,
): Promise<InvitationView | null> {
  const row = await findInvitation(db, token, viewerId);
  if (!row) return null;
  if (row.memberId) return { state: 'member', organization: row.name, slug: row.slug };
  const state = stateOf(row, now());
  if (state !== 'open') return { state };
  return {
    state,
    organization: row.name,
    role: row.role,
    invitedBy: row.invitedBy,
    expiresAt: row.expiresAt.toISOString(),
  };
}

/**
 * Makes the person a member in the role that the invitation offers. Somebody who is one already stays what they are and
 * uses nothing up, so a second click finds the first one's result. Returns the organization's slug.
 */
export async function join(
  deps: Deps,
  token: string,
  profileId: string,
): Promise<{ slug: string } | 'not-found' | 'invitation-ended'> {
  const { db, log } = deps;
  const found = await findInvitation(db, token, null);
  if (!found) return 'not-found';
  const { id, organizationId, slug } = found;
  const result = await db.transaction().execute(async (tx) => {
    // A removal at the same moment comes before all of this, or after.
    if ((await lockRoles(tx, organizationId)).has(profileId)) return 'member';
    const row = await tx
      .selectFrom('invitation')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    const at = deps.now();
    if (!row || stateOf(row, at) !== 'open') {
      // Two clicks at once: the other one may have joined while this one waited.
      const there = await tx
        .selectFrom('membership')
        .select('role')
        .where('organizationId', '=', organizationId)
        .where('profileId', '=', profileId)
        .executeTakeFirst();
      return there ? 'member' : 'invitation-ended';
    }
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('membership')
      .values({ organizationId, profileId, role: row.role, createdAt: at })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) return 'member';
    await tx
      .updateTable('invitation')
      .set({ usedCount: row.usedCount + 1 })
      .where('id', '=', id)
      .execute();
    return 'joined';
  });
  if (result === 'invitation-ended') return result;
  if (result === 'joined')
    log.info({ organization: organizationId, person: profileId, invitation: id }, 'person joined');
  return { slug };
}

async function findInvitation(db: Db, token: string, viewerId: string | null) {
  if (!isToken(token)) return undefined;
  return db
    .selectFrom('invitation')
    .innerJoin('organization', 'organization.id', 'invitation.organizationId')
    .innerJoin('profile', 'profile.id', 'invitation.createdBy')
    .leftJoin('membership', (on) =>
      on
        .onRef('membership.organizationId', '=', 'invitation.organizationId')
        .on('membership.profileId', '=', viewerId),
    )
    .selectAll('invitation')
    .select([
      'organization.name',
      'organization.slug',
      'profile.screenName as invitedBy',
      'membership.profileId as memberId',
    ])
    .where('invitation.tokenHash', '=', hashToken(token))
    .executeTakeFirst();
}

/** Of several reasons the one that somebody gave on purpose comes first. */
function stateOf(
  row: { revokedAt: Date | null; singleUse: boolean; usedCount: number; expiresAt: Date },
  now: Date,
): 'open' | 'revoked' | 'used' | 'expired' {
  if (row.revokedAt) return 'revoked';
  if (row.singleUse && row.usedCount > 0) return 'used';
  return row.expiresAt > now ? 'open' : 'expired';
}

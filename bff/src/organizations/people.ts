/** The people of an organization: who they are, what changes their role, and how they go. */
import type { Db, Tx } from '../db/connect.ts';
import type { Role } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { makeLooksDue } from '../projects/look-due.ts';
import { revokeKnownTo, revokeUncovered } from './invitations.ts';
import { decidesOn, isLastOwner, lockRoles, rolesToGive } from './membership.ts';

export type PersonView = {
  id: string;
  screenName: string;
  avatarUrl: string | null;
  /** Null to those who have no part in who belongs here. */
  email: string | null;
  role: Role;
  since: string;
  you: boolean;
  /** Whether the one who looks may change this person's role and remove them. */
  manageable: boolean;
};

export type PeopleView = {
  organization: string;
  /** The roles that the one who looks may give; none for a member. */
  givable: Role[];
  people: PersonView[];
};

type Organization = { id: string; name: string; role: Role };

/** Everybody, as the one who looks may see them; those who came first stand first. */
export async function listPeople(
  db: Db,
  { id, name, role }: Organization,
  viewerId: string,
): Promise<PeopleView> {
  const givable = [...rolesToGive(role)];
  const rows = await db
    .selectFrom('membership')
    .innerJoin('profile', 'profile.id', 'membership.profileId')
    .select([
      'profile.id',
      'profile.screenName',
      'profile.avatarUrl',
      'profile.email',
      'membership.role',
      'membership.createdAt',
    ])
    .where('membership.organizationId', '=', id)
    .orderBy('membership.createdAt')
    .orderBy('profile.id')
    .execute();
  const people = rows.map((row) => ({
    id: row.id,
    screenName: row.screenName,
    avatarUrl: row.avatarUrl,
    email: givable.length > 0 || row.id === viewerId ? row.email : null,
    role: row.role,
    since: row.createdAt.toISOString(),
    you: row.id === viewerId,
    manageable: decidesOn(role, row.role),
  }));
  return { organization: name, givable, people };
}

type Change = { organizationId: string; actorId: string; personId: string };
type Refused = 'not-found' | 'not-allowed' | 'last-owner';

/** Gives a person another role; it holds from the next request on. */
export async function changeRole(deps: Deps, change: Change & { role: Role }): Promise<'done' | Refused> {
  const { organizationId, actorId, personId, role } = change;
  const result = await deps.db.transaction().execute(async (tx): Promise<'done' | Refused> => {
    const roles = await lockRoles(tx, organizationId);
    const actor = roles.get(actorId);
    if (!actor) return 'not-found';
    if (!decidesOn(actor, role)) return 'not-allowed';
    const before = roles.get(personId);
    if (!before) return 'not-found';
    if (!decidesOn(actor, before)) return 'not-allowed';
    if (role !== 'owner' && isLastOwner(roles, personId)) return 'last-owner';
    await ofPerson(tx, change).set({ role }).execute();
    await revokeUncovered(tx, { organizationId, personId, role, at: deps.now() });
    return 'done';
  });
  if (result === 'done')
    deps.log.info({ organization: organizationId, by: actorId, person: personId, role }, 'role changed');
  return result;
}

/** Takes a person out of the organization; anybody but the last owner may go by themselves. */
export async function removePerson(deps: Deps, change: Change): Promise<'done' | Refused> {
  const { organizationId, actorId, personId } = change;
  const result = await deps.db.transaction().execute(async (tx): Promise<'done' | Refused> => {
    const roles = await lockRoles(tx, organizationId);
    const refused = refuseRemoval(roles, change);
    if (refused) return refused;
    await tx
      .deleteFrom('membership')
      .where('organizationId', '=', organizationId)
      .where('profileId', '=', personId)
      .execute();
    // They stay the token owner until somebody takes over; that nobody may use their grant any more, a look has to say.
    await makeLooksDue(tx, { tokenOwnerId: personId, organizationId, at: deps.now() });
    await revokeKnownTo(tx, { organizationId, personId, left: actorId === personId, at: deps.now() });
    return 'done';
  });
  if (result === 'done')
    deps.log.info({ organization: organizationId, by: actorId, person: personId }, 'person removed');
  return result;
}

/** What removing a person would meet: asked before it is done, by whoever could do it. */
export async function foreseeRemoval(
  db: Db,
  change: Change,
): Promise<{ lastOwner: boolean } | 'not-found' | 'not-allowed'> {
  const rows = await db
    .selectFrom('membership')
    .select(['profileId', 'role'])
    .where('organizationId', '=', change.organizationId)
    .execute();
  const refused = refuseRemoval(new Map(rows.map(({ profileId, role }) => [profileId, role])), change);
  if (refused && refused !== 'last-owner') return refused;
  return { lastOwner: refused === 'last-owner' };
}

function refuseRemoval(roles: ReadonlyMap<string, Role>, { actorId, personId }: Change): Refused | null {
  const actor = roles.get(actorId);
  if (!actor) return 'not-found';
  // A member learns of no id whether it is a person's.
  if (actorId !== personId && rolesToGive(actor).length === 0) return 'not-allowed';
  const target = roles.get(personId);
  if (!target) return 'not-found';
  if (actorId !== personId && !decidesOn(actor, target)) return 'not-allowed';
  return isLastOwner(roles, personId) ? 'last-owner' : null;
}

function ofPerson(tx: Tx, { organizationId, personId }: Change) {
  return tx
    .updateTable('membership')
    .where('organizationId', '=', organizationId)
    .where('profileId', '=', personId);
}

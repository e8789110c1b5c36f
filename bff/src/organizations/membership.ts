/** Who belongs to an organization, and what their role lets them decide. */
import type { Db, Tx } from '../db/connect.ts';
import type { Role } from '../db/schema.ts';
import { isSlug } from './slug.ts';

/** What each role decides on: whom one may invite, make something else, or remove. */
const DECIDES_ON: Record<Role, readonly Role[]> = {
  owner: ['owner', 'admin', 'member'],
  admin: ['admin', 'member'],
  member: [],
};

/** Whether someone may give this role, and take it away. */
export function decidesOn(role: Role, other: Role): boolean {
  return DECIDES_ON[role].includes(other);
}

/** The roles that someone may give, the highest first. */
export function rolesToGive(role: Role): readonly Role[] {
  return DECIDES_ON[role];
}

/** The organization as this person belongs to it; to someone who is no member it is as if it were not there. */
export async function findMembership(db: Db, slug: string, profileId: string) {
  if (!isSlug(slug)) return undefined;
  return db
    .selectFrom('organization')
    .innerJoin('membership', 'membership.organizationId', 'organization.id')
    .select([
      'organization.id',
      'organization.slug',
      'organization.name',
      'organization.createdAt',
      'membership.role',
    ])
    .where('organization.slug', '=', slug)
    .where('membership.profileId', '=', profileId)
    .executeTakeFirst();
}

/** All organizations of a person, by their URL names. */
export async function findMemberships(db: Db, profileId: string) {
  return db
    .selectFrom('organization')
    .innerJoin('membership', 'membership.organizationId', 'organization.id')
    .select(['organization.id', 'organization.slug', 'organization.name', 'membership.role'])
    .where('membership.profileId', '=', profileId)
    .orderBy('organization.slug')
    .execute();
}

/**
 * Everybody's roles, held until the transaction ends: two changes at once come one after the other, and the second
 * decides on what the first left. Always in the same order, so that they cannot block each other.
 */
export async function lockRoles(tx: Tx, organizationId: string): Promise<Map<string, Role>> {
  const rows = await tx
    .selectFrom('membership')
    .select(['profileId', 'role'])
    .where('organizationId', '=', organizationId)
    .orderBy('profileId')
    .forUpdate()
    .execute();
  return new Map(rows.map(({ profileId, role }) => [profileId, role]));
}

/** Whether without this person nobody would own the organization. */
export function isLastOwner(roles: ReadonlyMap<string, Role>, profileId: string): boolean {
  return (
    roles.get(profileId) === 'owner' && [...roles.values()].filter((role) => role === 'owner').length === 1
  );
}

/** Words for roles. */
import type { Role } from 'bff';

export const ROLE_NAMES: Record<Role, string> = { owner: 'Owner', admin: 'Admin', member: 'Member' };

/** What a role lets one do. */
export const ROLE_MEANS: Record<Role, string> = {
  owner: 'Does what an admin does, and decides who owns the organization.',
  admin: 'Changes projects, invites people and removes them, but no owner.',
  member: 'Sees every project and changes nothing.',
};

/** "an owner", "an admin", "a member". */
export function aRole(role: Role): string {
  return role === 'member' ? 'a member' : `an ${role}`;
}

export function roleOptions(roles: readonly Role[]): (readonly [Role, string])[] {
  return roles.map((role) => [role, ROLE_NAMES[role]] as const);
}

/** The addresses of an organization's people and of the invitations to it. */
import { Hono } from 'hono';
import { z } from 'zod';
import { readBody } from '../body.ts';
import { findDependentProjects } from '../dependent-projects.ts';
import type { Deps } from '../deps.ts';
import { problem } from '../problem.ts';
import { requireSession, withSession } from '../session/middleware.ts';
import { invite, join, listInvitations, readInvitation, revokeInvitation } from './invitations.ts';
import { findMembership } from './membership.ts';
import { changeRole, foreseeRemoval, listPeople, removePerson } from './people.ts';

const Role = z.enum(['owner', 'admin', 'member']);
const RoleChange = z.strictObject({ role: Role });
const Offer = z.strictObject({
  role: Role,
  singleUse: z.boolean(),
  days: z.union([z.literal(1), z.literal(7), z.literal(30)]),
});

export function peopleRoutes(deps: Deps) {
  const { db, config } = deps;
  const session = requireSession(deps);
  const isId = (text: string) => z.uuid().safeParse(text).success;

  return new Hono()
    .get('/organizations/:org/people', session, async (c) => {
      const { profileId } = c.var.session;
      const organization = await findMembership(db, c.req.param('org'), profileId);
      if (!organization) return problem(c, 'not-found');
      return c.json(await listPeople(db, organization, profileId), 200);
    })
    .patch('/organizations/:org/people/:id', session, readBody(RoleChange), async (c) => {
      const actorId = c.var.session.profileId;
      const organization = await findMembership(db, c.req.param('org'), actorId);
      const personId = c.req.param('id');
      if (!organization) return problem(c, 'not-found');
      if (organization.role === 'member') return problem(c, 'not-allowed');
      if (!isId(personId)) return problem(c, 'not-found');
      const { role } = c.req.valid('json');
      const result = await changeRole(deps, { organizationId: organization.id, actorId, personId, role });
      return result === 'done' ? c.json({}, 200) : problem(c, result);
    })
    .get('/organizations/:org/people/:id/impact', session, async (c) => {
      const actorId = c.var.session.profileId;
      const organization = await findMembership(db, c.req.param('org'), actorId);
      const personId = c.req.param('id');
      if (!organization) return problem(c, 'not-found');
      if (!isId(personId)) return problem(c, organization.role === 'member' ? 'not-allowed' : 'not-found');
      const result = await foreseeRemoval(db, { organizationId: organization.id, actorId, personId });
      if (typeof result === 'string') return problem(c, result);
      const projects = await findDependentProjects(db, personId, { organizationId: organization.id });
      return c.json({ projects, lastOwner: result.lastOwner }, 200);
    })
    .delete('/organizations/:org/people/:id', session, async (c) => {
      const actorId = c.var.session.profileId;
      const organization = await findMembership(db, c.req.param('org'), actorId);
      const personId = c.req.param('id');
      if (!organization) return problem(c, 'not-found');
      if (!isId(personId)) return problem(c, organization.role === 'member' ? 'not-allowed' : 'not-found');
      const result = await removePerson(deps, { organizationId: organization.id, actorId, personId });
      return result === 'done' ? c.json({}, 200) : problem(c, result);
    })
    .get('/organizations/:org/invitations', session, async (c) => {
      const organization = await findMembership(db, c.req.param('org'), c.var.session.profileId);
      if (!organization) return problem(c, 'not-found');
      const { id: organizationId, role } = organization;
      if (role === 'member') return problem(c, 'not-allowed');
      return c.json({ invitations: await listInvitations(deps, { organizationId, role }) }, 200);
    })
    .post('/organizations/:org/invitations', session, readBody(Offer), async (c) => {
      const actorId = c.var.session.profileId;
      const organization = await findMembership(db, c.req.param('org'), actorId);
      if (!organization) return problem(c, 'not-found');
      const result = await invite(deps, {
        ...c.req.valid('json'),
        organizationId: organization.id,
        actorId,
      });
      if (typeof result === 'string') return problem(c, result);
      return c.json({ link: `${config.publicUrl}/invitations/${result.token}` }, 201);
    })
    .delete('/organizations/:org/invitations/:id', session, async (c) => {
      const actorId = c.var.session.profileId;
      const organization = await findMembership(db, c.req.param('org'), actorId);
      const id = c.req.param('id');
      if (!organization) return problem(c, 'not-found');
      if (organization.role === 'member') return problem(c, 'not-allowed');
      if (!isId(id)) return problem(c, 'not-found');
      const result = await revokeInvitation(deps, { organizationId: organization.id, actorId, id });
      return result === 'done' ? c.json({}, 200) : problem(c, result);
    })
    .get('/invitations/:token', withSession(deps), async (c) => {
      const viewerId = c.var.session?.profileId ?? null;
      const invitation = await readInvitation(deps, c.req.param('token'), viewerId);
      return invitation ? c.json(invitation, 200) : problem(c, 'not-found');
    })
    .post('/invitations/:token/accept', session, async (c) => {
      const result = await join(deps, c.req.param('token'), c.var.session.profileId);
      return typeof result === 'string' ? problem(c, result) : c.json(result, 200);
    });
}

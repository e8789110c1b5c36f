/** Questions and commands about the people of an organization and the invitations to it. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Role } from 'bff';
import { api, data } from '../api.ts';
import { organizationQuery } from '../organization/queries.ts';
import { sessionQuery } from '../session.ts';

const organization = api.organizations[':org'];

export const peopleQuery = (org: string) =>
  queryOptions({
    queryKey: [`/api/organizations/${org}/people`],
    queryFn: () => data(organization.people.$get({ param: { org } })),
  });

export const invitationsQuery = (org: string) =>
  queryOptions({
    queryKey: [`/api/organizations/${org}/invitations`],
    queryFn: () => data(organization.invitations.$get({ param: { org } })),
  });

export const removalImpactQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: [`/api/organizations/${org}/people/${id}/impact`],
    queryFn: () => data(organization.people[':id'].impact.$get({ param: { org, id } })),
    staleTime: 0,
  });

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: [`/api/invitations/${token}`],
    queryFn: () => data(api.invitations[':token'].$get({ param: { token } })),
  });

export type Offer = { role: Role; singleUse: boolean; days: 1 | 7 | 30 };

/** Makes an invitation; its link is in the answer and nowhere else. */
export function useInvite(org: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (offer: Offer) => data(organization.invitations.$post({ param: { org }, json: offer })),
    onSuccess: () => client.invalidateQueries(invitationsQuery(org)),
  });
}

/** `onRevoked` here and not at the button: the new list takes the button away. */
export function useRevoke(org: string, id: string, onRevoked: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(organization.invitations[':id'].$delete({ param: { org, id } })),
    onSuccess: () => {
      onRevoked();
      return client.invalidateQueries(invitationsQuery(org));
    },
  });
}

export function useChangeRole(org: string, id: string) {
  const refresh = useRefresh(org);
  return useMutation({
    mutationFn: (role: Role) =>
      data(organization.people[':id'].$patch({ param: { org, id }, json: { role } })),
    onSuccess: refresh,
  });
}

/** `onRemoved` here and not at the button, for the same reason. */
export function useRemove(org: string, id: string, onRemoved: () => void) {
  const refresh = useRefresh(org);
  return useMutation({
    mutationFn: () => data(organization.people[':id'].$delete({ param: { org, id } })),
    onSuccess: () => {
      onRemoved();
      return refresh();
    },
  });
}

/** Afterwards the organization is as if it were not there, so nothing of it is asked or kept. */
export function useLeave(org: string, id: string, onLeft: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(organization.people[':id'].$delete({ param: { org, id } })),
    onSuccess: async () => {
      // First, because what is not shown any more is not asked again.
      onLeft();
      for (const { queryKey } of [peopleQuery(org), invitationsQuery(org), organizationQuery(org)]) {
        client.removeQueries({ queryKey });
      }
      await client.invalidateQueries(sessionQuery);
    },
  });
}

/** Joins; returns the organization's slug. */
export function useJoin(token: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.invitations[':token'].accept.$post({ param: { token } })),
    onSuccess: () => client.invalidateQueries(sessionQuery),
    // It may have ended while the page was open: the page then says how.
    onError: () => client.invalidateQueries(invitationQuery(token)),
  });
}

/** One's own role may be among what changed, and links end with the role of who made them. */
function useRefresh(org: string) {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [sessionQuery, organizationQuery(org), peopleQuery(org), invitationsQuery(org)].map(({ queryKey }) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}

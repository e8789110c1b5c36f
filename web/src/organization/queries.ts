import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data } from '../api.ts';
import { sessionQuery } from '../session.ts';

export const organizationQuery = (org: string) =>
  queryOptions({
    queryKey: [`/api/organizations/${org}`],
    queryFn: () => data(api.organizations[':org'].$get({ param: { org } })),
  });

export function useCreateOrganization() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (organization: { name: string; slug: string }) =>
      data(api.organizations.$post({ json: organization })),
    onSuccess: () => client.invalidateQueries(sessionQuery),
  });
}

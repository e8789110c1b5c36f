/** Walks to a provider: starting one, and what the last one came to. */
import { queryOptions, useMutation } from '@tanstack/react-query';
import type { ProviderId } from 'bff';
import { api, data } from '../api.ts';

/** What a walk came to; only the browser that made it can ask. */
export const attemptQuery = (id: string) =>
  queryOptions({
    queryKey: [`/api/sign-in-attempts/${id}`],
    queryFn: () => data(api['sign-in-attempts'][':id'].$get({ param: { id } })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** Leads the browser to a provider's consent page, to log in. */
export function useLogIn(page: 'sign-up' | 'log-in') {
  return useMutation({
    mutationFn: ({ provider, returnTo }: { provider: ProviderId; returnTo: string | null }) =>
      data(
        api['sign-in'][':provider'].$post({
          param: { provider },
          json: { page, ...(returnTo ? { returnTo } : {}) },
        }),
      ),
    onSuccess: ({ location }) => window.location.assign(location),
  });
}

/** Leads the browser to a provider's consent page, to connect an account there to this profile. */
export function useGrantAccess(provider: ProviderId) {
  return useMutation({
    mutationFn: () => data(api.connections[':provider'].grant.$post({ param: { provider } })),
    onSuccess: ({ location }) => window.location.assign(location),
  });
}

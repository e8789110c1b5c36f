/** Who is looking, and what this installation offers. */
import { queryOptions, useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { api, data } from './api.ts';

export const sessionQuery = queryOptions({
  queryKey: ['/api/session'],
  queryFn: () => data(api.session.$get()),
  staleTime: 60_000,
});

export function useSession() {
  return useSuspenseQuery(sessionQuery).data;
}

/** Ends every session of the person; afterwards the page starts afresh, with nothing of them in memory. */
export function useLogOut() {
  return useMutation({
    mutationFn: () => data(api['log-out'].$post()),
    onSuccess: () => window.location.assign('/login'),
  });
}

/** Who is looking, and what this installation offers. */
import { queryOptions, useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, data } from './api.ts';

export const sessionQuery = queryOptions({
  queryKey: ['/api/session'],
  queryFn: () => data(api.session.$get()),
  staleTime: 60_000,
});

export function useSession() {
  return useSuspenseQuery(sessionQuery).data;
}

/** Set for the log-in page that follows a log-out, which says what was done. */
const LOGGED_OUT = 'logged-out';

/** Ends every session of the person; afterwards the page starts afresh, with nothing of them in memory. */
export function useLogOut() {
  return useMutation({
    mutationFn: () => data(api['log-out'].$post()),
    onSuccess: () => {
      sessionStorage.setItem(LOGGED_OUT, 'yes');
      window.location.assign('/login');
    },
  });
}

/** Whether this tab has just logged out; true for the first page that asks. */
export function useJustLoggedOut(): boolean {
  const [said] = useState(() => sessionStorage.getItem(LOGGED_OUT) !== null);
  useEffect(() => sessionStorage.removeItem(LOGGED_OUT), []);
  return said;
}

import { notifyManager, QueryClient } from '@tanstack/react-query';
import { Problem } from './api.ts';

/** A client that starts with answers it already has; a query's key is the address of its answer. */
export function createQueryClient(firstData: Record<string, unknown>): QueryClient {
  // Before the next event, not some time after it: what is busy is drawn as busy before it can be pressed again.
  notifyManager.setScheduler(queueMicrotask);
  const client = new QueryClient({
    defaultOptions: {
      // A browser that believes itself offline still gets an answer at once: the words for it, at the button.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        // A problem that the BFF named is an answer; only what never arrived is worth asking again.
        retry: (count, error) => count < 2 && error instanceof Problem && error.code === 'offline',
      },
    },
  });
  for (const [address, answer] of Object.entries(firstData)) client.setQueryData([address], answer);
  return client;
}

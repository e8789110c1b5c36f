/** The account page's questions and commands; what each changes, it puts into the cache itself. */
import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { AccountView, ConnectionView, ProviderId } from 'bff';
import { api, data } from '../api.ts';
import { sessionQuery } from '../session.ts';
import { attemptQuery } from '../sign-in/queries.ts';

export const accountQuery = queryOptions({
  queryKey: ['/api/account'],
  queryFn: () => data(api.account.$get()),
});

export const impactQuery = (provider: ProviderId) =>
  queryOptions({
    queryKey: [`/api/connections/${provider}/impact`],
    queryFn: () => data(api.connections[':provider'].impact.$get({ param: { provider } })),
    staleTime: 0,
  });

export function useSaveScreenName() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (screenName: string) => data(api.account.$patch({ json: { screenName } })),
    onSuccess: async (account) => {
      await putAccount(client, () => account);
      // The name stands in the frame as well.
      return client.invalidateQueries(sessionQuery);
    },
  });
}

/** A live look: asks the provider, and puts the answer into the row. */
export function useLook(provider: ProviderId) {
  const put = usePutConnection();
  return useMutation({
    mutationFn: () => data(api.connections[':provider'].check.$post({ param: { provider } })),
    onSuccess: put,
  });
}

export function useDisconnect(provider: ProviderId) {
  const client = useQueryClient();
  const put = usePutConnection();
  return useMutation({
    mutationFn: () => data(api.connections[':provider'].$delete({ param: { provider } })),
    onSuccess: async (connection) => {
      await put(connection);
      // With one way in less, another may be the last one now.
      return client.invalidateQueries(accountQuery);
    },
  });
}

/** The person's word on an account that waits: connect it, or forget it. */
export function useDecideWaiting(id: string, onDecided: (word: 'connect' | 'discard') => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (word: 'connect' | 'discard') => {
      const waiting = api['waiting-connections'][':id'];
      return word === 'connect'
        ? data(waiting.confirm.$post({ param: { id } }))
        : data(waiting.$delete({ param: { id } }));
    },
    onSuccess: async (account, word) => {
      // Here and not at the button: the new account takes the card with the button away.
      onDecided(word);
      await putAccount(client, () => account);
      // The walk that brought it has nothing more to say.
      return client.invalidateQueries(attemptQuery(id));
    },
  });
}

function usePutConnection() {
  const client = useQueryClient();
  return (connection: ConnectionView) =>
    putAccount(
      client,
      (account) =>
        account && {
          ...account,
          connections: account.connections.map((each) =>
            each.provider === connection.provider ? connection : each,
          ),
        },
    );
}

/** An older answer that is still on its way must not cover the newer one. */
async function putAccount(
  client: QueryClient,
  change: (account: AccountView | undefined) => AccountView | undefined,
): Promise<void> {
  await client.cancelQueries(accountQuery);
  client.setQueryData<AccountView>(accountQuery.queryKey, change);
}

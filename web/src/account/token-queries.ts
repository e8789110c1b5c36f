/** Questions and commands about API tokens. */
import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApiTokensView } from 'bff';
import { api, data } from '../api.ts';

export const apiTokensQuery = queryOptions({
  queryKey: ['/api/api-tokens'],
  queryFn: () => data(api['api-tokens'].$get()),
});

export type NewToken = { id: string; text: string };

/** Makes a token. Its text goes to `onMade` alone: what is kept of the answer is the list. */
export function useCreateToken(onMade: (made: NewToken) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string): Promise<string> => {
      const { id, text, ...list } = await data(api['api-tokens'].$post({ json: { name } }));
      onMade({ id, text });
      await put(client, list);
      return id;
    },
  });
}

/** `onRevoked` here and not at the button: the new list takes the button away. */
export function useRevokeToken(id: string, onRevoked: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => data(api['api-tokens'][':id'].$delete({ param: { id } })),
    onSuccess: (list) => {
      onRevoked();
      return put(client, list);
    },
    // It may be revoked already, from another tab.
    onError: () => client.invalidateQueries(apiTokensQuery),
  });
}

/** An older answer that is still on its way must not cover the newer one. */
async function put(client: QueryClient, list: ApiTokensView): Promise<void> {
  await client.cancelQueries(apiTokensQuery);
  client.setQueryData<ApiTokensView>(apiTokensQuery.queryKey, list);
}

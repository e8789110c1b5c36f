/** The Activity page's questions and commands. */
import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ActivityKind, ActivityState, ActivityView, DeliveryDetail, WorkflowDetail } from 'bff';
import { api, data } from '../api.ts';

export const project = api.organizations[':org'].projects[':project'];

// The casts below only say that JSON leaves out what is undefined.

/** Which project: the organization's URL name and the project's name. */
export type Place = { org: string; project: string };
/** What the list is narrowed to. */
export type Filters = { kind?: ActivityKind; state?: ActivityState };

const addressOf = ({ org, project: name }: Place) => `/api/organizations/${org}/projects/${name}`;
export const listAddressOf = (place: Place) => `${addressOf(place)}/activity`;

const askPage = async (param: Place, query: Filters & { before?: string }) =>
  (await data(project.activity.$get({ param, query }))) as ActivityView;

/** The newest lines, and those below them that were shown before. */
export const activityQuery = (param: Place, { kind, state }: Filters) => {
  const filters = { ...(kind && { kind }), ...(state && { state }) };
  const search = new URLSearchParams(filters).toString();
  return queryOptions({
    // The address as the HTML's first data name it.
    queryKey: [`${listAddressOf(param)}${search && `?${search}`}`],
    queryFn: async ({ client, queryKey }) => {
      const shown = client.getQueryData<ActivityView>(queryKey)?.items.length ?? 0;
      let view = await askPage(param, filters);
      while (view.next !== null && view.items.length < shown) {
        view = append(view, await askPage(param, { ...filters, before: view.next }));
      }
      return view;
    },
  });
};

/** The version stays the older one: what changed since is asked for again. */
function append(view: ActivityView, { items, next }: ActivityView): ActivityView {
  const known = new Set(view.items.map(({ id }) => id));
  return { ...view, items: [...view.items, ...items.filter(({ id }) => !known.has(id))], next };
}

/** The lines below those that are shown. */
export function useMore(param: Place, filters: Filters) {
  const client = useQueryClient();
  const { queryKey } = activityQuery(param, filters);
  return useMutation({
    mutationFn: async () => {
      const known = () => client.getQueryData<ActivityView>(queryKey);
      for (let before = known()?.next; before; ) {
        const more = await askPage(param, { ...filters, before });
        const now = known();
        if (now?.next === before) {
          client.setQueryData(queryKey, append(now, more));
          return;
        }
        // The list moved while we asked: what is below begins elsewhere.
        before = now?.next;
      }
    },
  });
}

export const deliveryQuery = ({ org, project: name }: Place, id: string) =>
  queryOptions({
    queryKey: [`${addressOf({ org, project: name })}/deliveries/${id}`],
    queryFn: async () =>
      (await data(project.deliveries[':id'].$get({ param: { org, project: name, id } }))) as DeliveryDetail,
  });

export const workflowQuery = ({ org, project: name }: Place, id: string) =>
  queryOptions({
    queryKey: [`${addressOf({ org, project: name })}/workflows/${id}`],
    queryFn: async () =>
      (await data(project.workflows[':id'].$get({ param: { org, project: name, id } }))) as WorkflowDetail,
  });

/** Asks anew for everything of the project that the page shows. */
export function refresh(client: QueryClient, place: Place): Promise<void> {
  const address = addressOf(place);
  return client.refetchQueries(
    {
      type: 'active',
      predicate: ({ queryKey: [key] }) =>
        typeof key === 'string' && (key === address || key.startsWith(`${address}/`)),
    },
    { cancelRefetch: false },
  );
}

/** Has the branches compared with what was announced. */
export function useCheckForMissed(param: Place) {
  return useMutation({ mutationFn: () => data(project.activity.check.$post({ param })) });
}

/** The Repository tab's questions; its commands come with their dialogs. Whatever brings a view, an older one never replaces a newer one. */
import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Repairable, RepairPreview, RepositoryView } from 'bff';
import { api, data } from '../api.ts';

const { repository } = api.organizations[':org'].projects[':project'];

// The casts below only say that JSON leaves out what is undefined.

/** Which project: the organization's URL name and the project's name. */
export type Place = { org: string; project: string };

const address = ({ org, project }: Place) => `/api/organizations/${org}/projects/${project}/repository`;

export const eventsAddress = (place: Place) => `${address(place)}/events`;

export const repositoryQuery = (param: Place) =>
  queryOptions({
    queryKey: [address(param)],
    queryFn: async ({ client, queryKey }) =>
      newer(
        client.getQueryData<RepositoryView>(queryKey),
        (await data(repository.$get({ param }))) as RepositoryView,
      ),
  });

function newer(known: RepositoryView | undefined, come: RepositoryView): RepositoryView {
  // Another project under the same name counts anew.
  return known && known.project.id === come.project.id && known.version > come.version ? known : come;
}

/** Puts a view into the page, unless a newer one is there. */
export function putView(client: QueryClient, place: Place, view: RepositoryView): void {
  client.setQueryData<RepositoryView>(repositoryQuery(place).queryKey, (known) => newer(known, view));
}

/** For what brings a view. */
export function usePutView(place: Place) {
  const client = useQueryClient();
  return (view: RepositoryView) => putView(client, place, view);
}

/** A live look. `fresh`: one that begins now; otherwise one that began a moment ago will do. */
export function useCheck(param: Place) {
  return useMutation({
    mutationFn: async (fresh: boolean) =>
      (await data(repository.check.$post({ param, json: { fresh } }))) as RepositoryView,
    onSuccess: usePutView(param),
  });
}

/** What Repair would change. Asked anew for each dialog. */
export const repairPreviewQuery = (param: Place, subjects: Repairable[]) =>
  queryOptions({
    queryKey: [`${address(param)}/repair/preview`, ...subjects],
    queryFn: async () =>
      (await data(repository.repair.preview.$post({ param, json: { subjects } }))) as RepairPreview,
    staleTime: 0,
    gcTime: 0,
  });

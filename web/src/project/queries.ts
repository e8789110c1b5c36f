/** Questions and commands about projects; the Repository tab has its own. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ProjectView } from 'bff';
import { api, data } from '../api.ts';
import { useIdempotencyKey } from '../idempotency-key.ts';

const { projects } = api.organizations[':org'];

export const projectsQuery = (org: string) =>
  queryOptions({
    queryKey: [`/api/organizations/${org}/projects`],
    queryFn: () => data(projects.$get({ param: { org } })),
  });

export const projectQuery = (org: string, project: string) =>
  queryOptions({
    queryKey: [`/api/organizations/${org}/projects/${project}`],
    queryFn: () => data(projects[':project'].$get({ param: { org, project } })),
  });

export function useCreateProject(org: string) {
  const client = useQueryClient();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: (json: { repository: string; name: string }) =>
      data(projects.$post({ param: { org }, json }, keyFor(json))),
    onSuccess: () => client.invalidateQueries(projectsQuery(org)),
  });
}

type ProjectChange = Partial<
  Pick<ProjectView['project'], 'name' | 'description' | 'pipelineFile' | 'runOn' | 'whitelist'>
>;

export function useChangeProject(org: string, project: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: ProjectChange) => data(projects[':project'].$patch({ param: { org, project }, json })),
    onSuccess: (view) => {
      client.setQueryData(projectQuery(org, view.project.name).queryKey, view);
      return client.invalidateQueries(projectsQuery(org));
    },
  });
}

export function useDeleteProject(org: string, project: string) {
  const client = useQueryClient();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: () => data(projects[':project'].$delete({ param: { org, project } }, keyFor({ project }))),
    onSuccess: () =>
      Promise.all(
        [projectsQuery(org), projectQuery(org, project)].map(({ queryKey }) =>
          // Asked again by who looks at them next: the page that is left may find it gone already.
          client.invalidateQueries({ queryKey, refetchType: 'none' }),
        ),
      ),
  });
}

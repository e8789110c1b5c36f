/** What the Repository tab's dialogs command. */
import { useMutation } from '@tanstack/react-query';
import type { Repairable, RepositoryView } from 'bff';
import { api, data } from '../api.ts';
import { useIdempotencyKey } from '../idempotency-key.ts';
import { type Place, usePutView } from './queries.ts';

const { repository } = api.organizations[':org'].projects[':project'];

// The casts below only say that JSON leaves out what is undefined.

export function useRepair(param: Place, onStarted: () => void) {
  const put = usePutView(param);
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: async (subjects: Repairable[]) =>
      (await data(
        repository.repair.$post({ param, json: { subjects } }, keyFor(subjects)),
      )) as RepositoryView,
    onSuccess: (view) => {
      put(view);
      onStarted();
    },
  });
}

export function useTakeOver(param: Place, onDone: () => void) {
  const put = usePutView(param);
  return useMutation({
    mutationFn: async () => (await data(repository['take-over'].$post({ param }))) as RepositoryView,
    onSuccess: (view) => {
      put(view);
      onDone();
    },
  });
}

export function usePreviewUrl(param: Place) {
  return useMutation({
    mutationFn: (url: string) => data(repository.url.preview.$post({ param, json: { url } })),
  });
}

export function useChangeUrl(param: Place) {
  const put = usePutView(param);
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: async (json: { url: string; uuid: string }) =>
      (await data(repository.url.$post({ param, json }, keyFor(json)))) as RepositoryView,
    onSuccess: put,
  });
}

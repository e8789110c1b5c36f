/** Keeps the open tab as things are: what one admin repairs, another sees. */
import { useQueryClient } from '@tanstack/react-query';
import type { GoneView, RepositoryView } from 'bff';
import { useEffect, useState } from 'react';
import { followEvents } from '../project/events.ts';
import { eventsAddress, type Place, putView, repositoryQuery } from './queries.ts';

/** Follows the project while the page is visible. `gone` null: it is there, as far as is known; `heard`: something came. */
export function useLiveView({ org, project }: Place): { gone: GoneView | null; heard: boolean } {
  const client = useQueryClient();
  const [gone, setGone] = useState<GoneView | null>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    const place = { org, project };
    return followEvents(eventsAddress(place), {
      event: 'view',
      onEvent: (data) => putView(client, place, data as RepositoryView),
      onGone: (data) => setGone(data as GoneView),
      onLost: () => setHeard(true),
      ask: () => void client.refetchQueries(repositoryQuery(place)),
    });
  }, [client, org, project]);
  return { gone, heard };
}

/** Keeps the open page as things are: a push shows without a reload, whoever made it. */
import { useQueryClient } from '@tanstack/react-query';
import type { ActivityView, GoneView } from 'bff';
import { useEffect, useState } from 'react';
import { followEvents } from '../project/events.ts';
import { listAddressOf, type Place, refresh } from './queries.ts';

/** Under a stream of changes the list is asked for no oftener than this, in milliseconds. */
const PACE = 500;
/** What answered was older than what was announced: it is asked for so often again. */
const TRIES = 2;

/** Follows the project while the page is visible. `gone` null: it is there, as far as is known; `heard`: something came. */
export function useLiveActivity({ org, project }: Place): { gone: GoneView | null; heard: boolean } {
  const client = useQueryClient();
  const [gone, setGone] = useState<GoneView | null>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    const place = { org, project };
    let announced = 0;
    let asking = false;
    let over = false;
    /** The oldest version that is on the page. */
    const shown = () =>
      Math.min(
        ...client
          .getQueryCache()
          .findAll({ type: 'active', predicate: ({ queryKey: [key] }) => isList(place, key) })
          .map(({ state }) => (state.data as ActivityView | undefined)?.version ?? 0),
      );
    const catchUp = async () => {
      if (asking) return;
      asking = true;
      for (let tries = 0, last = 0; !over && announced > shown() && tries < TRIES; tries += 1) {
        if (announced > last) tries = 0;
        last = announced;
        await refresh(client, place);
        await new Promise((resolve) => setTimeout(resolve, PACE));
      }
      asking = false;
    };
    const stop = followEvents(`${listAddressOf(place)}/events`, {
      event: 'change',
      onEvent: (data) => {
        announced = (data as { version: number }).version;
        void catchUp();
      },
      onGone: (data) => setGone(data as GoneView),
      onLost: () => setHeard(true),
      ask: () => void refresh(client, place),
    });
    return () => {
      over = true;
      stop();
    };
  }, [client, org, project]);
  return { gone, heard };
}

const isList = (place: Place, key: unknown) =>
  typeof key === 'string' && (key === listAddressOf(place) || key.startsWith(`${listAddressOf(place)}?`));

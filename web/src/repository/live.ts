/** Keeps the open tab as things are: what one admin repairs, another sees. */
import { useQueryClient } from '@tanstack/react-query';
import type { GoneView, OperationView, RepositoryView } from 'bff';
import { useEffect, useState } from 'react';
import { eventsAddress, type Place, putView, repositoryQuery } from './queries.ts';

/** While events do not come: how often the page asks instead, in milliseconds. */
const ASK_EVERY = 5_000;
/** After so many of these, events are tried again. */
const TRY_AGAIN = 6;

/** The project is no more, or not for the one who looks; `operation`: what was done with it last, if they may know. */
export type Gone = { operation: OperationView | null };

/** Follows the project while the page is visible. `gone` null: it is there, as far as is known; `heard`: something came. */
export function useLiveView({ org, project }: Place): { gone: Gone | null; heard: boolean } {
  const client = useQueryClient();
  const [gone, setGone] = useState<Gone | null>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    const place = { org, project };
    let source: EventSource | null = null;
    let asking: ReturnType<typeof setInterval> | undefined;
    let over = false;

    const ask = () => void client.refetchQueries(repositoryQuery(place));
    const stopAsking = () => {
      clearInterval(asking);
      asking = undefined;
    };
    const askInstead = () => {
      if (asking !== undefined || over) return;
      let count = 0;
      asking = setInterval(() => {
        count += 1;
        ask();
        // The browser comes back by itself after a lost connection, but not after an answer that was none.
        if (count % TRY_AGAIN === 0 && source?.readyState === EventSource.CLOSED) open();
      }, ASK_EVERY);
    };
    const close = () => {
      source?.close();
      source = null;
      stopAsking();
    };
    const open = () => {
      source?.close();
      const opened = new EventSource(eventsAddress(place));
      source = opened;
      opened.addEventListener('open', stopAsking);
      opened.addEventListener('view', ({ data }) =>
        putView(client, place, JSON.parse(data) as RepositoryView),
      );
      opened.addEventListener('gone', ({ data }) => {
        over = true;
        close();
        setGone(JSON.parse(data) as GoneView);
      });
      opened.addEventListener('error', () => {
        setHeard(true);
        askInstead();
      });
    };
    const follow = () => {
      if (over) return;
      if (document.hidden) close();
      else if (!source) open();
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      over = true;
      close();
      document.removeEventListener('visibilitychange', follow);
    };
  }, [client, org, project]);
  return { gone, heard };
}

/**
 * Who is next at the embedded database. It has one session and does one thing at a time, so work in the background
 * stands back behind requests, and has its turn between them only when it has waited long enough.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextRound } from 'node:timers/promises';

/** Milliseconds that work in the background waits at most before it goes first. */
const PATIENCE = 200;

const background = new AsyncLocalStorage<true>();

/** What this does at the embedded database stands back behind requests; at a server there is room for both. */
export function aside<T>(work: () => Promise<T>): Promise<T> {
  return background.run(true, work);
}

export type Turns = {
  /** Resolves when it is the caller's turn, which lasts until `pass`. */
  take(): Promise<void>;
  pass(): void;
  /** Whether a request waits for the turn to end. */
  isAwaited(): boolean;
};

export function createTurns(): Turns {
  const requests: (() => void)[] = [];
  const others: { go: () => void; since: number }[] = [];
  let taken = false;
  return {
    async take() {
      const isBackground = background.getStore() === true;
      // The embedded database never leaves the thread: without this, work would go on and on and no request be read.
      if (isBackground) await nextRound();
      if (!taken) {
        taken = true;
        return;
      }
      await new Promise<void>((go) => {
        if (isBackground) others.push({ go, since: performance.now() });
        else requests.push(go);
      });
    },
    pass() {
      const first = others[0];
      const isFirst = first && (requests.length === 0 || performance.now() - first.since > PATIENCE);
      const next = isFirst ? others.shift()?.go : requests.shift();
      if (next) next();
      else taken = false;
    },
    isAwaited: () => requests.length > 0,
  };
}

/** Work that goes on after an answer was given; a shutdown waits for it. */
import type { Logger } from 'pino';

export type Background = {
  /** Lets the work go on by itself; a failure is logged. */
  run(name: string, work: () => Promise<unknown>): void;
  /** Resolves when nothing goes on any more. */
  settled(): Promise<void>;
};

export function createBackground(log: Logger): Background {
  const running = new Set<Promise<unknown>>();
  return {
    run(name, work) {
      const task = work()
        .catch((error: unknown) => log.error({ err: error, work: name }, 'background work failed'))
        .finally(() => running.delete(task));
      running.add(task);
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

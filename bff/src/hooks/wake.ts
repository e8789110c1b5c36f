/**
 * Lets deliveries be worked on once they are stored: one job for all that arrived while the one before was being sent.
 * None is sent in the delivery's own transaction, since that costs the embedded database more than storing does. A crash
 * in between loses the job and not the delivery, which the next round then finds.
 */
import { aside } from '../db/turns.ts';
import type { Deps } from '../deps.ts';

/** Returns what is to be called after each delivery of a project that was committed. */
export function createWaking(deps: Deps): (projectId: string) => void {
  const { background, db, jobs } = deps;
  const stored = new Set<string>();
  let sending = false;

  async function send(): Promise<void> {
    try {
      await jobs.ready();
      while (stored.size > 0) {
        await db.transaction().execute((tx) => {
          // Not before the transaction began: until then more may be stored.
          const about = [...stored].map((projectId) => ({ projectId }));
          stored.clear();
          return jobs.send(tx, 'deliveries', about);
        });
      }
    } finally {
      sending = false;
    }
  }

  return (projectId) => {
    stored.add(projectId);
    if (sending) return;
    sending = true;
    background.run('wake', () => aside(send));
  };
}

/** Waits for what a request began, so that a script hears in the same answer what came of it. */
import type { Deps } from '../deps.ts';
import { findOperation } from '../repository/repair/read-operation.ts';
import type { OperationView } from '../repository/view.ts';
import { watchProject } from '../repository/watch.ts';

/** Milliseconds; people sit in front of a terminal, and proxies give up after a minute or so. */
const PATIENCE = 20_000;
/** How often it is read if nobody tells of a change, in milliseconds. */
const GLANCE = 1_000;

/**
 * The operation once it has ended; as it stands when that takes longer than twenty seconds, waits for the provider for
 * longer than that, or the process is about to leave.
 */
export async function awaitOperation(
  deps: Deps,
  { projectId, operationId }: { projectId: string; operationId: string },
): Promise<OperationView> {
  const deadline = performance.now() + PATIENCE;
  let wake = () => {};
  const unwatch = watchProject(deps, projectId, () => wake());
  try {
    for (;;) {
      const change = nextChange((told) => {
        wake = told;
      });
      const operation = await findOperation(deps.db, operationId);
      const left = deadline - performance.now();
      const pause = operation.waitingUntil ? Date.parse(operation.waitingUntil) - deps.now().getTime() : 0;
      if (operation.state !== 'running' || pause > left || left <= 0 || !deps.lifecycle.accepting) {
        return operation;
      }
      await change(Math.min(left, GLANCE));
    }
  } finally {
    unwatch();
  }
}

/** Of one that failed. */
export function whyItFailed({ problem }: OperationView): string {
  return problem?.message ?? 'It did not succeed.';
}

/** A change that comes before it is waited for counts as well. */
function nextChange(listen: (told: () => void) => void): (most: number) => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  listen(resolve);
  return async (most) => {
    const timer = setTimeout(resolve, most);
    await promise;
    clearTimeout(timer);
  };
}

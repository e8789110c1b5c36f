/**
 * Tells of changes of projects to whoever watches them, whichever replica made the change: one query a round asks for
 * the versions of all projects that this process watches, and none is sent while nobody watches.
 */
import type { Deps } from '../deps.ts';

const POLL = 500;

type Watched = { version: number | null; listeners: Set<() => void> };
type Watch = {
  projects: Map<string, Watched>;
  timer: NodeJS.Timeout | undefined;
  /** A round is under way. */
  polling: boolean;
  /** Somebody announced a change since the round began. */
  again: boolean;
  failing: boolean;
};

const watches = new WeakMap<Deps, Watch>();

/**
 * Calls `onChange` after each change of the project, and once soon after the start, since what changed between a
 * reading of the page and this call is known to nobody else. Returns the way to stop.
 */
export function watchProject(deps: Deps, projectId: string, onChange: () => void): () => void {
  const watch = watchOf(deps);
  const watched = watch.projects.get(projectId) ?? { version: null, listeners: new Set() };
  watch.projects.set(projectId, watched);
  // A function of its own, so that the same one may be handed in twice.
  const listener = () => onChange();
  watched.listeners.add(listener);
  // Who joins others is told like the first one.
  watched.version = null;
  if (!watch.timer && !watch.polling) schedule(deps, watch, 0);
  return () => {
    watched.listeners.delete(listener);
    if (watched.listeners.size === 0 && watch.projects.get(projectId) === watched) {
      watch.projects.delete(projectId);
    }
    if (watch.projects.size > 0) return;
    clearTimeout(watch.timer);
    watch.timer = undefined;
  };
}

/** Lets those who watch in this process hear at once of a change that was just committed; others poll. */
export function announceChange(deps: Deps, projectId: string): void {
  const watch = watches.get(deps);
  if (!watch?.projects.has(projectId)) return;
  if (watch.polling) watch.again = true;
  else schedule(deps, watch, 0);
}

function watchOf(deps: Deps): Watch {
  const known = watches.get(deps);
  if (known) return known;
  const watch = { projects: new Map(), timer: undefined, polling: false, again: false, failing: false };
  watches.set(deps, watch);
  return watch;
}

function schedule(deps: Deps, watch: Watch, wait: number): void {
  clearTimeout(watch.timer);
  watch.timer = setTimeout(() => {
    watch.timer = undefined;
    void round(deps, watch);
  }, wait);
  watch.timer.unref();
}

async function round(deps: Deps, watch: Watch): Promise<void> {
  watch.polling = true;
  watch.again = false;
  // What began to be watched after the question was sent is not in its answer.
  const asked = new Map(watch.projects);
  try {
    const rows = await deps.db
      .selectFrom('project')
      .select(['id', 'version'])
      .where('id', 'in', [...asked.keys()])
      .execute();
    watch.failing = false;
    const versions = new Map(rows.map(({ id, version }) => [id, version]));
    // A project that is no more counts as changed once: -1 is no project's version.
    for (const [id, watched] of asked) tell(deps, watched, versions.get(id) ?? -1);
  } catch (error) {
    // The database is away; whoever watches hears of everything when it is back.
    if (!watch.failing) deps.log.warn({ err: error }, 'changes of projects cannot be watched just now');
    watch.failing = true;
  } finally {
    watch.polling = false;
    if (watch.projects.size > 0) schedule(deps, watch, watch.again ? 0 : POLL);
  }
}

function tell(deps: Deps, watched: Watched, version: number): void {
  if (watched.version === version) return;
  watched.version = version;
  for (const listener of watched.listeners) {
    try {
      listener();
    } catch (error) {
      deps.log.error({ err: error }, 'who watches a project failed to hear of a change');
    }
  }
}

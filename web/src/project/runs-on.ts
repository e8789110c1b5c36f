/** What starts workflows, as it is typed and as it is kept. */
import type { ProjectView } from 'bff';

type RunsOn = Pick<ProjectView['project'], 'runOn' | 'whitelist'>;
type Kind = keyof RunsOn['whitelist'];

/** Of each kind: whether it is on, and the names and expressions, one a line; empty: all. */
export type RunsOnDraft = Record<Kind, { on: boolean; only: string }>;

export function draftOf({ runOn, whitelist }: RunsOn): RunsOnDraft {
  const of = (kind: Kind) => ({ on: runOn.includes(kind), only: whitelist[kind].join('\n') });
  return { branches: of('branches'), tags: of('tags') };
}

/** What the page does not offer stays as it is. */
export function runsOnOf({ branches, tags }: RunsOnDraft, { runOn }: Pick<RunsOn, 'runOn'>): RunsOn {
  const kept = runOn.filter((kind) => kind !== 'branches' && kind !== 'tags');
  return {
    runOn: [
      ...(tags.on ? (['tags'] as const) : []),
      ...(branches.on ? (['branches'] as const) : []),
      ...kept,
    ],
    whitelist: { branches: linesOf(branches.only), tags: linesOf(tags.only) },
  };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const PULL_REQUESTS: Partial<Record<RunsOn['runOn'][number], string>> = {
  pull_requests: 'pull requests',
  forked_pull_requests: 'pull requests of forks',
  draft_pull_requests: 'drafts of pull requests',
};

/** What the command line set and nothing here follows; null: nothing. */
export function wordsOfPullRequests({ runOn }: Pick<RunsOn, 'runOn'>): string | null {
  const set = runOn.flatMap((kind) => PULL_REQUESTS[kind] ?? []);
  if (set.length === 0) return null;
  const named = [...(set.length > 1 ? [set.slice(0, -1).join(', ')] : []), ...set.slice(-1)].join(' and ');
  return `The command line also set ${named}. They start nothing here; the pushes to their branches do.`;
}

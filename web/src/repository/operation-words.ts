/** Words for what is done with a project's key and webhook. */
import type { OperationView, Repairable, StepView } from 'bff';
import { list } from './titles.ts';

/** As they stand inside a sentence. */
export const THINGS: Record<Repairable, string> = { 'deploy-key': 'deploy key', webhook: 'webhook' };

const STEPS: Record<StepView['step'], (thing: string) => string> = {
  make: (thing) => `Make a new ${thing} at Bitbucket`,
  verify: (thing) => `Prove the new ${thing}`,
  switch: (thing) => `Use the new ${thing}`,
  'remove-old': (thing) => `Remove the old ${thing}`,
  check: () => 'Check everything again',
};

export function stepWords({ step, subject }: StepView): string {
  return STEPS[step](subject ? THINGS[subject] : 'one');
}

const DONE: Record<OperationView['kind'], string> = {
  create: 'The project is set up',
  repair: 'Repaired',
  move: 'The project now uses the other repository',
  delete: 'The project is deleted',
  sweep: 'Cleaned up',
};

/** What was done, in a sentence or two. */
export function whatWasDone({ kind, done }: OperationView): string {
  const parts = done.flatMap(({ subject, made, removed }) => [
    ...(made ? [`a new ${THINGS[subject]} was made and proved`] : []),
    ...(removed.length > 0
      ? [
          `${removed.length === 1 ? `the old ${THINGS[subject]} was` : `${removed.length} old ones were`} removed`,
        ]
      : []),
  ]);
  return parts.length > 0 ? `${DONE[kind]}: ${list(parts)}.` : `${DONE[kind]}.`;
}

/** What stayed behind at the provider. */
export function leftoverWords({ subject, title, why }: OperationView['leftovers'][number]): string {
  const reason =
    why === 'not-allowed' ? 'Bitbucket did not allow it' : 'nobody’s access could be used for it';
  return `The ${THINGS[subject]} “${title}” could not be removed, because ${reason}. Remove it in the repository’s settings at Bitbucket.`;
}

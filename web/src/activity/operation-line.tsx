import type { OperationView } from 'bff';
import { leftoverWords, stepWords, THINGS, whatWasDone } from '../repository/operation-words.ts';
import { list } from '../repository/titles.ts';
import { Moment } from '../ui/moment.tsx';
import { StateMark } from './states.tsx';

const WHAT: Record<OperationView['kind'], (things: string) => string> = {
  create: () => 'created the project',
  repair: (things) => `repaired the ${things}`,
  move: () => 'changed the repository',
  delete: () => 'deleted the project',
  sweep: () => 'cleaned up at Bitbucket',
};

/** What was done with a project's key and webhook: who, what, when, and what came of it. */
export function OperationLine({ operation }: { operation: OperationView }) {
  const { kind, state, by, subjects, startedAt, steps, problem, leftovers } = operation;
  const failed = steps.filter((step) => step.state === 'failed').map(stepWords);
  return (
    <>
      <p className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1">
        <StateMark state={state} />
        <span>
          <span className="font-semibold">{by ?? 'Semaphore'}</span>{' '}
          {WHAT[kind](list(subjects.map((subject) => THINGS[subject])))}
        </span>
        <span className="text-small text-ink-soft">
          <Moment at={startedAt} />
        </span>
      </p>
      {state === 'done' && <p className="text-small text-ink-soft">{whatWasDone(operation)}</p>}
      {state !== 'done' && problem && <p className="text-small">{problem.message}</p>}
      {failed.length > 0 && <p className="text-small">This step did not succeed: {list(failed)}.</p>}
      {leftovers.map((leftover) => (
        <p key={`${leftover.subject} ${leftover.title}`} className="text-small">
          {leftoverWords(leftover)}
        </p>
      ))}
    </>
  );
}

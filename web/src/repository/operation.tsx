/** What is being done with key and webhook, step by step, and what came of it. */
import type { OperationView, Repairable, StepView } from 'bff';
import { CheckIcon, CrossIcon, RingIcon, SpinIcon } from '../ui/icons.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { Leftovers } from './leftovers.tsx';
import { stepWords, whatWasDone } from './operation-words.ts';
import { list } from './titles.ts';

const UNDER_WAY: Record<OperationView['kind'], string> = {
  create: 'Setting up the repository',
  repair: 'Repairing',
  move: 'Moving to the other repository',
  delete: 'Deleting the project',
  sweep: 'Cleaning up',
};

const FAILED: Record<OperationView['kind'], string> = {
  create: 'The repository could not be set up.',
  repair: 'The repair did not succeed. What worked before still does.',
  move: 'The move did not succeed. The project stays with the repository it had.',
  delete: 'The project could not be deleted.',
  sweep: 'Cleaning up did not succeed.',
};

/** Above the rows: the steps while it runs, and a sentence when it has ended. */
export function Operation({ operation }: { operation: OperationView }) {
  const { kind, state, by, startedAt } = operation;
  if (state === 'running') return <Steps operation={operation} />;
  if (state === 'failed') {
    return (
      <Notice tone="bad">
        <p className="font-semibold">{FAILED[kind]}</p>
        <p>{operation.problem?.message}</p>
        <Leftovers operation={operation} />
      </Notice>
    );
  }
  return (
    <Notice tone="good">
      <p>{whatWasDone(operation)}</p>
      <Leftovers operation={operation} />
      <p className="text-small text-ink-soft">
        {by ?? 'Semaphore'}, <Moment at={startedAt} />
      </p>
    </Notice>
  );
}

function Steps({ operation }: { operation: OperationView }) {
  const { kind, by, steps, startedAt, waitingUntil, problem } = operation;
  const now = steps.filter(({ state }) => state === 'running').map(stepWords);
  return (
    <section
      aria-labelledby="operation"
      aria-busy="true"
      className="grid gap-3 rounded-field border border-s-4 border-note bg-note-soft px-4 py-3"
    >
      <h2 id="operation" className="flex items-center gap-2.5 font-semibold">
        <SpinIcon className="text-note" />
        {UNDER_WAY[kind]}
      </h2>
      <p className="text-small text-ink-soft">
        Started by {by ?? 'Semaphore'}, <Moment at={startedAt} />. It goes on by itself when you leave this
        page.
      </p>
      <ol className="grid gap-1.5">
        {steps.map((step) => (
          <Step key={`${step.subject} ${step.step}`} step={step} />
        ))}
      </ol>
      {waitingUntil && (
        <p>
          {problem?.message} It goes on after <Moment at={waitingUntil} form="exact" />.
        </p>
      )}
      <p role="status" className="sr-only">
        {now.length > 0 && `${list(now)}.`}
      </p>
    </section>
  );
}

const STEP_STATES: Record<StepView['state'], { word: string; icon: React.ReactNode; tone: string }> = {
  waiting: { word: 'waits', icon: <RingIcon />, tone: 'text-ink-soft' },
  running: { word: 'under way', icon: <SpinIcon />, tone: 'text-note' },
  done: { word: 'done', icon: <CheckIcon />, tone: 'text-good' },
  failed: { word: 'failed', icon: <CrossIcon />, tone: 'text-bad' },
};

function Step({ step }: { step: StepView }) {
  const { word, icon, tone } = STEP_STATES[step.state];
  return (
    <li className="flex items-center gap-2">
      <span className={`shrink-0 ${tone}`}>{icon}</span>
      <span>
        {stepWords(step)} <span className="text-small text-ink-soft">· {word}</span>
      </span>
    </li>
  );
}

/** The step that is under way for a row; null when the operation is not about it. */
export function stepOf(operation: OperationView | null, subject: Repairable): string | null {
  if (operation?.state !== 'running') return null;
  const step = operation.steps.find((each) => each.subject === subject && each.state === 'running');
  if (step) return stepWords(step);
  return operation.subjects.includes(subject) ? 'Waiting' : null;
}

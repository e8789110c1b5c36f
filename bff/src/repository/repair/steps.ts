/** The steps of an operation as its page shows them, and as a process that takes over reads them. Pure. */
import type { Repairable } from '../finding.ts';
import type { OperationView, StepName, StepView } from '../view.ts';

const STEPS: Record<OperationView['kind'], StepName[]> = {
  create: ['make', 'verify', 'switch'],
  repair: ['make', 'verify', 'switch', 'remove-old'],
  move: ['make', 'verify', 'switch', 'remove-old'],
  delete: ['remove-old'],
  sweep: ['remove-old'],
};

/** All of them at the start: the first of each subject is running. */
export function firstSteps(kind: OperationView['kind'], subjects: readonly Repairable[]): StepView[] {
  const own = subjects.flatMap((subject) =>
    STEPS[kind].map(
      (step, index) => ({ subject, step, state: index === 0 ? 'running' : 'waiting' }) as const,
    ),
  );
  return kind === 'delete' || kind === 'sweep'
    ? own
    : [...own, { subject: null, step: 'check', state: 'waiting' }];
}

/** The steps before `step` are done, and it has this state. */
export function advance(
  steps: StepView[],
  subject: Repairable | null,
  step: StepName,
  state: StepView['state'],
): StepView[] {
  const at = steps.findIndex((each) => each.subject === subject && each.step === step);
  return steps.map((each, index) => {
    if (each.subject !== subject || at < 0 || index > at) return each;
    if (index === at) return { ...each, state };
    return each.state === 'failed' ? each : { ...each, state: 'done' };
  });
}

/** The step of a subject that is under way fails. */
export function failCurrent(steps: StepView[], subject: Repairable): StepView[] {
  const current = steps.find((each) => each.subject === subject && each.state !== 'done');
  return steps.map((each) => (each === current ? { ...each, state: 'failed' } : each));
}

/** Where a subject stands. */
export function phaseOf(steps: StepView[], subject: Repairable): 'make' | 'remove-old' | 'done' | 'failed' {
  const own = steps.filter((each) => each.subject === subject);
  if (own.some(({ state }) => state === 'failed')) return 'failed';
  const open = own.find(({ state }) => state !== 'done');
  if (!open) return 'done';
  return open.step === 'remove-old' ? 'remove-old' : 'make';
}

import type { WorkflowDetail } from 'bff';
import type { ReactNode } from 'react';
import { paths } from '../paths.ts';
import { SUBJECT_NAMES } from '../repository/titles.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Opener } from './opener.tsx';
import type { Place } from './queries.ts';
import { StateMark } from './states.tsx';
import { explainProblem, originWords, short } from './words.ts';

type Props = {
  workflow: WorkflowDetail;
  place: Place;
  canRun: boolean;
  onOpen: (id: string) => void;
  /** Asks for the head of a branch. */
  onRun: (branch: string) => void;
};

/** A workflow: how far it is, and why it stopped. */
export function WorkflowLine({ workflow, place, canRun, onOpen, onRun }: Props) {
  const { id, at, state, ref, commit } = workflow;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateMark state={state} />
        <Opener onOpen={() => onOpen(id)}>
          Workflow for {ref.type === 'tag' && 'tag '}
          {ref.name}
        </Opener>
        <span className="text-small text-ink-soft">
          <Code>{short(commit.hash)}</Code> · {originWords(workflow)} · <Moment at={at} />
        </span>
      </p>
      <Stopped workflow={workflow} place={place}>
        {state === 'failed' && canRun && ref.type === 'branch' && (
          <Button className="text-small" onClick={() => onRun(ref.name)}>
            Run {ref.name} again…
          </Button>
        )}
      </Stopped>
    </>
  );
}

/**
 * Why it failed, in the very words that jobs have for it, and where that is explained; or what keeps it. Beside that, as
 * its children, what can be done.
 */
export function Stopped({
  workflow,
  place,
  children,
}: {
  workflow: WorkflowDetail;
  place: Place;
  children?: ReactNode;
}) {
  const { problem, nextTryAt } = workflow;
  if (!problem) return null;
  return (
    <div className="grid gap-1 text-small">
      <p>
        {explainProblem(problem)}
        {nextTryAt && (
          <>
            {' '}
            It is tried again after <Moment at={nextTryAt} form="exact" />.
          </>
        )}
      </p>
      {problem.code === 'pipeline-file-unavailable' && <Code block>{problem.message}</Code>}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        {problem.code === 'pipeline-file-unavailable' && (
          <InnerLink to={paths.finding(place.org, place.project, problem.finding)}>
            What explains it: {SUBJECT_NAMES[problem.finding]}
          </InnerLink>
        )}
        {children}
      </div>
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import type { OperationView, ProjectView } from 'bff';
import type { ReactNode } from 'react';
import { useParams } from 'wouter';
import { Problem } from '../api.ts';
import { NotFoundPage } from '../not-found.tsx';
import { paths } from '../paths.ts';
import { list } from '../repository/causes.ts';
import {
  explainOperation,
  leftoverWords,
  stepWords,
  THINGS,
  whatWasDone,
} from '../repository/operation-words.ts';
import { Card } from '../ui/card.tsx';
import { CheckIcon, CrossIcon, SpinIcon } from '../ui/icons.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { PageSkeleton } from '../ui/skeleton.tsx';
import { ProjectFrame } from './project-frame.tsx';
import { projectQuery } from './queries.ts';

/** While something runs, how often the page asks how far it is, in milliseconds. */
const ASK_EVERY = 3_000;

/** What was done with a project's key and webhook: who, what, when, and what came of it. */
export function ActivityPage() {
  const { org = '', project = '' } = useParams();
  const { data, error } = useQuery({
    ...projectQuery(org, project),
    refetchInterval: ({ state }) =>
      state.data?.operations.some((each) => each.state === 'running') ? ASK_EVERY : false,
  });
  if (error instanceof Problem && error.code === 'not-found') return <NotFoundPage />;
  if (!data && error) throw error;
  if (!data) return <PageSkeleton />;
  const { organization, project: about, operations } = data as ProjectView;
  return (
    <ProjectFrame organization={organization} project={about.name} tab="Activity">
      {about.description && <p className="whitespace-pre-line">{about.description}</p>}
      <p className="text-ink-soft">
        {about.repository} ·{' '}
        <InnerLink to={paths.repository(organization.slug, about.name)}>
          See how the repository stands
        </InnerLink>
      </p>
      <Card>
        {operations.length === 0 ? (
          <p>Nothing was done with this project yet.</p>
        ) : (
          <ol aria-label="Activity" className="grid divide-y divide-line">
            {operations.map((operation) => (
              <Entry key={operation.id} operation={operation} />
            ))}
          </ol>
        )}
      </Card>
    </ProjectFrame>
  );
}

const WHAT: Record<OperationView['kind'], (things: string) => string> = {
  create: () => 'created the project',
  repair: (things) => `repaired the ${things}`,
  move: () => 'changed the repository',
  delete: () => 'deleted the project',
  sweep: () => 'cleaned up at Bitbucket',
};

const STATES: Record<OperationView['state'], { word: string; tone: string; icon: ReactNode }> = {
  running: { word: 'Under way', tone: 'text-note', icon: <SpinIcon /> },
  done: { word: 'Done', tone: 'text-good', icon: <CheckIcon /> },
  failed: { word: 'Failed', tone: 'text-bad', icon: <CrossIcon /> },
};

function Entry({ operation }: { operation: OperationView }) {
  const { kind, state, by, subjects, startedAt, steps, problem, leftovers } = operation;
  const { word, tone, icon } = STATES[state];
  const failed = steps.filter((step) => step.state === 'failed').map(stepWords);
  return (
    <li className="grid gap-1 py-4 first:pt-0 last:pb-0">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className={`inline-flex items-center gap-1.5 font-medium ${tone}`}>
          {icon}
          {word}
        </span>
        <span>
          <span className="font-semibold">{by ?? 'Semaphore'}</span>{' '}
          {WHAT[kind](list(subjects.map((subject) => THINGS[subject])))}
        </span>
        <span className="text-small text-ink-soft">
          <Moment at={startedAt} />
        </span>
      </p>
      {state === 'done' && <p className="text-small text-ink-soft">{whatWasDone(operation)}</p>}
      {state !== 'done' && problem && <p className="text-small">{explainOperation(problem)}</p>}
      {failed.length > 0 && <p className="text-small">This step did not succeed: {list(failed)}.</p>}
      {leftovers.map((leftover) => (
        <p key={`${leftover.subject} ${leftover.title}`} className="text-small">
          {leftoverWords(leftover)}
        </p>
      ))}
    </li>
  );
}

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ActivityView, ProjectView } from 'bff';
import { lazy, Suspense, useState } from 'react';
import { useParams, useSearchParams } from 'wouter';
import { Problem } from '../api.ts';
import { NotFoundPage } from '../not-found.tsx';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { ProjectFrame } from '../project/project-frame.tsx';
import { projectQuery } from '../project/queries.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { InfoIcon } from '../ui/icons.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { PageSkeleton } from '../ui/skeleton.tsx';
import { DeliveryLine } from './delivery-line.tsx';
import { type Choice, FilterBar, filtersOf, type Line, linesOf, useChoice } from './filters.tsx';
import { useLiveActivity } from './live.ts';
import { OperationLine } from './operation-line.tsx';
import { activityQuery, type Place, useCheckForMissed, useMore } from './queries.ts';
import { isDeaf, Trouble } from './trouble.tsx';
import { NO_RUNNER } from './words.ts';
import { WorkflowLine } from './workflow-line.tsx';

// What a press opens, and what is seldom there, comes after what one sees at once.
const Gaps = lazy(() => import('./gaps.tsx').then((page) => ({ default: page.Gaps })));
const RunDialog = lazy(() => import('./run-dialog.tsx').then((page) => ({ default: page.RunDialog })));
const DeliveryDialog = lazy(() =>
  import('./delivery-dialog.tsx').then((page) => ({ default: page.DeliveryDialog })),
);
const WorkflowDialog = lazy(() =>
  import('./workflow-dialog.tsx').then((page) => ({ default: page.WorkflowDialog })),
);
const GonePage = lazy(() =>
  import('../repository/gone-page.tsx').then((page) => ({ default: page.GonePage })),
);

/** What Semaphore heard of a project's repository, what came of it, and what was done with the project. */
export function ActivityPage() {
  const { org = '', project = '' } = useParams();
  // By its address, so that another project's page starts afresh.
  return <Activity key={`${org}/${project}`} place={{ org, project }} />;
}

function Activity({ place }: { place: Place }) {
  const { gone, heard } = useLiveActivity(place);
  const [choice, choose] = useChoice();
  const project = useQuery(projectQuery(place.org, place.project));
  const activity = useQuery({
    ...activityQuery(place, filtersOf(choice)),
    placeholderData: keepPreviousData,
  });
  if (gone) {
    if (!gone.operation) return <NotFoundPage />;
    return (
      <Suspense fallback={<PageSkeleton />}>
        <GonePage place={place} operation={gone.operation} />
      </Suspense>
    );
  }
  // What is shown stays when a later question fails; the page asks again by itself.
  const error = project.error ?? activity.error;
  if (error instanceof Problem && error.code === 'not-found') {
    // One that was deleted a moment ago: the events tell what became of it.
    return heard ? <NotFoundPage /> : <PageSkeleton />;
  }
  if (!project.data || !activity.data) {
    if (error) throw error;
    return <PageSkeleton />;
  }
  return (
    <Shown
      place={place}
      about={project.data as ProjectView}
      view={activity.data}
      choice={choice}
      onChoose={choose}
      asking={activity.isPlaceholderData}
    />
  );
}

type ShownProps = {
  place: Place;
  about: ProjectView;
  view: ActivityView;
  choice: Choice;
  onChoose: (choice: Choice) => void;
  /** Another choice of filters is on its way. */
  asking: boolean;
};

function Shown({ place, about, view, choice, onChoose, asking }: ShownProps) {
  const { organization, project, operations } = about;
  const [search, setSearch] = useSearchParams();
  /** The branch that the dialog begins with; null: it is closed. */
  const [running, setRunning] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const lines = linesOf(view, operations, choice);
  const open = (what: Record<string, string>) =>
    setSearch((before) => {
      const { kind, state } = Object.fromEntries(before);
      return new URLSearchParams({ ...(kind && { kind }), ...(state && { state }), ...what });
    });
  const openDelivery = (id: string) => open({ delivery: id });
  const openWorkflow = (id: string) => open({ workflow: id });
  const close = () => open({});
  const [delivery, workflow] = [search.get('delivery'), search.get('workflow')];
  const line = (each: Line) => {
    switch (each.kind) {
      case 'delivery':
        return (
          <DeliveryLine delivery={each} place={place} onOpen={openDelivery} onOpenWorkflow={openWorkflow} />
        );
      case 'workflow':
        return (
          <WorkflowLine
            workflow={each}
            place={place}
            canRun={view.canRun}
            onOpen={openWorkflow}
            onRun={setRunning}
          />
        );
      case 'operation':
        return <OperationLine operation={each.operation} />;
    }
  };
  return (
    <ProjectFrame organization={organization} project={project.name} tab="Activity">
      {project.description && <p className="whitespace-pre-line">{project.description}</p>}
      <p className="text-ink-soft">
        {project.repository} ·{' '}
        <InnerLink to={paths.repository(organization.slug, project.name)}>
          See how the repository stands
        </InnerLink>
      </p>
      {done && (
        <Notice key={done} tone="good">
          <p>{done}</p>
        </Notice>
      )}
      {view.trouble && <Trouble about={about} trouble={view.trouble} />}
      {view.gaps.length > 0 && (
        <Suspense>
          <Gaps
            place={place}
            gaps={view.gaps}
            canRun={view.canRun}
            awaitRepair={view.trouble !== null && isDeaf(view.trouble)}
            onDone={(branch) => setDone(requested(branch))}
          />
        </Suspense>
      )}
      {!view.runner && view.items.some(({ state }) => state === 'waiting') && (
        // No notice: it comes and goes with the list, and must take nobody's focus.
        <p className="flex gap-3 rounded-field border border-s-4 border-note bg-note-soft px-4 py-3">
          <InfoIcon className="mt-0.5 text-note" />
          {NO_RUNNER}
        </p>
      )}
      <div className="grid gap-4 sm:grid-cols-[1fr_1fr_auto] sm:items-end">
        <FilterBar choice={choice} onChoose={onChoose} />
        {view.canRun && (
          <Button className="min-h-11" onClick={() => setRunning(view.branches[0] ?? '')}>
            Run…
          </Button>
        )}
      </div>
      <Heard place={place} view={view} />
      <Card>
        {lines.length === 0 ? (
          <p>{choice.kind || choice.state ? 'Nothing fits these filters.' : NOTHING}</p>
        ) : (
          <ol aria-label="Activity" aria-busy={asking || undefined} className="grid divide-y divide-line">
            {lines.map((each) => (
              <li key={each.id} className="grid gap-1 py-3 first:pt-0 last:pb-0">
                {line(each)}
              </li>
            ))}
          </ol>
        )}
      </Card>
      {view.next !== null && choice.kind !== 'operation' && choice.state !== 'running' && (
        <More place={place} choice={choice} />
      )}
      <Suspense>
        {running !== null && (
          <RunDialog
            place={place}
            branch={running}
            branches={view.branches}
            onClose={() => setRunning(null)}
            onDone={(branch) => {
              setRunning(null);
              setDone(requested(branch));
            }}
          />
        )}
        {delivery && (
          <DeliveryDialog
            key={delivery}
            place={place}
            id={delivery}
            onOpenWorkflow={openWorkflow}
            onClose={close}
          />
        )}
        {workflow && (
          <WorkflowDialog
            key={workflow}
            place={place}
            id={workflow}
            runner={view.runner}
            onOpenDelivery={openDelivery}
            onClose={close}
          />
        )}
      </Suspense>
    </ProjectFrame>
  );
}

const NOTHING = 'Nothing has happened yet.';
const requested = (branch: string) => `A workflow for ${branch} is requested.`;

const COMPARING = 'The branches are compared with what was announced as soon as Bitbucket answers.';
const MISSED = 'The branches are compared. What was missed stands above.';
/** An announcement may be under way. */
const NONE_MISSED =
  'The branches are compared. Nothing is known to be missed; a push of the last moments shows above within a few minutes if it is not announced.';

/** When something was last heard, and the way to ask whether something was missed. */
function Heard({ place, view }: { place: Place; view: ActivityView }) {
  const { lastDeliveryAt, comparedAt, gaps, trouble } = view;
  const check = useCheckForMissed(place);
  /** The comparison that was the last one when another was asked for. */
  const [before, setBefore] = useState<string | null>(null);
  const ask = () => {
    setBefore(comparedAt);
    check.mutate();
  };
  return (
    <div className="grid gap-1 text-small text-ink-soft">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span>
          {lastDeliveryAt ? (
            <>
              Last delivery <Moment at={lastDeliveryAt} />
            </>
          ) : (
            `Bitbucket has delivered nothing yet.${trouble ? '' : ' Push to the repository, and it shows here by itself.'}`
          )}
        </span>
        {comparedAt && (
          <span>
            Branches compared <Moment at={comparedAt} />
          </span>
        )}
        <Button look="quiet" className="-ms-1 text-small" busy={check.isPending} onClick={ask}>
          Check for missed pushes
        </Button>
      </p>
      <p role="status">
        {check.isSuccess && (comparedAt === before ? COMPARING : gaps.length > 0 ? MISSED : NONE_MISSED)}
      </p>
      {check.isError && (
        <p role="alert" className="font-medium text-bad">
          {explain(check.error)}
        </p>
      )}
    </div>
  );
}

function More({ place, choice }: { place: Place; choice: Choice }) {
  const more = useMore(place, filtersOf(choice));
  return (
    <div className="grid justify-items-center gap-2">
      <Button busy={more.isPending} onClick={() => more.mutate()}>
        Load more
      </Button>
      {more.isError && (
        <p role="alert" className="text-small font-medium text-bad">
          {explain(more.error)}
        </p>
      )}
    </div>
  );
}

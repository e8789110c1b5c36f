import { useQuery } from '@tanstack/react-query';
import type { GoneView, OperationView, RepositoryView, RowView } from 'bff';
import { lazy, Suspense, useEffect, useEffectEvent, useState } from 'react';
import { useParams } from 'wouter';
import { Problem } from '../api.ts';
import { NotFoundPage } from '../not-found.tsx';
import { explain } from '../problems.ts';
import { ProjectFrame } from '../project/project-frame.tsx';
import { Notice } from '../ui/notice.tsx';
import { useLiveView } from './live.ts';
import { Operation } from './operation.tsx';
import { type Place, repositoryQuery, useCheck } from './queries.ts';
import { RepositorySkeleton } from './repository-skeleton.tsx';
import { RepositoryUrl } from './repository-url.tsx';
import { type Ask, Row } from './row.tsx';
import { Summary } from './summary.tsx';
import { list, SUBJECT_NAMES } from './titles.ts';

// What a press opens comes after what one sees at once.
const RepairDialog = lazy(() =>
  import('./repair-dialog.tsx').then((page) => ({ default: page.RepairDialog })),
);
const TakeOverDialog = lazy(() =>
  import('./take-over-dialog.tsx').then((page) => ({ default: page.TakeOverDialog })),
);
const GonePage = lazy(() => import('./gone-page.tsx').then((page) => ({ default: page.GonePage })));

/** A person who comes back to the tab sees how things are now, but flicking between tabs costs nothing. */
const LOOK_AGAIN_AFTER = 5_000;

/** Whether the project can read its repository and hear of its pushes; why not; and what puts it right. */
export function RepositoryPage() {
  const { org = '', project = '' } = useParams();
  // By its address, so that another project's page starts afresh.
  return <Repository key={`${org}/${project}`} place={{ org, project }} />;
}

function Repository({ place }: { place: Place }) {
  const { gone, heard } = useLiveView(place);
  const { data: view, error } = useQuery(repositoryQuery(place));
  if (gone) return <Ended place={place} gone={gone} />;
  // What is shown stays when a later look at it fails; the page asks again by itself.
  if (error instanceof Problem && error.code === 'not-found') {
    // One that was deleted a moment ago: the events tell what was removed.
    return heard ? <NotFoundPage /> : <RepositorySkeleton project={place.project} />;
  }
  if (view) return <Rows place={place} view={view} />;
  if (error) throw error;
  return <RepositorySkeleton project={place.project} />;
}

function Ended({ place, gone }: { place: Place; gone: GoneView }) {
  if (!gone.operation) return <NotFoundPage />;
  return (
    <Suspense fallback={<RepositorySkeleton project={place.project} />}>
      <GonePage place={place} operation={gone.operation} />
    </Suspense>
  );
}

function Rows({ place, view }: { place: Place; view: RepositoryView }) {
  const { operation, project, summary } = view;
  const [asked, setAsked] = useState<Ask | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const { check, isWaiting, byHand } = useLook(place, view.rows);
  const running = operation?.state === 'running';
  const locked = running || project.state !== 'ready';
  const close = () => setAsked(null);
  return (
    <ProjectFrame organization={view.organization} project={project.name} tab="Repository">
      {summary && !locked && <Summary view={view} summary={summary} />}
      {done && !running && (
        <Notice key={done} tone="good">
          <p>{done}</p>
        </Notice>
      )}
      {operation && !(summary && isOldNews(operation)) && (
        <Operation key={operation.id + operation.state} operation={operation} />
      )}
      {check.isError && (
        <Notice tone="bad">
          <p>Nothing was checked just now. {explain(check.error)}</p>
        </Notice>
      )}
      <div className="divide-y divide-line rounded-card border border-line bg-surface shadow-card">
        <RepositoryUrl place={place} view={view} locked={locked} onDone={setDone} />
        {view.rows.map((row) => (
          <Row
            key={row.subject}
            view={view}
            row={row}
            looking={isWaiting(row)}
            checking={byHand}
            onCheck={() => check.mutateAsync(true).catch(() => undefined)}
            onAsk={setAsked}
          />
        ))}
      </div>
      <p role="status" className="sr-only">
        {check.isSuccess && !check.isPending && outcome(view.rows)}
      </p>
      <Suspense>
        {asked?.kind === 'take-over' && (
          <TakeOverDialog
            place={place}
            view={view}
            onClose={close}
            onDone={(sentence) => {
              close();
              setDone(sentence);
            }}
          />
        )}
        {asked && asked.kind !== 'take-over' && (
          <RepairDialog
            place={place}
            subject={asked.subject}
            verb={asked.kind === 'repair' ? 'Repair' : 'Regenerate'}
            onClose={close}
          />
        )}
      </Suspense>
    </ProjectFrame>
  );
}

/** Beside what is wrong now, that the project was set up once says nothing. */
const isOldNews = ({ kind, state }: OperationView) => kind === 'create' && state === 'done';

/** What a look came to, for those who cannot see the rows change. */
function outcome(rows: RowView[]): string {
  const broken = rows.filter(({ state }) => state === 'broken').map(({ subject }) => SUBJECT_NAMES[subject]);
  if (broken.length > 0) return `Checked. Broken: ${list(broken)}.`;
  return rows.every(({ state }) => state === 'healthy')
    ? 'Checked. Everything is healthy.'
    : 'Checked. Not everything could be asked.';
}

/** A live look when the page is opened and when one comes back to it, and those that are asked for by hand. */
function useLook(place: Place, rows: RowView[]) {
  const check = useCheck(place);
  /** When each row was last checked as the look that is under way began. */
  const [before, setBefore] = useState<Record<string, string | null>>({});
  const remember = () => setBefore(Object.fromEntries(rows.map((row) => [row.subject, row.checkedAt])));
  const look = useEffectEvent(() => {
    if (check.isPending) return;
    remember();
    check.mutate(false);
  });
  useEffect(() => {
    let looked = Date.now();
    // One tick later, so that a page which is taken down at once asks nobody.
    const opening = setTimeout(() => look());
    const onVisible = () => {
      if (document.hidden || Date.now() - looked < LOOK_AGAIN_AFTER) return;
      looked = Date.now();
      look();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      clearTimeout(opening);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, []);
  const byHand = check.isPending && check.variables === true;
  return {
    check: {
      ...check,
      mutateAsync: (fresh: boolean) => {
        remember();
        return check.mutateAsync(fresh);
      },
    },
    byHand,
    isWaiting: (row: RowView) => check.isPending && before[row.subject] === row.checkedAt,
  };
}

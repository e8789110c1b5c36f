import type { Cause, Facts, Repairable, RepositoryView, RowView } from 'bff';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { paths } from '../paths.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Health } from '../ui/health.tsx';
import { SpinIcon } from '../ui/icons.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { logLine, type Words, wordsFor } from './causes.ts';
import { RowFacts } from './facts.tsx';
import { stepOf } from './operation.tsx';
import { type About, SUBJECT_NAMES, titleOf } from './titles.ts';

export type Ask = { kind: 'take-over' } | { kind: 'repair' | 'regenerate'; subject: Repairable };

type Props = {
  view: RepositoryView;
  row: RowView;
  /** A look is under way and has not come to this row. */
  looking: boolean;
  /** Somebody pressed "Check again" and waits. */
  checking: boolean;
  onCheck: () => Promise<unknown>;
  onAsk: (ask: Ask) => void;
};

/** One of the four things that are checked: how it stands, why, what is known, and what can be done. */
export function Row({ view, row, looking, checking, onCheck, onAsk }: Props) {
  const { subject, state, cause, facts } = row;
  const { canChange, operation, tokenOwner } = view;
  const nameId = useId();
  const ref = useRef<HTMLElement>(null);
  const repairable = subject === 'deploy-key' || subject === 'webhook' ? subject : null;
  const working = repairable ? stepOf(operation, repairable) : null;
  const busy = row.busy || looking;
  const locked = operation?.state === 'running' || view.project.state !== 'ready';
  const words = cause === null ? null : wordsFor(cause, about(view, facts));
  const folded = row.becauseOf !== null;

  useEffect(() => {
    if (window.location.hash !== `#${subject}`) return;
    // After the page has given the focus to its heading.
    const frame = requestAnimationFrame(() => ref.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, [subject]);

  /** Pressed by hand: the button may be gone afterwards, and the focus must not go with it. */
  const check = () =>
    void onCheck().finally(() =>
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) ref.current?.focus();
      }),
    );

  return (
    <section
      ref={ref}
      id={subject}
      tabIndex={-1}
      aria-labelledby={nameId}
      aria-busy={busy || undefined}
      className="grid gap-2.5 px-5 py-4 sm:px-6"
    >
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-2">
        <h2 id={nameId} className="font-semibold">
          {SUBJECT_NAMES[subject]}
        </h2>
        <Health state={state} />
        {repairable && canChange && state === 'broken' && cause !== 'host-key-mismatch' && (
          // Also where it follows from the token owner: the right of whoever presses it may do.
          <Button
            look={folded ? 'plain' : 'primary'}
            disabled={locked}
            onClick={() => onAsk({ kind: 'repair', subject: repairable })}
          >
            Repair
          </Button>
        )}
        {subject === 'token-owner' && canChange && (!tokenOwner?.you || state === 'broken') && (
          <Button disabled={locked} onClick={() => onAsk({ kind: 'take-over' })}>
            Take over
          </Button>
        )}
        {repairable && canChange && state === 'healthy' && (
          <Button
            look="quiet"
            disabled={locked}
            className="text-small"
            onClick={() => onAsk({ kind: 'regenerate', subject: repairable })}
          >
            Regenerate
          </Button>
        )}
      </div>
      {words && !folded && <Explained words={words} broken={state === 'broken'} view={view} row={row} />}
      {words && folded && <Folded words={words} row={row} />}
      <Evidence view={view} row={row} />
      <RowFacts view={view} row={row} />
      <div className="flex min-h-6 flex-wrap items-center gap-x-4 gap-y-1 text-small text-ink-soft">
        {/* One line for how old it is and for what goes on, so that nothing moves when that changes. */}
        {busy ? (
          <span className="inline-flex items-center gap-2 text-note">
            <SpinIcon />
            {working ?? 'Checking'}…
          </span>
        ) : (
          <Age row={row} />
        )}
        {state !== 'healthy' && view.project.state !== 'creating' && (
          <Button
            look={state === 'broken' ? 'quiet' : 'plain'}
            busy={checking}
            disabled={locked}
            onClick={check}
          >
            Check again
          </Button>
        )}
      </div>
    </section>
  );
}

export function about(view: RepositoryView, facts: Facts): About {
  const { tokenOwner, repository, pipelineFile } = view;
  return {
    facts,
    owner: tokenOwner?.screenName ?? null,
    you: tokenOwner?.you ?? false,
    repository: repository.fullName,
    path: facts.path ?? pipelineFile,
  };
}

/** The cause in full, where it is the row's own. */
function Explained({
  words: { title, why, next },
  broken,
  view,
  row: { previous, facts, cause },
}: {
  words: Words;
  broken: boolean;
  view: RepositoryView;
  row: RowView;
}) {
  const { slug } = view.organization;
  return (
    <div className="grid gap-1.5">
      <p className={`font-medium ${broken ? 'text-bad' : ''}`}>{title}</p>
      <p>{why}</p>
      <p>
        {next}
        {leadsTo(cause, view) === 'general' && (
          <>
            {' '}
            <InnerLink to={paths.general(slug, view.project.name)}>Set the path</InnerLink>
          </>
        )}
        {leadsTo(cause, view) === 'account' && (
          <>
            {' '}
            <InnerLink to={paths.account}>Your account page</InnerLink>
          </>
        )}
      </p>
      {facts.retryAt && (
        <p>
          Bitbucket asked us to come back after <Moment at={facts.retryAt} form="exact" />.
        </p>
      )}
      {previous && <Previous previous={previous} view={view} />}
    </div>
  );
}

function leadsTo(
  cause: Cause | null,
  { canChange, tokenOwner }: RepositoryView,
): 'general' | 'account' | null {
  if (cause === 'file-elsewhere' || cause === 'file-missing') return canChange ? 'general' : null;
  const ofGrant = ['not-connected', 'grant-revoked', 'grant-expired', 'grant-unusable', 'scope-missing'];
  return tokenOwner?.you && cause !== null && [...ofGrant, 'grant-doubtful'].includes(cause)
    ? 'account'
    : null;
}

function Previous({
  previous: { state, cause, facts, at },
  view,
}: {
  previous: NonNullable<RowView['previous']>;
  view: RepositoryView;
}) {
  return (
    <p>
      Last result: <span className="font-medium">{state === 'healthy' ? 'healthy' : 'broken'}</span>,{' '}
      <Moment at={at} />.{cause && ` ${titleOf(cause, about(view, facts))}`}
    </p>
  );
}

/** Where the cause is another row's, this one says only so. */
function Folded({ words, row: { becauseOf } }: { words: Words; row: RowView }) {
  return (
    <details className="text-ink-soft">
      <summary className="min-h-7 cursor-pointer">
        Follows from{' '}
        {becauseOf === 'repository' ? 'the repository' : SUBJECT_NAMES[becauseOf ?? 'token-owner']}, above
      </summary>
      <p className="pt-1.5">
        {words.title} {words.why}
      </p>
    </details>
  );
}

/** The very words that jobs and git say, for who looks for them on the page. */
function Evidence({ view, row }: { view: RepositoryView; row: RowView }) {
  const { subject, state, facts } = row;
  const line = state === 'healthy' ? null : logLine(subject, facts.path ?? view.pipelineFile);
  return (
    <>
      {facts.sshWords && state !== 'healthy' && <Said by="git said:">{facts.sshWords}</Said>}
      {line && (
        <Said
          by={
            state === 'broken'
              ? 'A workflow then fails with:'
              : 'If a workflow failed with this, look here again later:'
          }
        >
          {line}
        </Said>
      )}
    </>
  );
}

function Said({ by, children }: { by: string; children: ReactNode }) {
  return (
    <div className="grid gap-1 text-small">
      <p className="text-ink-soft">{by}</p>
      <Code block>{children}</Code>
    </div>
  );
}

function Age({ row: { checkedAt, state } }: { row: RowView }) {
  if (!checkedAt) return <span>Never checked</span>;
  return (
    <span>
      {state === 'not-checked' ? 'Tried' : 'Checked'} <Moment at={checkedAt} />
    </span>
  );
}

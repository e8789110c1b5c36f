import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { GapView } from 'bff';
import { data } from '../api.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { AlertIcon } from '../ui/icons.tsx';
import { OuterLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { type Place, project, refresh } from './queries.ts';
import { short } from './words.ts';

type Props = {
  place: Place;
  gaps: GapView[];
  canRun: boolean;
  /** They run by themselves when the webhook is repaired. */
  awaitRepair: boolean;
  /** Names the branch that is run. */
  onDone: (branch: string) => void;
};

/** Pushes that Bitbucket did not announce. What is proved is where a branch was, and where it is. */
export function Gaps({ place, gaps, canRun, awaitRepair, onDone }: Props) {
  return (
    <section
      aria-labelledby="missed"
      className="grid gap-3 rounded-field border border-s-4 border-doubt bg-doubt-soft px-4 py-3"
    >
      <h2 id="missed" className="flex items-center gap-2.5 font-semibold">
        <AlertIcon className="text-doubt" />
        Missed pushes
      </h2>
      <ul className="grid gap-3">
        {gaps.map((gap) => (
          <Gap key={gap.id} place={place} gap={gap} canRun={canRun} onDone={() => onDone(gap.branch)} />
        ))}
      </ul>
      {awaitRepair && (
        <p className="text-small">“Repair” of the webhook also runs what was missed, by itself.</p>
      )}
      {!canRun && (
        <p className="text-small">An owner or an admin of the organization can run what was missed.</p>
      )}
    </section>
  );
}

function Gap({
  place,
  gap,
  canRun,
  onDone,
}: {
  place: Place;
  gap: GapView;
  canRun: boolean;
  onDone: () => void;
}) {
  const { id, branch, from, to, after, before, compareUrl } = gap;
  const run = useRunGap(place, onDone);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div className="grid min-w-0 grow basis-72 gap-1">
        <p>
          Pushes to <Code>{branch}</Code> were not announced to us between <Moment at={after} form="exact" />{' '}
          and <Moment at={before} form="exact" />.
        </p>
        <p className="text-small text-ink-soft">
          {from ? (
            <>
              It moved from <Code>{short(from)}</Code> to <Code>{short(to)}</Code>.
            </>
          ) : (
            <>
              It is new, at <Code>{short(to)}</Code>.
            </>
          )}
          {compareUrl && (
            <>
              {' '}
              <OuterLink href={compareUrl}>What changed in {branch}</OuterLink>
            </>
          )}
        </p>
        {run.isError && (
          <p role="alert" className="text-small font-medium text-bad">
            {explain(run.error)}
          </p>
        )}
      </div>
      {canRun && (
        <Button aria-label={`Run ${branch}`} busy={run.isPending} onClick={() => run.mutate(id)}>
          Run
        </Button>
      )}
    </li>
  );
}

/** A workflow for what was missed. */
function useRunGap({ org, project: name }: Place, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(project.gaps[':id'].run.$post({ param: { org, project: name, id } })),
    onSuccess: onDone,
    // Also after a refusal: it was announced meanwhile, or somebody else ran it.
    onSettled: () => refresh(client, { org, project: name }),
  });
}

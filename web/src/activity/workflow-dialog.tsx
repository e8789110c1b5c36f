import { useQuery } from '@tanstack/react-query';
import type { WorkflowDetail } from 'bff';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { OuterLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Fact, Facts, NotYet } from './facts.tsx';
import { Opener } from './opener.tsx';
import { type Place, workflowQuery } from './queries.ts';
import { StateMark } from './states.tsx';
import { NO_RUNNER, originWords, short } from './words.ts';
import { Stopped } from './workflow-line.tsx';

type Props = {
  place: Place;
  id: string;
  /** Whether there is a runner. */
  runner: boolean;
  onOpenDelivery: (id: string) => void;
  onClose: () => void;
};

/** A workflow in full: what it is for, how it came about, and how far it is. */
export function WorkflowDialog({ place, id, runner, onOpenDelivery, onClose }: Props) {
  const { data, error } = useQuery(workflowQuery(place, id));
  return (
    <Dialog title={data ? `Workflow for ${data.ref.name}` : 'Workflow'} onClose={onClose}>
      {data ? (
        <Whole place={place} workflow={data} runner={runner} onOpenDelivery={onOpenDelivery} />
      ) : (
        <NotYet error={error} />
      )}
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

type WholeProps = Pick<Props, 'place' | 'runner' | 'onOpenDelivery'> & { workflow: WorkflowDetail };

function Whole({ place, workflow, runner, onOpenDelivery }: WholeProps) {
  const { id, state, ref, commit, pipelineFile, attempts, at, finishedAt, deliveryId } = workflow;
  return (
    <Facts>
      <Fact name="State">
        <StateMark state={state} />
        {state === 'waiting' && (
          <p className="text-small">{runner ? 'There is a runner now: it goes in a moment.' : NO_RUNNER}</p>
        )}
        <Stopped workflow={workflow} place={place} />
      </Fact>
      <Fact name={ref.type === 'tag' ? 'Tag' : 'Branch'}>
        <Code>{ref.name}</Code>
      </Fact>
      <Fact name="Commit">
        <OuterLink href={commit.url}>
          <Code>{commit.hash}</Code>
        </OuterLink>
        {commit.before && (
          <p className="text-small text-ink-soft">
            after <Code>{short(commit.before)}</Code>
          </p>
        )}
      </Fact>
      <Fact name="Pipeline file">
        <Code>{pipelineFile}</Code>
      </Fact>
      <Fact name="Why">
        <p className="first-letter:uppercase">{originWords(workflow)}</p>
        {deliveryId && (
          <Opener onOpen={() => onOpenDelivery(deliveryId)}>The delivery that announced it</Opener>
        )}
      </Fact>
      {attempts > 0 && <Fact name="Failed tries">{attempts}</Fact>}
      <Fact name="Created">
        <Moment at={at} form="exact" />
      </Fact>
      {finishedAt && (
        <Fact name={state === 'failed' ? 'Failed' : 'Handed over'}>
          <Moment at={finishedAt} form="exact" />
        </Fact>
      )}
      <Fact name="Id">
        <Code>{id}</Code>
      </Fact>
    </Facts>
  );
}

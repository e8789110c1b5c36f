import { useQuery } from '@tanstack/react-query';
import type { DeliveryDetail } from 'bff';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Moment } from '../ui/moment.tsx';
import { Fact, Facts, NotYet } from './facts.tsx';
import { Opener } from './opener.tsx';
import { deliveryQuery, type Place } from './queries.ts';
import { StateMark, stateWord } from './states.tsx';
import { eventWords, explainIgnored, explainLeftOut, short } from './words.ts';

/** Moves and workflows that are shown; the others are counted. */
const SHOWN = 50;

type Props = { place: Place; id: string; onOpenWorkflow: (id: string) => void; onClose: () => void };

/** What a delivery said. Neither its body nor its signature is here. */
export function DeliveryDialog({ place, id, onOpenWorkflow, onClose }: Props) {
  const { data, error } = useQuery(deliveryQuery(place, id));
  return (
    <Dialog title={data ? `Delivery: ${eventWords(data.event)}` : 'Delivery'} onClose={onClose}>
      {data ? <Said delivery={data} onOpenWorkflow={onOpenWorkflow} /> : <NotYet error={error} />}
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

function Said({
  delivery,
  onOpenWorkflow,
}: {
  delivery: DeliveryDetail;
  onOpenWorkflow: (id: string) => void;
}) {
  const { event, state, reason, actor, repository, renamedFrom, moves, odd, pullRequest, workflows } =
    delivery;
  const { at, workedAt, size, attempt, requestId, webhook } = delivery;
  return (
    <Facts>
      <Fact name="State">
        <StateMark state={state} />
        {reason && <p className="text-small">{explainIgnored(reason)}</p>}
      </Fact>
      <Fact name="Event">
        <Code>{event}</Code>
      </Fact>
      {actor && <Fact name="By">{actor}</Fact>}
      {repository && (
        <Fact name="Repository">
          {repository}
          {renamedFrom && `, formerly ${renamedFrom}`}
        </Fact>
      )}
      {moves.length > 0 && (
        <Fact name="What moved">
          <ul className="grid gap-2">
            {moves.slice(0, SHOWN).map((move) => (
              <Move key={`${move.refType} ${move.refName} ${move.newHash}`} move={move} />
            ))}
          </ul>
          {moves.length > SHOWN && <p>and {moves.length - SHOWN} more</p>}
        </Fact>
      )}
      {odd > 0 && <Fact name="Not understood">{odd === 1 ? 'One change' : `${odd} changes`}</Fact>}
      {pullRequest && (
        <Fact name="Pull request">
          #{pullRequest.id} {pullRequest.title}
          <p className="text-small text-ink-soft">
            {[pullRequest.state, pullRequest.from && `from ${pullRequest.from}`, pullRequest.commit]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </Fact>
      )}
      {workflows.length > 0 && (
        <Fact name="Came of it">
          <ul>
            {workflows.slice(0, SHOWN).map((workflow) => (
              <li key={workflow.id}>
                <Opener onOpen={() => onOpenWorkflow(workflow.id)}>
                  Workflow for {workflow.ref.name}: {stateWord(workflow.state).toLowerCase()}
                </Opener>
              </li>
            ))}
          </ul>
          {workflows.length > SHOWN && <p>and {workflows.length - SHOWN} more</p>}
        </Fact>
      )}
      <Fact name="Received">
        <Moment at={at} form="exact" />
      </Fact>
      {workedAt && (
        <Fact name="Worked on">
          <Moment at={workedAt} form="exact" />
        </Fact>
      )}
      <Fact name="Try">
        {attempt === 1 ? 'Bitbucket’s first' : `Bitbucket’s ${attempt}. try got through`}
      </Fact>
      <Fact name="Size">{size < 1_000 ? `${size} bytes` : `${(size / 1_000).toFixed(1)} kB`}</Fact>
      <Fact name="Webhook">{webhook}</Fact>
      <Fact name="Request">
        <Code>{requestId}</Code>
      </Fact>
    </Facts>
  );
}

function Move({
  move: { refType, refName, oldHash, newHash, forced, message, author, leftOut },
}: {
  move: DeliveryDetail['moves'][number];
}) {
  return (
    <li>
      <p>
        {refType === 'tag' ? 'Tag' : 'Branch'} <Code>{refName}</Code>
        {forced && ', forced'}
      </p>
      <p className="text-small text-ink-soft">
        {oldHash ? <Code>{short(oldHash)}</Code> : 'new'} →{' '}
        {newHash ? <Code>{short(newHash)}</Code> : 'deleted'}
        {message && ` “${message}”`}
        {author && ` by ${author}`}
      </p>
      {leftOut && <p className="text-small">Left out: {explainLeftOut(leftOut, refType)}</p>}
    </li>
  );
}

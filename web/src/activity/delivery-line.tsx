import type { DeliveryItem } from 'bff';
import { Code } from '../ui/code.tsx';
import { Moment } from '../ui/moment.tsx';
import { LeftOut } from './left-out.tsx';
import { Opener } from './opener.tsx';
import type { Place } from './queries.ts';
import { StateMark, stateWord } from './states.tsx';
import { eventWords, explainIgnored, short } from './words.ts';

/** Branches and tags that a line names; the others are counted. */
const NAMED = 3;

type Props = {
  delivery: DeliveryItem;
  place: Place;
  onOpen: (id: string) => void;
  onOpenWorkflow: (id: string) => void;
};

/** What Bitbucket told us, and what came of it. */
export function DeliveryLine({ delivery, place, onOpen, onOpenWorkflow }: Props) {
  const { id, at, event, state, reason, actor, moves, workflows } = delivery;
  const more = moves.length - NAMED;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateMark state={state} />
        <Opener onOpen={() => onOpen(id)}>
          {eventWords(event)}
          {actor && ` by ${actor}`}
        </Opener>
        <span className="text-small text-ink-soft">
          <Moment at={at} />
        </span>
      </p>
      {moves.length > 0 && (
        <p className="text-small">
          {moves.slice(0, NAMED).map(({ refType, refName, newHash, message }, index) => (
            <span key={`${refType} ${refName}`}>
              {index > 0 && ', '}
              {refType === 'tag' && 'tag '}
              <Code>{refName}</Code>{' '}
              {newHash ? (
                <>
                  to <Code>{short(newHash)}</Code>
                  {message && moves.length === 1 && ` “${message}”`}
                </>
              ) : (
                'deleted'
              )}
            </span>
          ))}
          {more > 0 && ` and ${more}${moves.length === 10 ? ' or more' : ''} others`}
        </p>
      )}
      {reason && reason !== 'left-out' && (
        <p className="text-small text-ink-soft">{explainIgnored(reason)}</p>
      )}
      <LeftOut delivery={delivery} place={place} />
      {workflows.length > 0 && (
        <ul className="flex flex-wrap gap-x-4">
          {workflows.slice(0, NAMED).map(({ id: workflowId, ref, state: how }) => (
            <li key={workflowId}>
              <Opener small onOpen={() => onOpenWorkflow(workflowId)}>
                Workflow for {ref.name}: {stateWord(how).toLowerCase()}
              </Opener>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

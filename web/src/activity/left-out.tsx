import type { DeliveryItem } from 'bff';
import { paths } from '../paths.ts';
import { Code } from '../ui/code.tsx';
import { InnerLink } from '../ui/links.tsx';
import type { Place } from './queries.ts';
import { explainIgnored, explainLeftOut } from './words.ts';

/** Branches and tags that are named; the others are counted. */
const NAMED = 3;

/** What the project's settings left out of a push, and where they are; nothing, when that was nothing. */
export function LeftOut({ delivery: { moves, reason }, place }: { delivery: DeliveryItem; place: Place }) {
  const byWhy = Object.entries(
    Object.groupBy(moves, ({ leftOut, refType }) => (leftOut ? explainLeftOut(leftOut, refType) : '')),
  ).filter(([why]) => why !== '');
  if (byWhy.length === 0 && reason !== 'left-out') return null;
  /** Nothing else moved, or nothing else is to be told apart. */
  const alike = reason === 'left-out' && byWhy.length === 1;
  return (
    <p className="text-small text-ink-soft">
      {byWhy.length === 0 && `${explainIgnored('left-out')} `}
      {byWhy.map(([why, left = []]) => (
        <span key={why}>
          Left out{alike ? '' : ' '}
          {!alike &&
            left.slice(0, NAMED).map(({ refName }, index) => (
              <span key={refName}>
                {index > 0 && ', '}
                <Code>{refName}</Code>
              </span>
            ))}
          {!alike && left.length > NAMED && ` and ${left.length - NAMED} more`}: {why}{' '}
        </span>
      ))}
      <InnerLink to={paths.general(place.org, place.project)}>General settings</InnerLink>
    </p>
  );
}

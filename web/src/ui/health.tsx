import type { FindingState } from 'bff';
import { CheckIcon, CrossIcon, DashIcon } from './icons.tsx';

const STATES = {
  healthy: { word: 'Healthy', tone: 'text-good', icon: <CheckIcon /> },
  broken: { word: 'Broken', tone: 'text-bad', icon: <CrossIcon /> },
  'not-checked': { word: 'Not checked', tone: 'text-ink-soft', icon: <DashIcon /> },
} satisfies Record<FindingState, object>;

/** How something stands: a shape of its own, and the word beside it. */
export function Health({ state }: { state: FindingState }) {
  const { word, tone, icon } = STATES[state];
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${tone}`}>
      <span role="img" aria-label={word} className="inline-flex">
        {icon}
      </span>
      {/* The picture has said it already to those who listen. */}
      <span aria-hidden="true">{word}</span>
    </span>
  );
}

import type { ReactNode } from 'react';
import { AlertIcon, CheckIcon, InfoIcon } from './icons.tsx';

type Tone = 'bad' | 'good' | 'note';

const TONES: Record<Tone, { box: string; icon: ReactNode }> = {
  bad: { box: 'border-bad bg-bad-soft', icon: <AlertIcon className="text-bad" /> },
  good: { box: 'border-good bg-good-soft', icon: <CheckIcon className="text-good" /> },
  note: { box: 'border-note bg-note-soft', icon: <InfoIcon className="text-note" /> },
};

/** Says what happened, where it happened; a bad one interrupts, the others wait their turn. */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }) {
  const { box, icon } = TONES[tone];
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`flex gap-3 rounded-field border border-s-4 px-4 py-3 text-base ${box}`}
    >
      <span className="mt-0.5 shrink-0">{icon}</span>
      <div className="grid min-w-0 gap-2">{children}</div>
    </div>
  );
}

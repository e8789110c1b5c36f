import { type ReactNode, useEffect, useRef } from 'react';
import { AlertIcon, CheckIcon, InfoIcon } from './icons.tsx';

type Tone = 'bad' | 'good' | 'note';

const TONES: Record<Tone, { box: string; icon: ReactNode }> = {
  bad: { box: 'border-bad bg-bad-soft', icon: <AlertIcon className="text-bad" /> },
  good: { box: 'border-good bg-good-soft', icon: <CheckIcon className="text-good" /> },
  note: { box: 'border-note bg-note-soft', icon: <InfoIcon className="text-note" /> },
};

/**
 * Says what happened, where it happened; a bad one interrupts, the others wait their turn. It takes the focus when what
 * had it is gone, as after the last button of a dialog.
 */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }) {
  const { box, icon } = TONES[tone];
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Before the first key or press there is no focus to lose, and it is the browser's to give.
    if (!navigator.userActivation?.hasBeenActive) return;
    const frame = requestAnimationFrame(() => {
      if (document.activeElement === document.body) ref.current?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <div
      ref={ref}
      tabIndex={-1}
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`flex gap-3 rounded-field border border-s-4 px-4 py-3 text-base ${box}`}
    >
      <span className="mt-0.5 shrink-0">{icon}</span>
      <div className="grid min-w-0 gap-2">{children}</div>
    </div>
  );
}

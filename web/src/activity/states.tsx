/** Kinds of lines, and the states that each can be in. */
import type { ActivityKind, ActivityState, OperationView } from 'bff';
import type { ReactNode } from 'react';
import { CheckIcon, CrossIcon, DashIcon, RingIcon, SpinIcon } from '../ui/icons.tsx';

export type Kind = ActivityKind | 'operation';
export type State = ActivityState | OperationView['state'];

export const KINDS: Record<Kind, string> = {
  workflow: 'Workflows',
  delivery: 'Deliveries',
  operation: 'What was done with the project',
};

const STATES: Record<State, { word: string; tone: string; icon: ReactNode }> = {
  received: { word: 'Received', tone: 'text-note', icon: <SpinIcon /> },
  done: { word: 'Done', tone: 'text-good', icon: <CheckIcon /> },
  ignored: { word: 'Ignored', tone: 'text-ink-soft', icon: <DashIcon /> },
  created: { word: 'Created', tone: 'text-note', icon: <SpinIcon /> },
  reading: { word: 'Reading the pipeline file', tone: 'text-note', icon: <SpinIcon /> },
  waiting: { word: 'Waiting for a runner', tone: 'text-doubt', icon: <RingIcon /> },
  'handing-over': { word: 'Being handed over', tone: 'text-note', icon: <SpinIcon /> },
  'handed-over': { word: 'Handed over', tone: 'text-good', icon: <CheckIcon /> },
  failed: { word: 'Failed', tone: 'text-bad', icon: <CrossIcon /> },
  running: { word: 'Under way', tone: 'text-note', icon: <SpinIcon /> },
};

export const stateWord = (state: State) => STATES[state].word;

export const STATES_OF: Record<Kind, readonly State[]> = {
  workflow: ['created', 'reading', 'waiting', 'handing-over', 'handed-over', 'failed'],
  delivery: ['received', 'done', 'ignored'],
  operation: ['running', 'done', 'failed'],
};
export const ALL_STATES = Object.keys(STATES) as State[];

export function StateMark({ state }: { state: State }) {
  const { word, tone, icon } = STATES[state];
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium ${tone}`}>
      {icon}
      {word}
    </span>
  );
}

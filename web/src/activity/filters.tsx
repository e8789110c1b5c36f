import type { ActivityState, ActivityView, OperationView } from 'bff';
import { useSearchParams } from 'wouter';
import { Select } from '../ui/select.tsx';
import type { Filters } from './queries.ts';
import { ALL_STATES, KINDS, type Kind, STATES_OF, type State, stateWord } from './states.tsx';

export type Choice = { kind: Kind | null; state: State | null };

/** What the page's address says; null: everything. */
export function useChoice(): [Choice, (choice: Choice) => void] {
  const [search, setSearch] = useSearchParams();
  const kind = (Object.keys(KINDS) as Kind[]).find((each) => each === search.get('kind')) ?? null;
  const possible = kind ? STATES_OF[kind] : ALL_STATES;
  const state = possible.find((each) => each === search.get('state')) ?? null;
  const choose = (choice: Choice) =>
    setSearch(
      new URLSearchParams({
        ...(choice.kind && { kind: choice.kind }),
        ...(choice.state && { state: choice.state }),
      }),
      {
        replace: true,
      },
    );
  return [{ kind, state }, choose];
}

/** What the list of deliveries and workflows is asked for; what was done with the project is known anyway. */
export function filtersOf({ kind, state }: Choice): Filters {
  return {
    ...(kind && kind !== 'operation' && { kind }),
    ...(state && kind !== 'operation' && isOfList(state) && { state }),
  };
}

const isOfList = (state: State): state is ActivityState => state !== 'running';

export type Line =
  | ActivityView['items'][number]
  | { kind: 'operation'; id: string; at: string; operation: OperationView };

/** One list, the newest first. What is older than the last line that came waits until those before it are there. */
export function linesOf(
  { items, next }: ActivityView,
  operations: OperationView[],
  { kind, state }: Choice,
): Line[] {
  const listed: Line[] = kind === 'operation' || state === 'running' ? [] : items;
  const oldest = next === null ? undefined : listed.at(-1)?.at;
  const done = kind === null || kind === 'operation' ? operations : [];
  const added = done
    .filter((each) => (state === null || each.state === state) && (!oldest || each.startedAt >= oldest))
    .map((operation): Line => ({ kind: 'operation', id: operation.id, at: operation.startedAt, operation }));
  return [...listed, ...added].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

export function FilterBar({ choice, onChoose }: { choice: Choice; onChoose: (choice: Choice) => void }) {
  const { kind, state } = choice;
  const states = kind ? STATES_OF[kind] : ALL_STATES;
  return (
    <>
      <Select<Kind | 'all'>
        label="Show"
        value={kind ?? 'all'}
        options={[
          ['all', 'Everything'],
          ...(Object.keys(KINDS) as Kind[]).map((each) => [each, KINDS[each]] as const),
        ]}
        onChange={(value) => {
          const next = value === 'all' ? null : value;
          const fits = state !== null && (next === null || STATES_OF[next].includes(state));
          onChoose({ kind: next, state: fits ? state : null });
        }}
      />
      <Select<State | 'all'>
        label="State"
        value={state ?? 'all'}
        options={[['all', 'Any'], ...states.map((each) => [each, stateWord(each)] as const)]}
        onChange={(value) => onChoose({ kind, state: value === 'all' ? null : value })}
      />
    </>
  );
}

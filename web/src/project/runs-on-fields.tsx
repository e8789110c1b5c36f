import type { ProjectView } from 'bff';
import { Code } from '../ui/code.tsx';
import { Notice } from '../ui/notice.tsx';
import { TextArea } from '../ui/text-area.tsx';
import { type RunsOnDraft, wordsOfPullRequests } from './runs-on.ts';

const HOW = 'One on each line: its exact name, or a /regular expression/ that matches anywhere in it.';
const KINDS = [
  { kind: 'branches', name: 'Branches', only: 'Only these branches', hint: `${HOW} Empty: every branch.` },
  { kind: 'tags', name: 'Tags', only: 'Only these tags', hint: `${HOW} Empty: every tag.` },
] as const;

type Props = {
  draft: RunsOnDraft;
  runOn: ProjectView['project']['runOn'];
  onChange: (draft: RunsOnDraft) => void;
  /** What is wrong with a list. */
  errors: Record<keyof RunsOnDraft, string | undefined>;
};

/** Which pushes start workflows. */
export function RunsOnFields({ draft, runOn, onChange, errors }: Props) {
  const pullRequests = wordsOfPullRequests({ runOn });
  return (
    <fieldset className="grid min-w-0 gap-4">
      <legend className="float-start text-lead font-semibold">What starts workflows</legend>
      {KINDS.map(({ kind, name, only, hint }) => {
        const { on } = draft[kind];
        const set = (change: Partial<RunsOnDraft['branches']>) =>
          onChange({ ...draft, [kind]: { ...draft[kind], ...change } });
        return (
          <div key={kind} className="grid gap-2">
            <label className="flex min-h-11 w-fit cursor-pointer items-center gap-3 font-medium">
              <input
                type="checkbox"
                checked={on}
                onChange={(event) => set({ on: event.target.checked })}
                className="size-4.5 shrink-0 accent-action"
              />
              {name}
            </label>
            {(on || errors[kind]) && (
              <div className="ps-7.5">
                <TextArea
                  label={only}
                  value={draft[kind].only}
                  spellCheck={false}
                  autoCapitalize="none"
                  autoComplete="off"
                  hint={hint}
                  error={errors[kind]}
                  onChange={(event) => set({ only: event.target.value })}
                />
              </div>
            )}
          </div>
        );
      })}
      {!draft.branches.on && !draft.tags.on && (
        <Notice tone="note">
          <p>No push starts a workflow. A branch can still be run by hand, on the Activity page.</p>
        </Notice>
      )}
      {pullRequests && <p className="text-small text-ink-soft">{pullRequests}</p>}
    </fieldset>
  );
}

/** The same for whoever changes nothing. */
export function RunsOnFacts({ runOn, whitelist }: Pick<ProjectView['project'], 'runOn' | 'whitelist'>) {
  const pullRequests = wordsOfPullRequests({ runOn });
  return (
    <>
      {KINDS.map(({ kind, name }) => (
        <div key={kind}>
          <dt className="font-semibold">{name} that start workflows</dt>
          <dd>
            {!runOn.includes(kind) ? (
              'None'
            ) : whitelist[kind].length === 0 ? (
              'All'
            ) : (
              <ul>
                {[...new Set(whitelist[kind])].map((entry) => (
                  <li key={entry}>
                    <Code>{entry}</Code>
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </div>
      ))}
      {pullRequests && (
        <div>
          <dt className="font-semibold">Pull requests</dt>
          <dd className="text-ink-soft">{pullRequests}</dd>
        </div>
      )}
    </>
  );
}

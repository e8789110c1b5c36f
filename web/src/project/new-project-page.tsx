import type { ChoiceFault, RepositoryChoice } from 'bff';
import { useMemo, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { type AnyProblemCode, Problem } from '../api.ts';
import { explainFault } from '../connection-words.ts';
import { NotFoundPage } from '../not-found.tsx';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Field } from '../ui/field.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useCreateProject } from './queries.ts';
import { type Choices, useChoices } from './repository-choices.ts';
import { suggestName } from './suggest-name.ts';

const AT_NAME: AnyProblemCode[] = ['invalid-project-name', 'project-name-taken'];
/** More rows than this help nobody who looks for one. */
const MOST_ROWS = 100;

/** Picks a repository and a name; what follows is shown where it happens, on the Repository tab. */
export function NewProjectPage() {
  const { org = '' } = useParams();
  return <NewProject key={org} org={org} />;
}

function NewProject({ org }: { org: string }) {
  const choices = useChoices(org);
  const [uuid, setUuid] = useState<string | null>(null);
  /** Null: follows the repository. */
  const [typedName, setTypedName] = useState<string | null>(null);
  const create = useCreateProject(org);
  const [, navigate] = useLocation();
  const chosen = choices.repositories.find((each) => each.uuid === uuid);
  const name = typedName ?? (chosen ? suggestName(chosen.fullName) : '');
  const { problem } = choices;
  const code = problem instanceof Problem ? problem.code : null;
  if (code === 'not-found') return <NotFoundPage />;
  const refused = create.error;
  const atName = refused instanceof Problem && AT_NAME.includes(refused.code);

  return (
    <Page title="New project">
      <p className="-mt-5 text-ink-soft">
        Back to <InnerLink to={paths.organization(org)}>the projects</InnerLink>
      </p>
      {choices.state === 'failed' ? (
        <NoChoices choices={choices} code={code} />
      ) : (
        <Card>
          <form
            className="grid gap-6"
            onSubmit={(event) => {
              event.preventDefault();
              if (!chosen) return;
              create.mutate(
                { repository: chosen.uuid, name },
                { onSuccess: (made) => navigate(paths.repository(org, made.name)) },
              );
            }}
          >
            <Repositories choices={choices} chosen={uuid} onChoose={setUuid} />
            <Field
              label="Project name"
              value={name}
              maxLength={80}
              spellCheck={false}
              autoCapitalize="none"
              onChange={(event) => {
                setTypedName(event.target.value);
                create.reset();
              }}
              hint="Letters, digits, dots, underscores and hyphens."
              error={atName ? explain(refused) : undefined}
            />
            <p className="text-small text-ink-soft">
              {chosen ? (
                <>
                  One deploy key and one webhook are made at Bitbucket on{' '}
                  <span className="font-medium text-ink">{chosen.fullName}</span>. You see each step as it
                  happens.
                </>
              ) : (
                'Choose a repository above. One deploy key and one webhook are made on it at Bitbucket.'
              )}
            </p>
            {refused && !atName && (
              <Notice tone="bad">
                <p>{explain(refused)}</p>
              </Notice>
            )}
            <div>
              <Button
                type="submit"
                look="primary"
                busy={create.isPending || create.isSuccess}
                disabled={!chosen || name.trim() === ''}
              >
                Create project
              </Button>
            </div>
          </form>
        </Card>
      )}
    </Page>
  );
}

/** Nothing can be chosen, and why. */
function NoChoices({ choices, code }: { choices: Choices; code: AnyProblemCode | null }) {
  const grant = code === 'grant-needed' || code === 'scope-missing';
  return (
    <Card className="grid gap-4">
      {grant ? (
        <>
          <p role="alert">
            {code === 'grant-needed'
              ? 'Repositories are reached through your own connection to Bitbucket, which gives no access just now.'
              : 'What you granted at Bitbucket covers too little to connect repositories.'}
          </p>
          <p>
            Use “Grant access” on <InnerLink to={paths.account}>your account page</InnerLink>, then come back
            here.
          </p>
        </>
      ) : (
        <>
          <p role="alert">{explain(choices.problem)}</p>
          {code !== 'not-allowed' && (
            <div>
              <Button onClick={choices.again}>Try again</Button>
            </div>
          )}
        </>
      )}
    </Card>
  );
}

function Repositories({
  choices,
  chosen,
  onChoose,
}: {
  choices: Choices;
  chosen: string | null;
  onChoose: (uuid: string) => void;
}) {
  const [search, setSearch] = useState('');
  const { repositories, faults, state, again } = choices;
  const sorted = useMemo(
    () => repositories.toSorted((a, b) => (a.fullName < b.fullName ? -1 : 1)),
    [repositories],
  );
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = sorted.filter(({ fullName, name }) => {
    const text = `${fullName} ${name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const shown = found.slice(0, MOST_ROWS);
  const more = found.length - shown.length;
  return (
    <fieldset className="grid min-w-0 gap-4" aria-busy={state === 'reading' || undefined}>
      <legend className="float-start text-lead font-semibold">Repository</legend>
      <Field
        label="Search repositories"
        type="search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        onKeyDown={(event) => {
          // Enter looks, it creates nothing.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      <ul
        aria-label="Repositories"
        className="h-80 divide-y divide-line overflow-y-auto overscroll-contain rounded-field border border-line"
      >
        {shown.map((each) => (
          <Choice
            key={each.uuid}
            choice={each}
            chosen={each.uuid === chosen}
            onChoose={() => onChoose(each.uuid)}
          />
        ))}
        {shown.length === 0 && state === 'reading' && (
          <li className="grid gap-3 p-4">
            <Skeleton className="h-6" />
            <Skeleton className="h-6 w-3/4" />
            <Skeleton className="h-6 w-5/6" />
          </li>
        )}
        {shown.length === 0 && state !== 'reading' && (
          <li className="p-4 text-ink-soft">
            {repositories.length === 0
              ? 'Your account at Bitbucket shows no repository.'
              : 'No repository matches the search.'}
          </li>
        )}
      </ul>
      <p role="status" className="min-h-6 text-small text-ink-soft">
        {state === 'reading'
          ? `Reading your workspaces… ${repositories.length} so far.`
          : `${found.length} ${found.length === 1 ? 'repository' : 'repositories'}.`}
        {more > 0 && ` ${more} more: refine the search.`}
      </p>
      {faults.map((fault) => (
        <WorkspaceFault key={fault.workspace ?? ''} fault={fault} again={again} />
      ))}
      {state === 'cut' && (
        <Notice tone="bad">
          <p>The list broke off, so some repositories may be missing.</p>
          <div>
            <Button onClick={again}>Try again</Button>
          </div>
        </Notice>
      )}
    </fieldset>
  );
}

function Choice({
  choice: { uuid, fullName, isPrivate, addable, projects },
  chosen,
  onChoose,
}: {
  choice: RepositoryChoice;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    <li>
      <label className="flex min-h-12 items-center gap-3 px-4 py-2 has-enabled:cursor-pointer has-enabled:hover:bg-sunken has-checked:bg-note-soft">
        <input
          type="radio"
          name="repository"
          value={uuid}
          checked={chosen}
          disabled={!addable}
          aria-label={fullName}
          aria-describedby={`about-${uuid}`}
          onChange={onChoose}
          className="size-4.5 shrink-0 accent-action"
        />
        <span className="min-w-0">
          <span className={addable ? 'font-medium' : 'text-ink-soft'}>{fullName}</span>
          <span id={`about-${uuid}`} className="block text-small text-ink-soft">
            {isPrivate ? 'Private' : 'Public'}
            {!addable && ' · You have no admin right on it, which making a key and a webhook takes'}
            {projects.length > 0 && ` · Used by ${projects.join(', ')} already`}
          </span>
        </span>
      </label>
    </li>
  );
}

function WorkspaceFault({ fault: { workspace, code }, again }: { fault: ChoiceFault; again: () => void }) {
  return (
    <Notice tone="bad">
      <p>
        {workspace === null ? 'Not every workspace could be found.' : `${workspace} could not be read.`}{' '}
        {faultWords(code)}
      </p>
      <div>
        <Button onClick={again}>Try again</Button>
      </div>
    </Notice>
  );
}

function faultWords(code: ChoiceFault['code']): string {
  if (code === 'grant-needed') return explain(new Problem(code));
  if (code === 'not-allowed') return 'Bitbucket does not allow your account to list its repositories.';
  return explainFault(code, 'Bitbucket');
}

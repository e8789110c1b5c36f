import { useQuery } from '@tanstack/react-query';
import type { ProjectSummary } from 'bff';
import { useId, useState } from 'react';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { projectsQuery } from '../project/queries.ts';
import { titleOf } from '../repository/titles.ts';
import { ButtonLink } from '../ui/button-link.tsx';
import { Card } from '../ui/card.tsx';
import { Field } from '../ui/field.tsx';
import { Health } from '../ui/health.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

/** With fewer projects than this one sees at once where each is. */
const SEARCHED_FROM = 6;
/** How often the list is asked anew while it is looked at, in milliseconds. */
const ASK_EVERY = 30_000;

/** The projects of an organization with their health at a glance; without one, what one would do. */
export function Projects({ org }: { org: string }) {
  const { data, error } = useQuery({ ...projectsQuery(org), refetchInterval: ASK_EVERY });
  const [search, setSearch] = useState('');
  if (!data && error) {
    return (
      <Notice tone="bad">
        <p>{explain(error)}</p>
      </Notice>
    );
  }
  if (!data) return <Skeleton className="h-48" />;
  const { projects, canCreate } = data;
  if (projects.length === 0) return <Welcome org={org} canCreate={canCreate} />;
  const wanted = search.trim().toLowerCase();
  const found = projects.filter(({ name, repository }) =>
    `${name} ${repository}`.toLowerCase().includes(wanted),
  );
  return (
    <section aria-labelledby="projects" className="grid gap-4">
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-3">
        <h2 id="projects" className="text-lead font-semibold">
          Projects
        </h2>
        {canCreate && <ButtonLink to={paths.newProject(org)}>New project</ButtonLink>}
      </div>
      {projects.length >= SEARCHED_FROM && (
        <Field
          label="Search projects"
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      )}
      <ul
        aria-labelledby="projects"
        className="divide-y divide-line rounded-card border border-line bg-surface shadow-card"
      >
        {found.map((project) => (
          <Project key={project.name} org={org} project={project} />
        ))}
        {found.length === 0 && <li className="p-5 text-ink-soft">No project matches the search.</li>}
      </ul>
    </section>
  );
}

const STATES: Record<Exclude<ProjectSummary['state'], 'ready'>, string> = {
  creating: 'Is being created.',
  deleting: 'Is being deleted.',
};

function Project({ org, project }: { org: string; project: ProjectSummary }) {
  const { name, repository, state, health, cause, checkedAt } = project;
  const nameId = useId();
  const tab = paths.repository(org, name);
  const words = cause && titleOf(cause, { facts: {}, owner: null, you: false, repository, path: null });
  return (
    <li
      aria-labelledby={nameId}
      className="grid gap-x-6 gap-y-1 p-4 sm:grid-cols-[minmax(0,1fr)_auto] sm:px-6"
    >
      <div className="min-w-0">
        <p id={nameId} className="font-semibold">
          <InnerLink to={paths.project(org, name)}>{name}</InnerLink>
        </p>
        <p className="text-small text-ink-soft">{repository}</p>
      </div>
      <p className="sm:text-end">
        <Health state={state === 'ready' ? health : 'not-checked'} />
        {checkedAt && state === 'ready' && (
          <span className="block text-small text-ink-soft max-sm:ms-2 max-sm:inline">
            checked <Moment at={checkedAt} />
          </span>
        )}
      </p>
      {(words || state !== 'ready') && (
        <p className="text-small sm:col-span-2">
          {state === 'ready' ? words : STATES[state]} <InnerLink to={tab}>See the repository</InnerLink>
        </p>
      )}
    </li>
  );
}

function Welcome({ org, canCreate }: { org: string; canCreate: boolean }) {
  return (
    <Card className="grid gap-6">
      <div className="grid gap-2">
        <h2 className="text-lead font-semibold">Welcome. There is no project here yet.</h2>
        <p>
          A project ties a repository at Bitbucket to Semaphore. It reads the repository with a deploy key and
          hears of pushes through a webhook, so that every push can start a workflow.
        </p>
        {canCreate && (
          <p className="pt-2">
            <ButtonLink to={paths.newProject(org)}>New project</ButtonLink>
          </p>
        )}
      </div>
      <div className="grid gap-2 border-t border-line pt-6">
        <h3 className="font-semibold">What it builds on</h3>
        <p>
          Repositories are reached through your connection to Bitbucket.{' '}
          <InnerLink to={paths.account}>See how your connections stand</InnerLink>.
        </p>
      </div>
    </Card>
  );
}

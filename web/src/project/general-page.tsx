import { useQuery } from '@tanstack/react-query';
import type { ProjectView } from 'bff';
import { type ReactNode, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { type AnyProblemCode, Problem } from '../api.ts';
import { NotFoundPage } from '../not-found.tsx';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Field } from '../ui/field.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { PageSkeleton } from '../ui/skeleton.tsx';
import { TextArea } from '../ui/text-area.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { ProjectFrame } from './project-frame.tsx';
import { projectQuery, useChangeProject } from './queries.ts';
import { draftOf, runsOnOf } from './runs-on.ts';
import { RunsOnFacts, RunsOnFields } from './runs-on-fields.tsx';

const AT_NAME: AnyProblemCode[] = ['invalid-project-name', 'project-name-taken'];
const AT_FILE: AnyProblemCode[] = ['invalid-pipeline-file'];
const AT_BRANCHES: AnyProblemCode[] = ['invalid-branch-whitelist'];
const AT_TAGS: AnyProblemCode[] = ['invalid-tag-whitelist'];
const AT_A_FIELD = [...AT_NAME, ...AT_FILE, ...AT_BRANCHES, ...AT_TAGS];

/** What a project is called, where its pipeline file is, what starts workflows, and its end. */
export function GeneralPage() {
  const { org = '', project = '' } = useParams();
  const { data, error } = useQuery(projectQuery(org, project));
  if (error instanceof Problem && error.code === 'not-found') return <NotFoundPage />;
  if (!data && error) throw error;
  if (!data) return <PageSkeleton />;
  const view = data as ProjectView;
  return (
    <ProjectFrame organization={view.organization} project={view.project.name} tab="General">
      <Card>
        {view.canChange ? <Form key={view.project.id} org={org} view={view} /> : <Facts view={view} />}
      </Card>
      {view.canChange && <Deletion org={org} view={view} />}
    </ProjectFrame>
  );
}

function Form({ org, view: { project } }: { org: string; view: ProjectView }) {
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const [pipelineFile, setPipelineFile] = useState(project.pipelineFile);
  const [runsOn, setRunsOn] = useState(() => draftOf(project));
  // What the form began with: only what differs from it is sent, so that an old page undoes nobody's work.
  const [shown, setShown] = useState(project);
  const change = useChangeProject(org, project.name);
  const [, navigate] = useLocation();
  const problem = change.error;
  const at = (codes: AnyProblemCode[]) =>
    problem instanceof Problem && codes.includes(problem.code) ? explain(problem) : undefined;
  const typing = (set: (value: string) => void) => (event: { target: { value: string } }) => {
    set(event.target.value);
    change.reset();
  };
  return (
    <form
      className="grid gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = { description, pipelineFile, ...runsOnOf(runsOn, shown) };
        // Through the same hands, so that both have their parts in the same order.
        const untouched = { ...shown, ...runsOnOf(draftOf(shown), shown) };
        change.mutate(
          // The name is in the address: with an old one nothing is found.
          { name, ...changesOf(wanted, untouched) },
          {
            onSuccess: (saved) => {
              setName(saved.project.name);
              setDescription(saved.project.description);
              setPipelineFile(saved.project.pipelineFile);
              setRunsOn(draftOf(saved.project));
              setShown(saved.project);
              if (saved.project.name !== project.name)
                navigate(paths.general(org, saved.project.name), { replace: true });
            },
          },
        );
      }}
    >
      <Field
        label="Name"
        value={name}
        maxLength={80}
        spellCheck={false}
        onChange={typing(setName)}
        hint="It stands in the project’s address: links to the old one lead nowhere."
        error={at(AT_NAME)}
      />
      <TextArea label="Description" value={description} maxLength={500} onChange={typing(setDescription)} />
      <Field
        label="Pipeline file"
        value={pipelineFile}
        spellCheck={false}
        autoCapitalize="none"
        onChange={typing(setPipelineFile)}
        hint="Its path in the repository. Where it is not .semaphore/semaphore.yml, say so here."
        error={at(AT_FILE)}
      />
      <RunsOnFields
        draft={runsOn}
        runOn={project.runOn}
        errors={{ branches: at(AT_BRANCHES), tags: at(AT_TAGS) }}
        onChange={(draft) => {
          setRunsOn(draft);
          change.reset();
        }}
      />
      {problem && !at(AT_A_FIELD) && (
        <Notice tone="bad">
          <p>{explain(problem)}</p>
        </Notice>
      )}
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" look="primary" busy={change.isPending} disabled={project.state === 'deleting'}>
          Save changes
        </Button>
        <p role="status" className="text-good">
          {change.isSuccess && 'Saved.'}
        </p>
      </div>
    </form>
  );
}

function changesOf<T extends object>(wanted: T, shown: T): Partial<T> {
  const differs = (key: string) =>
    JSON.stringify(wanted[key as keyof T]) !== JSON.stringify(shown[key as keyof T]);
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => differs(key))) as Partial<T>;
}

/** For a member, who changes nothing. */
function Facts({ view: { project } }: { view: ProjectView }) {
  const facts: [string, ReactNode][] = [
    ['Name', project.name],
    ['Description', project.description || 'None'],
    ['Pipeline file', <code key="file">{project.pipelineFile}</code>],
    ['Repository', project.repository],
    ['Created', <Moment key="at" at={project.createdAt} />],
  ];
  return (
    <dl className="grid gap-4">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt className="font-semibold">{term}</dt>
          <dd className="whitespace-pre-line">{value}</dd>
        </div>
      ))}
      <RunsOnFacts {...project} />
    </dl>
  );
}

function Deletion({ org, view: { project } }: { org: string; view: ProjectView }) {
  const [asking, setAsking] = useState(false);
  return (
    <Card className="grid gap-4">
      <h2 className="text-lead font-semibold">Delete this project</h2>
      <p>Its deploy key and webhook are removed at Bitbucket. The repository itself stays as it is.</p>
      <div>
        <Button look="danger" disabled={project.state === 'deleting'} onClick={() => setAsking(true)}>
          Delete project…
        </Button>
      </div>
      {asking && <DeleteDialog place={{ org, project: project.name }} onClose={() => setAsking(false)} />}
    </Card>
  );
}

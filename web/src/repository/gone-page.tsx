import type { OperationView } from 'bff';
import { paths } from '../paths.ts';
import { Card } from '../ui/card.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Page } from '../ui/page.tsx';
import { Leftovers } from './leftovers.tsx';
import type { Place } from './queries.ts';

/** The project went while one looked at it: it was deleted, or could not be created. */
export function GonePage({ place: { org, project }, operation }: { place: Place; operation: OperationView }) {
  const { kind, problem } = operation;
  const back = <InnerLink to={paths.organization(org)}>To the projects</InnerLink>;
  if (kind === 'create') {
    return (
      <Page title={`${project} was not created`}>
        <Card className="grid gap-4">
          <p role="alert">{problem?.message} What had been made for it at Bitbucket is removed again.</p>
          <Leftovers operation={operation} />
          <p>
            <InnerLink to={paths.newProject(org)}>Try it again</InnerLink> · {back}
          </p>
        </Card>
      </Page>
    );
  }
  return (
    <Page title={`${project} is deleted`}>
      <Card className="grid gap-4">
        <p role="status">
          {operation.leftovers.length > 0
            ? 'Not everything could be removed at Bitbucket:'
            : 'Its deploy key and webhook are removed at Bitbucket.'}
        </p>
        <Leftovers operation={operation} />
        <p>{back}</p>
      </Card>
    </Page>
  );
}

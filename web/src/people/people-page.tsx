import { useQuery } from '@tanstack/react-query';
import type { PeopleView } from 'bff';
import { useState } from 'react';
import { useParams } from 'wouter';
import { Problem } from '../api.ts';
import { NotFoundPage } from '../not-found.tsx';
import { paths } from '../paths.ts';
import { Card } from '../ui/card.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { PageSkeleton } from '../ui/skeleton.tsx';
import { Invitations } from './invitations.tsx';
import { InviteForm } from './invite-form.tsx';
import { PersonRow } from './person-row.tsx';
import { peopleQuery } from './queries.ts';

/** Who belongs to an organization; owners and admins decide here who does. */
export function PeoplePage() {
  const { org = '' } = useParams();
  // By its address, so that another organization's page starts afresh.
  return <People key={org} org={org} />;
}

function People({ org }: { org: string }) {
  /** The name of the organization that one has left. */
  const [left, setLeft] = useState<string | null>(null);
  if (left === null) return <Members org={org} onLeft={setLeft} />;
  return (
    <Page title={`You have left ${left}`}>
      <Card>
        <p role="status">
          You do not belong to {left} any more. Go to <InnerLink to={paths.account}>your account</InnerLink>.
        </p>
      </Card>
    </Page>
  );
}

function Members({ org, onLeft }: { org: string; onLeft: (organization: string) => void }) {
  const { data, error } = useQuery(peopleQuery(org));
  const [done, setDone] = useState<string | null>(null);
  if (error instanceof Problem && error.code === 'not-found') return <NotFoundPage />;
  if (error) throw error;
  if (!data) return <PageSkeleton />;
  const { organization, givable, people }: PeopleView = data;
  return (
    <Page title={`People of ${organization}`}>
      <p className="-mt-5 text-ink-soft">
        Back to <InnerLink to={paths.organization(org)}>{organization}</InnerLink>
      </p>
      {done && (
        <Notice tone="good">
          <p>{done}</p>
        </Notice>
      )}
      <Card>
        <ul aria-label="People" className="grid divide-y divide-line">
          {people.map((person) => (
            <PersonRow
              key={person.id}
              org={org}
              organization={organization}
              givable={givable}
              person={person}
              onDone={setDone}
              onLeft={() => onLeft(organization)}
            />
          ))}
        </ul>
      </Card>
      {givable.length > 0 && (
        <Card className="grid gap-8">
          <InviteForm org={org} givable={givable} />
          <Invitations org={org} onDone={setDone} />
        </Card>
      )}
    </Page>
  );
}

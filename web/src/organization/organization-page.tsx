import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router-dom';
import { Problem } from '../api.ts';
import { NotFoundPage } from '../not-found.tsx';
import { paths } from '../paths.ts';
import { Card } from '../ui/card.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Page } from '../ui/page.tsx';
import { PageSkeleton } from '../ui/skeleton.tsx';
import { organizationQuery } from './queries.ts';

/** An organization that has no project yet: says what one will do, and what it needs. */
export function OrganizationPage() {
  const { org = '' } = useParams();
  const { data: organization, error } = useQuery(organizationQuery(org));
  // What one is no member of answers as if it were not there.
  if (error instanceof Problem && error.code === 'not-found') return <NotFoundPage />;
  if (error) throw error;
  if (!organization) return <PageSkeleton />;
  return (
    <Page title={organization.name}>
      <p className="-mt-5 text-ink-soft">
        You are {organization.role === 'member' ? 'a member' : `its ${organization.role}`}. Created{' '}
        <Moment at={organization.createdAt} />. <InnerLink to={paths.people(org)}>People</InnerLink>
      </p>
      <Card className="grid gap-6">
        <div className="grid gap-2">
          <h2 className="text-lead font-semibold">Welcome. There is no project here yet.</h2>
          <p>
            A project ties a repository at Bitbucket to Semaphore. It reads the repository with a deploy key
            and hears of pushes through a webhook, so that every push can start a workflow.
          </p>
        </div>
        <div className="grid gap-2 border-t border-line pt-6">
          <h3 className="font-semibold">What it builds on</h3>
          <p>
            Repositories are reached through your connection to Bitbucket.{' '}
            <InnerLink to={paths.account}>See how your connections stand</InnerLink>.
          </p>
        </div>
      </Card>
    </Page>
  );
}

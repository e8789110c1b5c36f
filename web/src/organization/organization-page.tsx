import { useQuery } from '@tanstack/react-query';
import { useParams } from 'wouter';
import { Problem } from '../api.ts';
import { NotFoundPage } from '../not-found.tsx';
import { paths } from '../paths.ts';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Page } from '../ui/page.tsx';
import { PageSkeleton } from '../ui/skeleton.tsx';
import { Projects } from './projects.tsx';
import { organizationQuery } from './queries.ts';

/** What an organization has, and how it stands. */
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
      <Projects key={org} org={org} />
    </Page>
  );
}

import { useQuery } from '@tanstack/react-query';
import type { InvitationView } from 'bff';
import { useLocation, useParams } from 'wouter';
import { Problem } from '../api.ts';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { useSession } from '../session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { PageSkeleton } from '../ui/skeleton.tsx';
import { invitationQuery, useJoin } from './queries.ts';
import { aRole, ROLE_MEANS } from './roles.ts';

/** What a link that somebody sent offers. Opening it changes nothing; only the button does. */
export function InvitationPage() {
  const { token = '' } = useParams();
  const { data: invitation, error } = useQuery(invitationQuery(token));
  if (error instanceof Problem && error.code === 'not-found') return <Ended why={NO_SUCH} />;
  if (error) throw error;
  if (!invitation) return <PageSkeleton />;
  if (invitation.state === 'open') return <OpenInvitation token={token} invitation={invitation} />;
  if (invitation.state === 'member') {
    const { organization, slug } = invitation;
    return (
      <Page title={`You belong to ${organization}`}>
        <Card>
          <p>
            You are one of its people already, so there is nothing to accept. Go to{' '}
            <InnerLink to={paths.organization(slug)}>{organization}</InnerLink>.
          </p>
        </Card>
      </Page>
    );
  }
  return <Ended why={ENDED[invitation.state]} />;
}

type Why = { title: string; words: string };

const ENDED: Record<Exclude<InvitationView['state'], 'open' | 'member'>, Why> = {
  expired: { title: 'This invitation has expired', words: 'Its time is over, so nobody can join by it.' },
  revoked: { title: 'This invitation was revoked', words: 'It was taken back, so nobody can join by it.' },
  used: { title: 'This invitation was used', words: 'It was for one person, and somebody has joined by it.' },
};
const NO_SUCH: Why = {
  title: 'There is no such invitation',
  words: 'The link may have been cut short on its way to you. Open it as a whole.',
};

function Ended({ why: { title, words } }: { why: Why }) {
  return (
    <Page title={title}>
      <Card>
        <p>{words} Otherwise ask the person who sent it for a new one.</p>
      </Card>
    </Page>
  );
}

function OpenInvitation({
  token,
  invitation,
}: {
  token: string;
  invitation: InvitationView & { state: 'open' };
}) {
  const { organization, role, invitedBy, expiresAt } = invitation;
  const { profile } = useSession();
  const join = useJoin(token);
  const [, navigate] = useLocation();
  const here = paths.invitation(token);
  return (
    <Page title={`Invitation to ${organization}`}>
      <Card className="grid gap-5">
        <p>
          <span className="font-semibold">{invitedBy}</span> invites you to join{' '}
          <span className="font-semibold">{organization}</span> as {aRole(role)}.
        </p>
        <p className="text-ink-soft">
          {ROLE_MEANS[role]} The invitation holds until <Moment at={expiresAt} form="exact" />.
        </p>
        {join.isError && (
          <Notice tone="bad">
            <p>{explain(join.error)}</p>
          </Notice>
        )}
        {profile ? (
          <>
            <p>You join as {profile.screenName}.</p>
            <div>
              <Button
                look="primary"
                busy={join.isPending || join.isSuccess}
                onClick={() =>
                  join.mutate(undefined, { onSuccess: ({ slug }) => navigate(paths.organization(slug)) })
                }
              >
                Join {organization}
              </Button>
            </div>
          </>
        ) : (
          <p className="border-t border-line pt-5">
            To join, <InnerLink to={paths.returning(paths.logIn, here)}>log in</InnerLink> or{' '}
            <InnerLink to={paths.returning(paths.signUp, here)}>sign up</InnerLink>. You come back here
            afterwards.
          </p>
        )}
      </Card>
    </Page>
  );
}

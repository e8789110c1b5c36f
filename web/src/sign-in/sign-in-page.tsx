import type { ProviderId } from 'bff';
import { Redirect, useSearchParams } from 'wouter';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { useJustLoggedOut, useSession } from '../session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { InnerLink, OuterLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { AttemptNotice } from './attempt-notice.tsx';
import { useLogIn } from './queries.ts';
import { useAttempt } from './use-attempt.ts';

const WORDS = {
  'sign-up': {
    title: 'Sign up',
    lead: 'Choose where your code lives. Your name, picture and confirmed address come from there.',
    other: { question: 'Already have a profile?', link: 'Log in', to: paths.logIn },
  },
  'log-in': {
    title: 'Log in',
    lead: 'Welcome back. Choose the account that you signed up with.',
    other: { question: 'New here?', link: 'Sign up', to: paths.signUp },
  },
} as const;

export function SignUpPage() {
  return <SignInPage page="sign-up" />;
}

export function LogInPage() {
  return <SignInPage page="log-in" />;
}

/** Signing up and logging in are the same walk; only the words differ. */
function SignInPage({ page }: { page: 'sign-up' | 'log-in' }) {
  const { profile, providers, supportUrl } = useSession();
  const { attempt, unknown } = useAttempt();
  const returnTo = useSearchParams()[0].get('return-to');
  const justLoggedOut = useJustLoggedOut();
  const logIn = useLogIn(page);
  const { title, lead, other } = WORDS[page];
  const taken = attempt?.problem?.code === 'email-taken' ? attempt.problem : null;

  // Where the address is taken, the way in that works is the one to point at.
  const wayIn = taken?.existingProviders[0]?.id;

  // Someone who is logged in has no business here, unless there is something to say.
  if (profile && !attempt?.problem && !unknown) {
    const local = returnTo?.startsWith('/') && !returnTo.startsWith('//') ? returnTo : paths.account;
    return <Redirect to={local} replace />;
  }

  const go = (provider: ProviderId) => logIn.mutate({ provider, returnTo: taken ? paths.account : returnTo });
  const underWay = logIn.isPending || logIn.isSuccess ? logIn.variables?.provider : undefined;
  return (
    <Page title={title}>
      <AttemptNotice>
        {taken && (
          <ul className="list-disc ps-5">
            <li>
              If it is yours: log in with{' '}
              {taken.existingProviders.map(({ name }) => name).join(' or ') ||
                'the account you signed up with'}{' '}
              in this browser. Your account page then offers to connect @{taken.nickname}.
            </li>
            <li>
              Or use another {attempt?.providerName} account: log out at {attempt?.providerName} first, then
              choose it again below.
            </li>
          </ul>
        )}
      </AttemptNotice>
      {justLoggedOut && (
        <Notice tone="good">
          <p>You are logged out, on every device.</p>
        </Notice>
      )}
      {logIn.isError && (
        <Notice tone="bad">
          <p>{explain(logIn.error)}</p>
        </Notice>
      )}
      <Card className="grid gap-5">
        <p className="text-ink-soft">{lead}</p>
        {providers.length === 0 && (
          <Notice tone="note">
            <p className="font-semibold">No provider is set up yet.</p>
            <p>
              The person who runs this service has to set BITBUCKET_CLIENT_ID and BITBUCKET_CLIENT_SECRET (or
              those of GitHub or GitLab) and start it again. The README says how.
            </p>
          </Notice>
        )}
        <ul className="grid gap-3">
          {providers.map(({ id, name, beta }) => (
            <li key={id} className="grid gap-1.5">
              <div className="flex items-center gap-3">
                <Button
                  look={id === (wayIn ?? providers[0]?.id) ? 'primary' : 'plain'}
                  busy={underWay === id}
                  disabled={underWay !== undefined}
                  onClick={() => go(id)}
                  className="min-h-12 grow"
                >
                  Log in with {name}
                </Button>
                {beta && <BetaBadge />}
              </div>
              {beta && (
                <p className="text-small text-ink-soft">
                  {name} support is in beta: it works, and some edges are still being smoothed.
                  {supportUrl && (
                    <>
                      {' '}
                      <OuterLink href={supportUrl}>Tell us what you find</OuterLink>.
                    </>
                  )}
                </p>
              )}
            </li>
          ))}
        </ul>
        <p className="border-t border-line pt-4 text-ink-soft">
          {other.question} <InnerLink to={paths.returning(other.to, returnTo)}>{other.link}</InnerLink>
        </p>
      </Card>
    </Page>
  );
}

function BetaBadge() {
  return (
    <span className="rounded-full border border-note px-2.5 py-0.5 text-small font-semibold text-note">
      Beta
    </span>
  );
}

/** Words and the next step for every way in which a walk to a provider can come to nothing. */
import type { SignInProblem, SignInProblemCode } from 'bff';
import { explainFault, type Fault } from '../connection-words.ts';

type Words = { what: string; next: string };
type SignInWords<Code extends SignInProblemCode> = (
  problem: Extract<SignInProblem, { code: Code }>,
  provider: string,
) => Words;

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' });

const faultWords = (problem: { code: Fault; retryAt: string | null }, provider: string): Words => ({
  what: explainFault(problem.code, provider),
  next: problem.retryAt
    ? `Nothing was changed. Try again after ${time.format(new Date(problem.retryAt))} UTC.`
    : 'Nothing was changed. Wait a moment, then try again.',
});

const SIGN_IN: { [Code in SignInProblemCode]: SignInWords<Code> } = {
  'consent-denied': (_, provider) => ({
    what: `You did not grant access at ${provider}.`,
    next: `Nothing was changed. To go on, choose ${provider} again and grant access there.`,
  }),
  'attempt-expired': () => ({
    what: 'This took longer than ten minutes, so the attempt has expired.',
    next: 'Nothing was changed. Start again.',
  }),
  'attempt-replayed': () => ({
    what: 'This answer was used before. Each one counts only once.',
    next: 'Nothing was changed this time. If you are not logged in, start again.',
  }),
  'attempt-broken': (_, provider) => ({
    what: `${provider} did not recognise the answer that your browser brought back.`,
    next: 'Nothing was changed. Start again.',
  }),
  'session-changed': () => ({
    what: 'You are not logged in as the person who asked for access.',
    next: 'Nothing was changed. Log in, then grant access again.',
  }),
  'service-fault': (_, provider) => ({
    what: `Something went wrong on our side when you came back from ${provider}.`,
    next: 'Nothing was changed. Try again in a moment; if it stays, contact support.',
  }),
  'provider-refused': (_, provider) => ({
    what: `${provider} refused this service. Its settings at ${provider} may be wrong.`,
    next: 'Nothing was changed. Try again; if it stays, tell the person who runs this service.',
  }),
  'provider-timeout': faultWords,
  'provider-unreachable': faultWords,
  'provider-rate-limited': faultWords,
  'provider-error': faultWords,
  'provider-unexpected': faultWords,
  'scope-missing': ({ missing }, provider) => ({
    what: `This service is not allowed to read what it needs at ${provider}${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}.`,
    next: `Nothing was changed. Tell the person who runs this service to add it to the client at ${provider}.`,
  }),
  'no-email': ({ nickname }, provider) => ({
    what: `@${nickname} has no e-mail address at ${provider}, and Semaphore needs one.`,
    next: `Nothing was created. Add and confirm an address at ${provider}, then try again.`,
  }),
  'email-unconfirmed': ({ nickname, email }, provider) => ({
    what: `The address ${email} of @${nickname} is not confirmed at ${provider}.`,
    next: `Nothing was created. Follow the link in ${provider}’s e-mail to confirm it, then try again.`,
  }),
  'email-taken': ({ email, nickname, existingProviders }, provider) => ({
    what: `The address ${email} belongs to a Semaphore profile${
      existingProviders.length > 0
        ? ` that logs in with ${existingProviders.map(({ name }) => name).join(' or ')}`
        : ''
    }. @${nickname} at ${provider} is not connected to it.`,
    next: 'Nothing was created and nothing was linked.',
  }),
  'different-account': ({ previousNickname, nickname }, provider) => ({
    what: `You were @${previousNickname}, you came back as @${nickname}.`,
    next: `Nothing was changed yet. Choose below which account at ${provider} to use.`,
  }),
  'account-owned-by-another': ({ nickname }, provider) => ({
    what: `@${nickname} at ${provider} is connected to another Semaphore profile.`,
    next: 'Nothing was changed. Log in with it to use that profile, or grant access with another account.',
  }),
};

/** Why a walk to a provider came to nothing. */
export function explainSignIn<Code extends SignInProblemCode>(
  problem: Extract<SignInProblem, { code: Code }>,
  provider: string,
): Words {
  return (SIGN_IN[problem.code as Code] as SignInWords<Code>)(problem, provider);
}

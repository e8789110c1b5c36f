/** Words and the next step for every problem. A code without words does not compile. */
import { type AnyProblemCode, Problem } from './api.ts';

type Words = { what: string; next: string };

const PROBLEMS: Record<AnyProblemCode, Words> = {
  offline: {
    what: 'This page could not reach Semaphore.',
    next: 'Check your network connection, then try again.',
  },
  'not-logged-in': { what: 'You are not logged in any more.', next: 'Log in again.' },
  'not-found': { what: 'There is nothing at this address.', next: 'Check the address.' },
  'cross-site': {
    what: 'The request was refused for safety.',
    next: 'Load this page again, then try again.',
  },
  'unsupported-media-type': {
    what: 'The request was refused.',
    next: 'Load this page again, then try again.',
  },
  'invalid-request': {
    what: 'The request was not understood.',
    next: 'Load this page again, then try again.',
  },
  'too-large': { what: 'That is too much to send at once.', next: 'Shorten it, then try again.' },
  'invalid-screen-name': { what: 'This screen name cannot be used.', next: 'Change it, then save again.' },
  'invalid-name': { what: 'This name cannot be used.', next: 'Change it, then try again.' },
  'invalid-slug': { what: 'This URL name cannot be used.', next: 'Change it, then try again.' },
  'slug-taken': { what: 'Another organization has this URL name.', next: 'Choose another one.' },
  'not-allowed': {
    what: 'Your role does not allow this.',
    next: 'Ask an owner or an admin of the organization.',
  },
  'last-owner': {
    what: 'This is the only owner of the organization, who stays.',
    next: 'Make somebody else an owner first.',
  },
  'invitation-ended': {
    what: 'This invitation does not hold any more.',
    next: 'Ask the person who sent it for a new one.',
  },
  'too-many-tokens': {
    what: 'You have as many API tokens as one person can.',
    next: 'Revoke one first.',
  },
  'last-way-in': {
    what: 'This is your last way to log in, so it stays.',
    next: 'Connect another provider first.',
  },
  'waiting-gone': {
    what: 'This connection is no longer waiting.',
    next: 'Use “Grant access” to start again.',
  },
  'account-owned-by-another': {
    what: 'This account is connected to another Semaphore profile.',
    next: 'Log in with it to use that profile, or disconnect it there first.',
  },
  'provider-not-configured': {
    what: 'This provider is not set up here.',
    next: 'Ask the person who runs this service.',
  },
  'not-connected': {
    what: 'This provider is not connected.',
    next: 'Load this page again to see how things are.',
  },
  'invalid-project-name': { what: 'This project name cannot be used.', next: 'Change it, then try again.' },
  'project-name-taken': {
    what: 'Another project of this organization has this name.',
    next: 'Choose another one.',
  },
  'invalid-pipeline-file': {
    what: 'This path cannot be a pipeline file.',
    next: 'Enter a path inside the repository, like .semaphore/semaphore.yml.',
  },
  'invalid-branch-whitelist': {
    what: 'This list of branches cannot be used.',
    next: 'Change it, then save again.',
  },
  'invalid-tag-whitelist': {
    what: 'This list of tags cannot be used.',
    next: 'Change it, then save again.',
  },
  'invalid-repository-url': {
    what: 'This is no URL of a repository at Bitbucket.',
    next: 'Copy it from the repository’s page at Bitbucket.',
  },
  'repository-not-visible': {
    what: 'Your Bitbucket account sees no such repository.',
    next: 'Check the URL, and that your account has access to it.',
  },
  'repository-changed': {
    what: 'Another repository is behind this URL by now.',
    next: 'Look at what would change again.',
  },
  'no-admin-right': {
    what: 'Your Bitbucket account has no admin right on this repository.',
    next: 'Ask an admin of the repository to give it to you, or to do this.',
  },
  'grant-needed': {
    what: 'Your connection to Bitbucket gives no access just now.',
    next: 'Use “Grant access” on your account page, then come back.',
  },
  'scope-missing': {
    what: 'What you granted at Bitbucket does not cover this.',
    next: 'Use “Grant access” on your account page, then come back.',
  },
  'operation-running': {
    what: 'Something else is being done with this project.',
    next: 'Wait until it has ended, then try again.',
  },
  'idempotency-mismatch': {
    what: 'The request was mixed up with another one.',
    next: 'Load this page again, then try again.',
  },
  'provider-fault': {
    what: 'Bitbucket could not be asked just now.',
    next: 'Nothing was changed. Try again in a moment.',
  },
  'not-ready': { what: 'Semaphore cannot answer just now.', next: 'Try again in a moment.' },
  internal: { what: 'Something went wrong on our side.', next: 'Try again. If it stays, contact support.' },
};

/** What happened and what to do, in one line. The BFF's own sentence, where it has one, is the more exact of the two. */
export function explain(error: unknown): string {
  if (error instanceof Problem && error.detail) return error.detail;
  // While a new version is rolled out, the BFF may know a code that this page does not.
  const known = error instanceof Problem && Object.hasOwn(PROBLEMS, error.code);
  const { what, next } = PROBLEMS[known ? error.code : 'internal'];
  return `${what} ${next}`;
}

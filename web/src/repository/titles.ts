/**
 * What is wrong, in one sentence for every cause; what it means and what mends it is in `causes.ts`. A cause without a
 * title does not compile. They say no more than was proved, and hold with any of the facts missing.
 */
import type { Cause, Facts, Subject } from 'bff';

/** Whom and what the words are about. */
export type About = {
  facts: Facts;
  /** Screen name of the token owner, as it stands inside a sentence; null when there is none. */
  owner: string | null;
  /** The token owner is the one who reads. */
  you: boolean;
  /** `workspace/slug`. */
  repository: string;
  /** The project's pipeline file; null where it is not known. */
  path: string | null;
};

export const SUBJECT_NAMES: Record<Subject, string> = {
  'token-owner': 'OAuth API token owner',
  'deploy-key': 'Deploy Key',
  webhook: 'Webhook',
  'pipeline-file': 'Pipeline file',
};

const TITLES: Record<Cause, (about: About) => string> = {
  // Token owner
  'no-owner': () => 'Nobody’s access is used for this project.',
  'not-connected': (about) => `${person(about, 'has', 'have')} no connection to Bitbucket any more.`,
  'grant-revoked': (about) => `${access(about)} was revoked at Bitbucket.`,
  'grant-expired': (about) => `${access(about)} expired after three months without use.`,
  'grant-unusable': (about) => `Bitbucket no longer accepts ${access(about, 'inside')}.`,
  'left-organization': (about) => `${person(about, 'belongs', 'belong')} to this organization no more.`,
  'scope-missing': (about) => `${access(about)} covers too little at Bitbucket.`,
  'no-admin-right': (about) => `${person(about, 'has', 'have')} no admin right on ${about.repository}.`,

  // The repository itself
  'repository-gone': (about) => `Bitbucket shows ${whom(about)} no repository ${about.repository} any more.`,
  'repository-moved': ({ facts, repository }) =>
    facts.movedTo
      ? `The repository ${repository} is now ${facts.movedTo}.`
      : `The repository is no longer at ${repository}.`,

  // Deploy key
  'key-missing': () => 'The project has no deploy key.',
  'key-removed': () => 'The deploy key was removed at Bitbucket.',
  'key-lost-with-grant': () => 'The deploy key does not work since the access that made it ended.',
  'key-lost-with-right': () => 'The deploy key does not work since the token owner’s right is gone.',
  'key-replaced': () => 'Another key stands where ours was.',
  'ssh-refused': () => 'SSH refuses the deploy key.',
  'host-key-mismatch': () => 'The SSH server shows a key that is not Bitbucket’s.',

  // Webhook
  'webhook-missing': () => 'The project has no webhook.',
  'webhook-removed': () => 'The webhook was deleted at Bitbucket.',
  'webhook-inactive': () => 'The webhook is switched off at Bitbucket.',
  'webhook-wrong-url': () => 'The webhook leads to another address.',
  'webhook-missing-events': () => 'The webhook does not announce everything that is needed.',
  'webhook-without-secret': () => 'The webhook has no secret.',
  'webhook-not-allowed': (about) =>
    `${person(about, 'is', 'are')} not allowed to see the webhooks of ${about.repository}.`,

  // Pipeline file
  'file-missing': ({ facts, path }) => `There is no ${path ?? 'pipeline file'} on ${branch(facts)}.`,
  'file-elsewhere': ({ facts, path }) =>
    facts.foundAtPath
      ? `The pipeline file is at ${facts.foundAtPath}${path ? `, not at ${path}` : ''}.`
      : 'The pipeline file is not where the project looks for it.',
  'branch-gone': ({ facts }) =>
    facts.branch
      ? `The default branch ${facts.branch} does not exist.`
      : 'The default branch does not exist.',
  'repository-empty': ({ repository }) => `${repository} is empty.`,
  disconnected: () => 'The repository is disconnected.',

  // Not checked
  'provider-timeout': () => 'Bitbucket did not answer in time.',
  'provider-unreachable': () => 'Bitbucket could not be reached.',
  'provider-rate-limited': () => 'Bitbucket is limiting our requests just now.',
  'provider-error': () => 'Bitbucket has a fault of its own just now.',
  'provider-unexpected': () => 'Bitbucket gave an answer that cannot be used.',
  'grant-doubtful': (about) => `Bitbucket refuses to renew ${access(about, 'inside')}.`,
  'refresh-under-way': () => 'The access is being renewed just now.',
  'ssh-unreachable': () => 'Bitbucket’s SSH server did not answer.',
  'needs-token-owner': () => 'This can only be asked with the token owner’s access.',
  'never-checked': () => 'Nobody has looked yet.',
};

/** The title of a cause. A newer service may know one that this page does not. */
export function titleOf(cause: Cause, about: About): string {
  return Object.hasOwn(TITLES, cause) ? TITLES[cause](about) : 'Something is not as it should be.';
}

/** "a", "a and b", "a, b and c". */
export function list(names: readonly string[], last: 'and' | 'or' = 'and'): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}

export function person({ owner, you }: About, third: string, second: string): string {
  if (you) return `You ${second}`;
  return `${owner ?? 'The token owner'} ${third}`;
}

/** `inside` a sentence, or at its beginning. */
export function access({ owner, you }: About, where: 'first' | 'inside' = 'first'): string {
  const words = you ? 'Your access' : owner ? null : 'The token owner’s access';
  if (!words) return `${owner}’s access`;
  return where === 'first' ? words : lower(words);
}

const whom = ({ owner, you }: About) => (you ? 'you' : (owner ?? 'the token owner'));
export const branch = ({ branch: name }: Facts) => (name ? `the branch ${name}` : 'the default branch');
export const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

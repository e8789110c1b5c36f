/**
 * Words for every cause: what is wrong, what that means, and what mends it. A cause without words does not compile. They
 * say no more than was proved, and hold with any of the facts missing.
 */
import type { Cause, Facts, Subject, SummaryView } from 'bff';

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

export type Words = {
  /** One sentence. */
  title: string;
  /** What it means, in a few sentences. */
  why: string;
  /** What mends it. */
  next: string;
};

export const SUBJECT_NAMES: Record<Subject, string> = {
  'token-owner': 'OAuth API token owner',
  'deploy-key': 'Deploy Key',
  webhook: 'Webhook',
  'pipeline-file': 'Pipeline file',
};

const REPAIR_KEY =
  'Repair makes a new deploy key, proves that it reads the repository, and only then removes the old one.';
const REPAIR_HOOK = 'Repair makes a new webhook, proves it, and only then removes the old one.';
const NO_CLONE =
  'Jobs cannot clone the repository: git says “git@bitbucket.org: Permission denied (publickey).”';
const NO_PUSHES = 'Semaphore does not hear of pushes, so they start nothing.';
const GRANT_AGAIN =
  'grant access again on the account page; or an owner or admin whose own connection works takes over here.';
const FROM_BITBUCKET = 'That is no verdict on the project: what was known stays.';
const AGAIN = 'Check again in a moment.';

const CAUSES: Record<Cause, (about: About) => Words> = {
  // Token owner
  'no-owner': () => ({
    title: 'Nobody’s access is used for this project.',
    why: 'Semaphore asks Bitbucket with the access of one member, the token owner, and there is none.',
    next: 'An owner or admin whose own connection to Bitbucket works takes over.',
  }),
  'not-connected': (about) => ({
    title: `${person(about, 'has', 'have')} no connection to Bitbucket any more.`,
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'grant-revoked': (about) => ({
    title: `${access(about)} was revoked at Bitbucket.`,
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair. Bitbucket may remove with the access what was made by it.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'grant-expired': (about) => ({
    title: `${access(about)} expired after three months without use.`,
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'grant-unusable': (about) => ({
    title: `Bitbucket no longer accepts ${access(about, 'inside')}.`,
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'left-organization': (about) => ({
    title: `${person(about, 'belongs', 'belong')} to this organization no more.`,
    why: 'The access of someone who left is not used.',
    next: 'An owner or admin whose own connection to Bitbucket works takes over.',
  }),
  'scope-missing': (about) => ({
    title: `${access(about)} covers too little at Bitbucket.`,
    why: about.facts.missingScopes?.length
      ? `It lacks ${list(about.facts.missingScopes)}.`
      : 'Bitbucket refuses for lack of a scope and does not say which.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'no-admin-right': (about) => ({
    title: `${person(about, 'has', 'have')} no admin right on ${about.repository}.`,
    why: `${about.facts.permission ? `Bitbucket gives ${about.you ? 'you' : 'them'} ${about.facts.permission} access only. ` : ''}Deploy keys and webhooks can be seen and changed only with admin right.`,
    next: 'An admin of the repository gives the right back at Bitbucket; or an owner or admin here who has it takes over.',
  }),

  // The repository itself
  'repository-gone': (about) => ({
    title: `Bitbucket shows ${whom(about)} no repository ${about.repository} any more.`,
    why: `It was deleted, or ${about.you ? 'your' : 'their'} access was taken away; Bitbucket does not tell which.`,
    next: 'See at Bitbucket whether it is there. If it is, have the access given back or take over; otherwise change the URL to another repository.',
  }),
  'repository-moved': ({ facts, repository }) => ({
    title: facts.movedTo
      ? `The repository ${repository} is now ${facts.movedTo}.`
      : `The repository is no longer at ${repository}.`,
    why: 'It was renamed or moved at Bitbucket. It is the same repository; the URL here is old.',
    next: 'Update the URL.',
  }),

  // Deploy key
  'key-missing': () => ({
    title: 'The project has no deploy key.',
    why: `None was made, or making it did not end well. ${NO_CLONE}`,
    next: 'Repair makes one and proves that it reads the repository.',
  }),
  'key-removed': () => ({
    title: 'The deploy key was removed at Bitbucket.',
    why: `It is not among the keys of the repository any more. ${NO_CLONE}`,
    next: REPAIR_KEY,
  }),
  'key-lost-with-grant': (about) => ({
    title: 'The deploy key does not work since the access that made it ended.',
    why: `Bitbucket removes the keys that an app made when its access ends, and ${access(about, 'inside')} did. ${NO_CLONE}`,
    next: `Once the access works again, or someone has taken over: ${lower(REPAIR_KEY)}`,
  }),
  'key-lost-with-right': (about) => ({
    title: 'The deploy key does not work since the token owner’s right is gone.',
    why: `${person(about, 'has', 'have')} no admin right on ${about.repository} any more, and SSH refuses the key. ${NO_CLONE}`,
    next: `Once someone with admin right has taken over: ${lower(REPAIR_KEY)}`,
  }),
  'key-replaced': () => ({
    title: 'Another key stands where ours was.',
    why: `Bitbucket lists a different public key in its place, which is left alone. ${NO_CLONE}`,
    next: 'Repair makes a new deploy key and proves that it reads the repository.',
  }),
  'ssh-refused': () => ({
    title: 'SSH refuses the deploy key.',
    why: `A login with it was tried just as a job does, and was refused; whether Bitbucket lists the key is no proof of more. ${NO_CLONE}`,
    next: REPAIR_KEY,
  }),
  'host-key-mismatch': ({ facts }) => ({
    title: 'The SSH server shows a key that is not Bitbucket’s.',
    why: `${facts.presentedHostKey ? `It presented ${facts.presentedHostKey}, which` : 'Its key'} is not among the known ones. Someone may stand in between, so nothing was sent to it. Repair would not help.`,
    next: 'Have the person who runs this service compare it with the fingerprints that Bitbucket publishes.',
  }),

  // Webhook
  'webhook-missing': () => ({
    title: 'The project has no webhook.',
    why: `None was made, or making it did not end well. ${NO_PUSHES}`,
    next: 'Repair makes one.',
  }),
  'webhook-removed': () => ({
    title: 'The webhook was deleted at Bitbucket.',
    why: `It is not among the webhooks of the repository any more. ${NO_PUSHES}`,
    next: 'Repair makes a new webhook and proves it.',
  }),
  'webhook-inactive': () => ({
    title: 'The webhook is switched off at Bitbucket.',
    why: `It is there, but not active. ${NO_PUSHES}`,
    next: REPAIR_HOOK,
  }),
  'webhook-wrong-url': ({ facts }) => ({
    title: 'The webhook leads to another address.',
    why: `${facts.foundUrl ? `It was changed at Bitbucket to ${facts.foundUrl}. ` : 'It was changed at Bitbucket. '}${NO_PUSHES}`,
    next: REPAIR_HOOK,
  }),
  'webhook-missing-events': ({ facts }) => ({
    title: 'The webhook does not announce everything that is needed.',
    why: facts.missingEvents?.length
      ? `It was changed at Bitbucket and leaves out ${list(facts.missingEvents)}.`
      : 'It was changed at Bitbucket and leaves out some events.',
    next: REPAIR_HOOK,
  }),
  'webhook-without-secret': () => ({
    title: 'The webhook has no secret.',
    why: 'Its deliveries are not signed, so nobody could tell them from forged ones, and they are refused.',
    next: REPAIR_HOOK,
  }),
  'webhook-not-allowed': (about) => ({
    title: `${person(about, 'is', 'are')} not allowed to see the webhooks of ${about.repository}.`,
    why: 'Only admins of the repository may, so nothing can be said of ours.',
    next: 'An admin of the repository gives the right at Bitbucket; or an owner or admin here who has it takes over.',
  }),

  // Pipeline file
  'file-missing': ({ facts, path }) => ({
    title: `There is no ${path ?? 'pipeline file'} on ${branch(facts)}.`,
    why: facts.foundOnBranches?.length
      ? `It is on ${facts.foundOnBranches.length > 1 ? 'the branches' : 'the branch'} ${list(facts.foundOnBranches)}. A push of a branch without it starts nothing.`
      : 'A push of a branch without it starts nothing.',
    next: facts.foundOnBranches?.length
      ? `Merge it into ${branch(facts)}, or push it there.`
      : `Push a pipeline file to ${branch(facts)}, or set the path in General settings.`,
  }),
  'file-elsewhere': ({ facts, path }) => ({
    title: facts.foundAtPath
      ? `The pipeline file is at ${facts.foundAtPath}${path ? `, not at ${path}` : ''}.`
      : 'The pipeline file is not where the project looks for it.',
    why: `The project looks for ${path ?? 'it'} on ${branch(facts)}.`,
    next: 'Correct the path in General settings, or move the file.',
  }),
  'branch-gone': ({ facts }) => ({
    title: facts.branch
      ? `The default branch ${facts.branch} does not exist.`
      : 'The default branch does not exist.',
    why: `It was deleted or renamed${facts.foundOnBranches?.length ? `; the repository has ${list(facts.foundOnBranches)}` : ''}.`,
    next: 'Choose another main branch in the repository’s settings at Bitbucket, or push the branch again.',
  }),
  'repository-empty': ({ path, repository }) => ({
    title: `${repository} is empty.`,
    why: `Nothing was pushed yet, so there is no ${path ?? 'pipeline file'}.`,
    next: 'Push a first commit with a pipeline file.',
  }),
  disconnected: ({ facts, path }) => ({
    title: 'The repository is disconnected.',
    why: `Semaphore cannot read ${path ?? 'the pipeline file'}: ${facts.brokenSubject ? `see “${SUBJECT_NAMES[facts.brokenSubject]}”` : 'see above'}.`,
    next: 'Mend that first.',
  }),

  // Not checked
  'provider-timeout': () => ({
    title: 'Bitbucket did not answer in time.',
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-unreachable': () => ({
    title: 'Bitbucket could not be reached.',
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-rate-limited': () => ({
    title: 'Bitbucket is limiting our requests just now.',
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-error': () => ({
    title: 'Bitbucket has a fault of its own just now.',
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-unexpected': () => ({
    title: 'Bitbucket gave an answer that cannot be used.',
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'grant-doubtful': (about) => ({
    title: `Bitbucket refuses to renew ${access(about, 'inside')}.`,
    why: 'It may have been revoked there, or this service is set up wrongly; neither is proved yet.',
    next: `Check again in a moment. If it stays, ${about.you ? 'you' : (about.owner ?? 'the token owner')} can grant access again on the account page.`,
  }),
  'refresh-under-way': () => ({
    title: 'The access is being renewed just now.',
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'ssh-unreachable': () => ({
    title: 'Bitbucket’s SSH server did not answer.',
    why: `The key is listed at Bitbucket, but a login with it could not be tried. ${FROM_BITBUCKET}`,
    next: AGAIN,
  }),
  'needs-token-owner': () => ({
    title: 'This can only be asked with the token owner’s access.',
    why: 'So it was not checked.',
    next: 'Mend the token owner first.',
  }),
  'never-checked': () => ({
    title: 'Nobody has looked yet.',
    why: 'Opening this page starts the first look.',
    next: 'It takes a moment.',
  }),
};

/** The words for a cause. A newer service may know one that this page does not. */
export function wordsFor(cause: Cause, about: About): Words {
  if (Object.hasOwn(CAUSES, cause)) return CAUSES[cause](about);
  return {
    title: 'Something is not as it should be.',
    why: 'This page is older than the service and has no words for it.',
    next: 'Load the page again.',
  };
}

/** What a job's log says where the cause shows: people look for these very words. */
export function logLine(subject: Subject, path: string): string | null {
  return subject === 'pipeline-file' ? `Error: {"File '${path}' is not available", "Not Found"}` : null;
}

const MENDS: Record<SummaryView['mend'], { you: string; them: string }> = {
  repair: { you: 'press “Repair” below', them: 'can repair it' },
  'take-over': { you: 'press “Take over” below', them: 'can take over' },
  'grant-access': { you: 'grant access again on your account page', them: 'can grant access again' },
  'update-url': { you: 'press “Update the URL” below', them: 'can update the URL' },
  'change-url': {
    you: 'look at Bitbucket, then press “Change…” below if it is gone',
    them: 'can change the URL',
  },
  'add-file': { you: 'push the file', them: 'can push the file' },
  'change-path': {
    you: 'correct the path in General settings',
    them: 'can correct the path in General settings',
  },
  'at-provider': { you: 'set it right at Bitbucket', them: 'can set it right at Bitbucket' },
};

/** What to do first, and who can. */
export function whatFirst({ mend, you, people, cause, facts }: SummaryView): string {
  const { you: yours, them } = MENDS[mend];
  const others = people.length > 3 ? [...people.slice(0, 3), `${people.length - 3} more`] : people;
  if (cause === 'host-key-mismatch') return 'First: have the person who runs this service look at it.';
  if (mend === 'add-file' && facts.branch)
    return `First: push the file to ${facts.branch}, which anyone with write access to the repository can do.`;
  if (mend === 'at-provider') return 'First: an admin of the repository sets it right at Bitbucket.';
  if (you) return `First: ${yours}.${others.length > 0 ? ` ${list(others, 'or')} can do it too.` : ''}`;
  if (others.length > 0) return `First: ask ${list(others, 'or')}, who ${them}.`;
  return `First: ask an owner or admin of the organization, who ${them}.`;
}

/** "a", "a and b", "a, b and c". */
export function list(names: readonly string[], last: 'and' | 'or' = 'and'): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}

function person({ owner, you }: About, third: string, second: string): string {
  if (you) return `You ${second}`;
  return `${owner ?? 'The token owner'} ${third}`;
}

/** `inside` a sentence, or at its beginning. */
function access({ owner, you }: About, where: 'first' | 'inside' = 'first'): string {
  const words = you ? 'Your access' : owner ? null : 'The token owner’s access';
  if (!words) return `${owner}’s access`;
  return where === 'first' ? words : lower(words);
}

const whom = ({ owner, you }: About) => (you ? 'you' : (owner ?? 'the token owner'));
const first = ({ owner, you }: About) => (you ? 'You' : (owner ?? 'The token owner'));
const branch = ({ branch: name }: Facts) => (name ? `the branch ${name}` : 'the default branch');
const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

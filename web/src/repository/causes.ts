/**
 * Words for every cause: what is wrong, what that means, and what mends it. A cause without words does not compile. They
 * say no more than was proved, and hold with any of the facts missing.
 */
import type { Cause, Subject, SummaryView } from 'bff';
import { type About, access, branch, list, lower, person, SUBJECT_NAMES, titleOf } from './titles.ts';

export type Words = {
  /** One sentence. */
  title: string;
  /** What it means, in a few sentences. */
  why: string;
  /** What mends it. */
  next: string;
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

const CAUSES: Record<Cause, (about: About) => Omit<Words, 'title'>> = {
  // Token owner
  'no-owner': () => ({
    why: 'Semaphore asks Bitbucket with the access of one member, the token owner, and there is none.',
    next: 'An owner or admin whose own connection to Bitbucket works takes over.',
  }),
  'not-connected': (about) => ({
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'grant-revoked': (about) => ({
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair. Bitbucket may remove with the access what was made by it.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'grant-expired': (about) => ({
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'grant-unusable': (about) => ({
    why: 'Semaphore asks Bitbucket with the access of the token owner, so it can neither look nor repair.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'left-organization': () => ({
    why: 'The access of someone who left is not used.',
    next: 'An owner or admin whose own connection to Bitbucket works takes over.',
  }),
  'scope-missing': (about) => ({
    why: about.facts.missingScopes?.length
      ? `It lacks ${list(about.facts.missingScopes)}.`
      : 'Bitbucket refuses for lack of a scope and does not say which.',
    next: `${first(about)} can ${GRANT_AGAIN}`,
  }),
  'no-admin-right': (about) => ({
    why: `${about.facts.permission ? `Bitbucket gives ${about.you ? 'you' : 'them'} ${about.facts.permission} access only. ` : ''}Deploy keys and webhooks can be seen and changed only with admin right.`,
    next: 'An admin of the repository gives the right back at Bitbucket; or an owner or admin here who has it takes over.',
  }),

  // The repository itself
  'repository-gone': (about) => ({
    why: `It was deleted, or ${about.you ? 'your' : 'their'} access was taken away; Bitbucket does not tell which.`,
    next: 'See at Bitbucket whether it is there. If it is, have the access given back or take over; otherwise change the URL to another repository.',
  }),
  'repository-moved': () => ({
    why: 'It was renamed or moved at Bitbucket. It is the same repository; the URL here is old.',
    next: 'Update the URL.',
  }),

  // Deploy key
  'key-missing': () => ({
    why: `None was made, or making it did not end well. ${NO_CLONE}`,
    next: 'Repair makes one and proves that it reads the repository.',
  }),
  'key-removed': () => ({
    why: `It is not among the keys of the repository any more. ${NO_CLONE}`,
    next: REPAIR_KEY,
  }),
  'key-lost-with-grant': (about) => ({
    why: `Bitbucket removes the keys that an app made when its access ends, and ${access(about, 'inside')} did. ${NO_CLONE}`,
    next: `Once the access works again, or someone has taken over: ${lower(REPAIR_KEY)}`,
  }),
  'key-lost-with-right': (about) => ({
    why: `${person(about, 'has', 'have')} no admin right on ${about.repository} any more, and SSH refuses the key. ${NO_CLONE}`,
    next: `Once someone with admin right has taken over: ${lower(REPAIR_KEY)}`,
  }),
  'key-replaced': () => ({
    why: `Bitbucket lists a different public key in its place, which is left alone. ${NO_CLONE}`,
    next: 'Repair makes a new deploy key and proves that it reads the repository.',
  }),
  'ssh-refused': () => ({
    why: `A login with it was tried just as a job does, and was refused; whether Bitbucket lists the key is no proof of more. ${NO_CLONE}`,
    next: REPAIR_KEY,
  }),
  'host-key-mismatch': ({ facts }) => ({
    why: `${facts.presentedHostKey ? `It presented ${facts.presentedHostKey}, which` : 'Its key'} is not among the known ones. Someone may stand in between, so nothing was sent to it. Repair would not help.`,
    next: 'Have the person who runs this service compare it with the fingerprints that Bitbucket publishes.',
  }),

  // Webhook
  'webhook-missing': () => ({
    why: `None was made, or making it did not end well. ${NO_PUSHES}`,
    next: 'Repair makes one.',
  }),
  'webhook-removed': () => ({
    why: `It is not among the webhooks of the repository any more. ${NO_PUSHES}`,
    next: 'Repair makes a new webhook and proves it.',
  }),
  'webhook-inactive': () => ({
    why: `It is there, but not active. ${NO_PUSHES}`,
    next: REPAIR_HOOK,
  }),
  'webhook-wrong-url': ({ facts }) => ({
    why: `${facts.foundUrl ? `It was changed at Bitbucket to ${facts.foundUrl}. ` : 'It was changed at Bitbucket. '}${NO_PUSHES}`,
    next: REPAIR_HOOK,
  }),
  'webhook-missing-events': ({ facts }) => ({
    why: facts.missingEvents?.length
      ? `It was changed at Bitbucket and leaves out ${list(facts.missingEvents)}.`
      : 'It was changed at Bitbucket and leaves out some events.',
    next: REPAIR_HOOK,
  }),
  'webhook-without-secret': () => ({
    why: 'Its deliveries are not signed, so nobody could tell them from forged ones, and they are refused.',
    next: REPAIR_HOOK,
  }),
  'webhook-not-allowed': () => ({
    why: 'Only admins of the repository may, so nothing can be said of ours.',
    next: 'An admin of the repository gives the right at Bitbucket; or an owner or admin here who has it takes over.',
  }),

  // Pipeline file
  'file-missing': ({ facts }) => ({
    why: facts.foundOnBranches?.length
      ? `It is on ${facts.foundOnBranches.length > 1 ? 'the branches' : 'the branch'} ${list(facts.foundOnBranches)}. A push of a branch without it starts nothing.`
      : 'A push of a branch without it starts nothing.',
    next: facts.foundOnBranches?.length
      ? `Merge it into ${branch(facts)}, or push it there.`
      : `Push a pipeline file to ${branch(facts)}, or set the path in General settings.`,
  }),
  'file-elsewhere': ({ facts, path }) => ({
    why: `The project looks for ${path ?? 'it'} on ${branch(facts)}.`,
    next: 'Correct the path in General settings, or move the file.',
  }),
  'branch-gone': ({ facts }) => ({
    why: `It was deleted or renamed${facts.foundOnBranches?.length ? `; the repository has ${list(facts.foundOnBranches)}` : ''}.`,
    next: 'Choose another main branch in the repository’s settings at Bitbucket, or push the branch again.',
  }),
  'repository-empty': ({ path }) => ({
    why: `Nothing was pushed yet, so there is no ${path ?? 'pipeline file'}.`,
    next: 'Push a first commit with a pipeline file.',
  }),
  disconnected: ({ facts, path }) => ({
    why: `Semaphore cannot read ${path ?? 'the pipeline file'}: ${facts.brokenSubject ? `see “${SUBJECT_NAMES[facts.brokenSubject]}”` : 'see above'}.`,
    next: 'Mend that first.',
  }),

  // Not checked
  'provider-timeout': () => ({
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-unreachable': () => ({
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-rate-limited': () => ({
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-error': () => ({
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'provider-unexpected': () => ({
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'grant-doubtful': (about) => ({
    why: 'It may have been revoked there, or this service is set up wrongly; neither is proved yet.',
    next: `Check again in a moment. If it stays, ${about.you ? 'you' : (about.owner ?? 'the token owner')} can grant access again on the account page.`,
  }),
  'refresh-under-way': () => ({
    why: FROM_BITBUCKET,
    next: AGAIN,
  }),
  'ssh-unreachable': () => ({
    why: `The key is listed at Bitbucket, but a login with it could not be tried. ${FROM_BITBUCKET}`,
    next: AGAIN,
  }),
  'needs-token-owner': () => ({
    why: 'So it was not checked.',
    next: 'Mend the token owner first.',
  }),
  'never-checked': () => ({
    why: 'Opening this page starts the first look.',
    next: 'It takes a moment.',
  }),
};

const UNKNOWN = {
  why: 'This page is older than the service and has no words for it.',
  next: 'Load the page again.',
};

/** The words for a cause. A newer service may know one that this page does not. */
export function wordsFor(cause: Cause, about: About): Words {
  const rest = Object.hasOwn(CAUSES, cause) ? CAUSES[cause](about) : UNKNOWN;
  return { title: titleOf(cause, about), ...rest };
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

const first = ({ owner, you }: About) => (you ? 'You' : (owner ?? 'The token owner'));

/** Causes before symptoms: which row another one only follows from, and what is at the root of it all. Pure. */
import type { Role } from '../db/schema.ts';
import type { BrokenCause, Cause, Facts, FindingState, Subject } from './finding.ts';
import type { RowView, SummaryView } from './view.ts';

/** What stands in a row: also a stored one, so state and cause are not tied to each other here. */
export type Row = { subject: Subject; state: FindingState; cause: Cause | null; facts: Facts };
type Rows = readonly Row[];

/** Somebody of the organization, by screen name. */
export type PersonInRole = { profileId: string; screenName: string; role: Role };

/** Who looks, and who there is. `owner`: the token owner, who need not be a member any more. */
export type People = {
  viewer: { profileId: string; role: Role };
  owner: { id: string; screenName: string } | null;
  members: readonly PersonInRole[];
};

const OF_THE_REPOSITORY: readonly (Cause | null)[] = ['repository-gone', 'repository-moved'];
/** What the token owner's grant takes with it when it goes. */
const FOLLOWS_GRANT: readonly (Cause | null)[] = ['needs-token-owner', 'disconnected', 'key-lost-with-grant'];
/** What a right that was lost takes with it. */
const FOLLOWS_RIGHT: readonly (Cause | null)[] = [
  'needs-token-owner',
  'disconnected',
  'key-lost-with-right',
  'webhook-not-allowed',
];

/** The row whose cause this one only shows; `repository` for one that is gone or moved. */
export function becauseOf(row: Row, rows: Rows): RowView['becauseOf'] {
  if (OF_THE_REPOSITORY.includes(row.cause)) return 'repository';
  const owner = rows.find(({ subject }) => subject === 'token-owner');
  if (row.subject === 'token-owner' || owner?.state !== 'broken') return null;
  const follows = owner.cause === 'no-admin-right' ? FOLLOWS_RIGHT : FOLLOWS_GRANT;
  if (!follows.includes(row.cause)) return null;
  return OF_THE_REPOSITORY.includes(owner.cause) ? 'repository' : 'token-owner';
}

/** What to do first, and who can; null when nothing is proved broken. */
export function summarize(rows: Rows, people: People): SummaryView | null {
  const root = findRoot(rows);
  if (!root) return null;
  const cause = root.cause as BrokenCause;
  const subject = OF_THE_REPOSITORY.includes(cause) ? 'repository' : root.subject;
  return { cause, subject, facts: root.facts, ...findMend(cause, people) };
}

/** The token owner comes first, then the repository's address, then what hangs on nothing else. */
export function findRoot(rows: Rows): Row | undefined {
  const broken = rows.filter(({ state }) => state === 'broken');
  return (
    broken.find(({ subject }) => subject === 'token-owner') ??
    broken.find(({ cause }) => OF_THE_REPOSITORY.includes(cause)) ??
    ['deploy-key', 'webhook', 'pipeline-file']
      .map((subject) => broken.find((row) => row.subject === subject))
      .find((row) => row !== undefined)
  );
}

type Mend = Pick<SummaryView, 'mend' | 'you' | 'people'>;

function findMend(cause: BrokenCause, people: People): Mend {
  const { viewer, owner } = people;
  const decides = viewer.role !== 'member';
  const isOwner = viewer.profileId === owner?.id;
  const others = people.members.filter(({ profileId }) => profileId !== viewer.profileId);
  /** Owners and admins of the organization; `but` cannot do this. */
  const deciders = (mend: SummaryView['mend'], but?: string): Mend => ({
    mend,
    you: decides && viewer.profileId !== but,
    people: others
      .filter(({ role, profileId }) => role !== 'member' && profileId !== but)
      .map(({ screenName }) => screenName),
  });
  /** Whoever may write to the repository; we do not know who that is. */
  const anyone = (mend: SummaryView['mend']): Mend => ({ mend, you: true, people: [] });

  switch (cause) {
    case 'no-owner':
    case 'left-organization':
      return deciders('take-over');
    case 'not-connected':
    case 'grant-revoked':
    case 'grant-expired':
    case 'grant-unusable':
    case 'scope-missing':
      if (isOwner) return { mend: 'grant-access', you: true, people: [] };
      if (decides) return deciders('take-over', owner?.id);
      return { mend: 'grant-access', you: false, people: owner ? [owner.screenName] : [] };
    case 'no-admin-right':
      // Only another person's right helps, or the one that an admin of the repository gives back.
      return isOwner ? anyone('at-provider') : deciders('take-over', owner?.id);
    case 'repository-gone':
      return deciders('change-url');
    case 'repository-moved':
      return deciders('update-url');
    case 'key-missing':
    case 'key-removed':
    case 'key-lost-with-grant':
    case 'key-lost-with-right':
    case 'key-replaced':
    case 'ssh-refused':
    case 'webhook-missing':
    case 'webhook-removed':
    case 'webhook-inactive':
    case 'webhook-wrong-url':
    case 'webhook-missing-events':
    case 'webhook-without-secret':
      return deciders('repair');
    case 'file-elsewhere':
      return deciders('change-path');
    case 'file-missing':
    case 'repository-empty':
      return anyone('add-file');
    case 'host-key-mismatch':
    case 'webhook-not-allowed':
    case 'branch-gone':
    case 'disconnected':
      return anyone('at-provider');
  }
}

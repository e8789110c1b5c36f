/**
 * What the answers of a look prove. Pure; the table is in the test beside it.
 * Nothing is broken that was not proved to be, and nothing healthy: whatever could not be asked, or contradicts another
 * answer, is not checked. A finding is given as soon as all that it rests on is known, and never changes after that.
 */
import type { RemoteWebhook } from '../providers/repository-access.ts';
import type { BrokenCause, Facts, Finding, NotCheckedCause, Subject } from './finding.ts';
import type { Known, Observation, Refused, SeenFile, SeenKey, SeenSsh, SeenWebhook } from './observation.ts';

type Complete = Required<Observation>;
type Fault = Extract<Refused, { kind: 'fault' }>;
type NoGrant = Extract<Refused, { kind: 'no-grant' }>;

/** What is proved so far; null: it rests on an answer that has not come yet. */
export function diagnose(known: Known, seen: Observation): Record<Subject, Finding | null> {
  return {
    'token-owner': diagnoseTokenOwner(seen),
    'deploy-key': diagnoseKey(known, seen),
    webhook: diagnoseWebhook(known, seen),
    'pipeline-file': diagnoseFile(known, seen),
  };
}

/** Whether an answer is there; types cannot say it of a set of fields. */
function has<K extends keyof Observation>(
  seen: Observation,
  ...names: K[]
): seen is Observation & Pick<Complete, K> {
  return names.every((name) => seen[name] !== undefined);
}

// -- What several findings rest on --------------------------------------------------------------------------------

type RepositoryState =
  | { kind: 'there'; fullName: string; defaultBranch: string | null }
  /** Not for the token owner's eyes, or not at all. */
  | { kind: 'out-of-sight' }
  | NoGrant
  | { kind: 'scope-missing'; missing: string[] }
  | Fault;

const UNEXPECTED: Fault = { kind: 'fault', code: 'provider-unexpected', retryAt: null };

/** Needs `repository`, `key` and `webhook`. */
function judgeRepository(
  seen: Pick<Complete, 'repository' | 'key' | 'webhook'> & Observation,
): RepositoryState {
  const { repository } = seen;
  switch (repository.kind) {
    case 'value':
      return { kind: 'there', ...repository.value };
    case 'not-found': {
      // Something below the same address was found, so this answer cannot be the truth.
      const below = ['value', 'absent', 'replaced'];
      return [seen.key, seen.webhook].some(({ kind }) => below.includes(kind))
        ? UNEXPECTED
        : { kind: 'out-of-sight' };
    }
    case 'hidden':
    case 'forbidden':
      // Seen, but not allowed to be read: the right on it is gone.
      return { kind: 'out-of-sight' };
    default:
      return repository;
  }
}

/** What is read over SSH, or seen by somebody else, is there: only the token owner does not see it any more. */
function isThere({ repository, ssh }: Pick<Complete, 'repository' | 'ssh'>): boolean {
  return ssh.kind === 'reads' || repository.kind === 'hidden';
}

type Right =
  | { kind: 'admin' }
  | { kind: 'none'; permission: 'write' | 'read' | null }
  | { kind: 'unknown'; fault: Fault };

/** The token owner's right on a repository that is there. */
function judgeRight({ permission, key }: Pick<Complete, 'permission' | 'key'>): Right {
  const named = permission.kind === 'value' ? permission.value : null;
  if (named !== null) return named === 'admin' ? { kind: named } : { kind: 'none', permission: named };
  // None was given by name; only an admin, by whatever way, is told about keys.
  if (toldAboutKeys(key)) return { kind: 'admin' };
  if (permission.kind === 'fault') return { kind: 'unknown', fault: permission };
  if (key.kind === 'forbidden') return { kind: 'none', permission: null };
  return { kind: 'unknown', fault: key.kind === 'fault' ? key : UNEXPECTED };
}

function toldAboutKeys({ kind }: SeenKey): boolean {
  return ['value', 'absent', 'replaced'].includes(kind);
}

// -- Token owner --------------------------------------------------------------------------------------------------

function diagnoseTokenOwner(seen: Observation): Finding | null {
  const subject = 'token-owner';
  if (!has(seen, 'repository', 'permission', 'key', 'webhook')) return null;
  const answers = [seen.repository, seen.permission, seen.key, seen.webhook];
  const dead = answers.find((answer) => answer.kind === 'no-grant');
  if (dead) {
    const facts = dead.endedAt ? { endedAt: dead.endedAt.toISOString() } : {};
    return { subject, state: 'broken', cause: dead.reason, facts };
  }
  const lacking = answers.flatMap((answer) => (answer.kind === 'scope-missing' ? answer.missing : []));
  if (answers.some(({ kind }) => kind === 'scope-missing')) {
    const missingScopes = [...new Set(lacking)].sort();
    return { subject, state: 'broken', cause: 'scope-missing', facts: { missingScopes } };
  }
  const repository = judgeRepository(seen);
  if (repository.kind === 'fault') return notChecked(subject, repository);
  if (repository.kind === 'out-of-sight') {
    if (!has(seen, 'ssh')) return null;
    const cause = isThere(seen) ? 'no-admin-right' : 'repository-gone';
    return { subject, state: 'broken', cause, facts: { permission: null } };
  }
  const right = judgeRight(seen);
  if (right.kind === 'unknown') return notChecked(subject, right.fault);
  if (right.kind === 'admin') {
    return { subject, state: 'healthy', cause: null, facts: { permission: 'admin' } };
  }
  return { subject, state: 'broken', cause: 'no-admin-right', facts: { permission: right.permission } };
}

// -- Deploy key ---------------------------------------------------------------------------------------------------

function diagnoseKey(known: Known, seen: Observation): Finding | null {
  const subject = 'deploy-key';
  if (!known.key) return { subject, state: 'broken', cause: 'key-missing', facts: {} };
  if (!has(seen, 'key', 'ssh')) return null;
  const { key, ssh } = seen;
  const { title, fingerprint, createdAt } = known.key;
  const base: Facts = {
    title: key.kind === 'value' ? key.value.label || title : title,
    fingerprint,
    addedAt: (key.kind === 'value' && key.value.addedAt) || createdAt.toISOString(),
    ...sshFacts(ssh),
  };
  const broken = (cause: BrokenCause, more: Facts = {}): Finding => {
    return { subject, state: 'broken', cause, facts: { ...base, ...more } };
  };
  if (key.kind === 'value') return diagnoseListedKey(known, seen, base, broken);
  if (key.kind === 'replaced') return broken('key-replaced');
  if (key.kind === 'absent') return broken(known.key.grantChanged ? 'key-lost-with-grant' : 'key-removed');
  if (key.kind === 'fault') return notChecked(subject, key, base);

  // The list cannot be read with this grant, so only the login is left to prove something.
  const refused = ssh.kind === 'refused';
  if (ssh.kind === 'host-key-mismatch') return broken('host-key-mismatch');
  if (key.kind === 'no-grant' && refused && known.key.byOwner) return broken('key-lost-with-grant');
  if (key.kind === 'no-grant' || key.kind === 'scope-missing') {
    return refused ? broken('ssh-refused') : needsTokenOwner(subject, base);
  }
  if (!has(seen, 'repository', 'permission', 'webhook')) return null;
  const repository = judgeRepository(seen);
  if (repository.kind === 'out-of-sight') {
    if (!refused) return needsTokenOwner(subject, base);
    if (!isThere(seen)) return broken('repository-gone');
    return broken(known.key.byOwner ? 'key-lost-with-right' : 'ssh-refused');
  }
  if (repository.kind !== 'there') return notCheckedFor(subject, repository, base);
  const right = judgeRight(seen);
  // Who may see the repository's keys is not refused the list of them: one of the answers is not the truth.
  if (key.kind === 'not-found' || right.kind !== 'none') return notChecked(subject, UNEXPECTED, base);
  if (!refused) return needsTokenOwner(subject, base);
  const moved = movedTo(known, repository.fullName);
  if (moved) return broken('repository-moved', { movedTo: moved });
  return broken(known.key.byOwner ? 'key-lost-with-right' : 'ssh-refused');
}

function diagnoseListedKey(
  known: Known,
  seen: Observation & Pick<Complete, 'ssh'>,
  facts: Facts,
  broken: (cause: BrokenCause, more?: Facts) => Finding,
): Finding | null {
  const subject = 'deploy-key';
  switch (seen.ssh.kind) {
    case 'reads':
      return { subject, state: 'healthy', cause: null, facts };
    case 'host-key-mismatch':
      return broken('host-key-mismatch');
    case 'refused': {
      if (!has(seen, 'repository')) return null;
      // The login goes to the project's URL; a repository that moved away from there need not answer at it.
      if (seen.repository.kind === 'value') {
        const moved = movedTo(known, seen.repository.value.fullName);
        return moved ? broken('repository-moved', { movedTo: moved }) : broken('ssh-refused');
      }
      if (seen.repository.kind === 'fault') return notChecked(subject, seen.repository, facts);
      return broken('ssh-refused');
    }
    default:
      return { subject, state: 'not-checked', cause: 'ssh-unreachable', facts };
  }
}

function sshFacts(ssh: SeenSsh): Facts {
  switch (ssh.kind) {
    case 'reads':
      return { sshReads: true };
    case 'refused':
      return { sshReads: false, sshWords: ssh.words };
    case 'unreachable':
      return { sshWords: ssh.words };
    case 'host-key-mismatch':
      return { presentedHostKey: ssh.presented };
    case 'not-asked':
      return {};
  }
}

// -- Webhook ------------------------------------------------------------------------------------------------------

function diagnoseWebhook(known: Known, seen: Observation): Finding | null {
  const subject = 'webhook';
  const missing: Finding = { subject, state: 'broken', cause: 'webhook-missing', facts: {} };
  if (!known.webhook) return missing;
  if (!has(seen, 'webhook')) return null;
  const { webhook } = seen;
  const facts: Facts = { title: known.webhook.title, url: known.webhook.url };
  switch (webhook.kind) {
    case 'value':
      return judgeWebhook(known, known.webhook, webhook.value);
    case 'not-asked':
      return missing;
    case 'absent':
      return { subject, state: 'broken', cause: 'webhook-removed', facts };
    case 'fault':
      return notChecked(subject, webhook, facts);
    case 'no-grant':
    case 'scope-missing':
      return needsTokenOwner(subject, facts);
    case 'forbidden':
    case 'not-found':
      return diagnoseUnseenWebhook(seen, webhook, facts);
  }
}

function judgeWebhook(known: Known, ours: { url: string }, found: RemoteWebhook): Finding {
  const subject = 'webhook';
  const facts: Facts = { title: found.title, url: ours.url };
  const broken = (cause: BrokenCause, more: Facts = {}): Finding => {
    return { subject, state: 'broken', cause, facts: { ...facts, ...more } };
  };
  const missingEvents = known.events.filter((event) => !found.events.includes(event));
  if (!found.active) return broken('webhook-inactive');
  if (found.url !== ours.url) return broken('webhook-wrong-url', { foundUrl: found.url });
  if (missingEvents.length > 0) return broken('webhook-missing-events', { missingEvents });
  if (!found.secretSet) return broken('webhook-without-secret');
  return { subject, state: 'healthy', cause: null, facts };
}

/** The provider does not show the repository's webhooks to the token owner. */
function diagnoseUnseenWebhook(
  seen: Observation & { webhook: SeenWebhook },
  { kind }: { kind: 'forbidden' | 'not-found' },
  facts: Facts,
): Finding | null {
  const subject = 'webhook';
  if (!has(seen, 'repository', 'key')) return null;
  const repository = judgeRepository(seen);
  if (repository.kind === 'out-of-sight') {
    if (!has(seen, 'ssh')) return null;
    if (isThere(seen)) return needsTokenOwner(subject, facts);
    return { subject, state: 'broken', cause: 'repository-gone', facts };
  }
  if (repository.kind !== 'there') return notCheckedFor(subject, repository, facts);
  if (kind === 'forbidden') return { subject, state: 'broken', cause: 'webhook-not-allowed', facts };
  return notChecked(subject, UNEXPECTED, facts);
}

// -- Pipeline file ------------------------------------------------------------------------------------------------

function diagnoseFile(known: Known, seen: Observation): Finding | null {
  const subject = 'pipeline-file';
  const path = known.pipelineFile;
  if (!has(seen, 'repository', 'file')) return null;
  const { repository, file } = seen;
  const broken = (cause: BrokenCause, more: Facts = {}): Finding => {
    return { subject, state: 'broken', cause, facts: { path, ...more } };
  };
  if (repository.kind === 'no-grant') return broken('disconnected', { brokenSubject: 'token-owner' });
  if (repository.kind === 'value') {
    const moved = movedTo(known, repository.value.fullName);
    if (moved) return broken('repository-moved', { movedTo: moved });
    return diagnoseFileThere(file, path, broken);
  }
  if (!has(seen, 'key', 'webhook')) return null;
  const state = judgeRepository(seen);
  if (state.kind === 'out-of-sight') {
    if (file.kind === 'value') return notChecked(subject, UNEXPECTED, { path });
    if (!has(seen, 'ssh')) return null;
    return isThere(seen)
      ? broken('disconnected', { brokenSubject: 'token-owner' })
      : broken('repository-gone');
  }
  return state.kind === 'there' ? null : notCheckedFor(subject, state, { path });
}

function diagnoseFileThere(
  file: SeenFile,
  path: string,
  broken: (cause: BrokenCause, more?: Facts) => Finding,
): Finding {
  const subject = 'pipeline-file';
  switch (file.kind) {
    case 'value':
      return { subject, state: 'healthy', cause: null, facts: { path, ...file.value } };
    case 'empty':
      return broken('repository-empty');
    case 'branch-gone':
      return broken('branch-gone', { branch: file.branch, ...onBranches(file.onBranches) });
    case 'missing': {
      const { branch, atPath } = file;
      if (atPath !== null) return broken('file-elsewhere', { branch, foundAtPath: atPath });
      return broken('file-missing', { branch, ...onBranches(file.onBranches) });
    }
    case 'forbidden':
    case 'not-found':
      return notChecked(subject, UNEXPECTED, { path });
    case 'scope-missing':
      return needsTokenOwner(subject, { path });
    case 'no-grant':
      // It ended between two answers of this look; the next one finds out why.
      return notChecked(subject, { code: 'grant-doubtful', retryAt: null }, { path });
    case 'fault':
      return notChecked(subject, file, { path });
  }
}

function onBranches(names: string[]): Facts {
  return names.length > 0 ? { foundOnBranches: names } : {};
}

// -- Shared -------------------------------------------------------------------------------------------------------

/** Where the repository is now, when that is not what the project's URL says. */
function movedTo(known: Known, fullName: string): string | null {
  return fullName.toLowerCase() === known.repositoryName.toLowerCase() ? null : fullName;
}

function needsTokenOwner(subject: Subject, facts: Facts): Finding {
  return { subject, state: 'not-checked', cause: 'needs-token-owner', facts };
}

function notCheckedFor(
  subject: Subject,
  repository: Exclude<RepositoryState, { kind: 'there' | 'out-of-sight' }>,
  facts: Facts,
): Finding {
  return repository.kind === 'fault'
    ? notChecked(subject, repository, facts)
    : needsTokenOwner(subject, facts);
}

function notChecked(
  subject: Subject,
  { code, retryAt }: { code: NotCheckedCause; retryAt: Date | null },
  facts: Facts = {},
): Finding {
  const more = retryAt ? { retryAt: retryAt.toISOString() } : {};
  return { subject, state: 'not-checked', cause: code, facts: { ...facts, ...more } };
}

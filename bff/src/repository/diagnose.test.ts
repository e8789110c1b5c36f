import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnose } from './diagnose.ts';
import type { BrokenCause, Cause, Facts, FindingState, NotCheckedCause, Subject } from './finding.ts';
import { SUBJECTS } from './finding.ts';
import type { Known, NoGrantReason, Observation, Refused, SeenKey } from './observation.ts';
import { becauseOf } from './summary.ts';
import type { RowView } from './view.ts';

const UUID = '{b0a1c2d3-0000-4000-8000-00000000aaaa}';
const URL = 'https://ci.example/hooks/bitbucket/1';
const EVENTS = ['repo:push', 'repo:updated'];
const WORDS = 'git@ssh.bitbucket.org: Permission denied (publickey).';
const AT = new Date('2026-11-01T10:00:00.000Z');
const COMMIT = 'c0ffee'.padEnd(40, '0');

const KNOWN: Known = {
  repositoryName: 'acme/api',
  pipelineFile: '.semaphore/semaphore.yml',
  events: EVENTS,
  key: {
    publicKey: 'ssh-ed25519 AAAA',
    title: 'Semaphore · acme/api',
    fingerprint: 'SHA256:print',
    createdAt: AT,
    byOwner: true,
    grantChanged: false,
  },
  webhook: { url: URL, title: 'Semaphore · acme/api' },
};

const HOOK = {
  id: '{h}',
  url: URL,
  title: 'Semaphore · acme/api',
  active: true,
  events: EVENTS,
  secretSet: true,
};
const value = <T>(it: T) => ({ kind: 'value', value: it }) as const;
const repository = (over: Partial<{ fullName: string; defaultBranch: string | null }> = {}) =>
  value({
    uuid: UUID,
    fullName: 'acme/api',
    name: 'api',
    isPrivate: true,
    defaultBranch: 'main' as string | null,
    ...over,
  });
const key = value({
  id: '7',
  publicKey: 'ssh-ed25519 AAAA',
  label: 'Semaphore · acme/api',
  addedAt: AT.toISOString(),
});
const hook = (over: Partial<typeof HOOK> = {}) => value({ ...HOOK, ...over });
const NOT_FOUND: Refused = { kind: 'not-found' };
const FORBIDDEN: Refused = { kind: 'forbidden' };
const REFUSED = { kind: 'refused', words: WORDS } as const;
const noGrant = (reason: NoGrantReason): Refused => ({ kind: 'no-grant', reason, endedAt: AT });
const lacking = (...missing: string[]): Refused => ({ kind: 'scope-missing', missing });

const WELL: Required<Observation> = {
  repository: repository(),
  permission: value('admin'),
  key,
  webhook: hook(),
  file: value({ branch: 'main', commit: COMMIT, size: 321 }),
  ssh: { kind: 'reads' },
};

/** Every call with the same answer. */
const all = (answer: Refused): Observation => ({
  repository: answer,
  permission: answer,
  key: answer,
  webhook: answer,
  file: answer,
});

type Told =
  | `${FindingState}`
  | `${FindingState} ${Cause}`
  | `${FindingState} ${Cause} < ${Subject | 'repository'}`;

function tell(known: Known, seen: Observation) {
  const findings = diagnose(known, seen);
  const rows = SUBJECTS.flatMap((subject) => findings[subject] ?? []);
  return Object.fromEntries(
    SUBJECTS.map((subject) => {
      const finding = findings[subject];
      if (!finding) return [subject, null];
      const root: RowView['becauseOf'] = becauseOf(finding, rows);
      return [subject, [finding.state, finding.cause, root && `< ${root}`].filter(Boolean).join(' ')];
    }),
  );
}

type Case = {
  when: string;
  known?: Partial<Known>;
  seen: Partial<Observation>;
  /** Those that are not healthy. */
  tells: Partial<Record<Subject, Told>>;
  facts?: Partial<Record<Subject, Facts>>;
};

const changedGrant = { ...(KNOWN.key as NonNullable<Known['key']>), grantChanged: true };
const anothers = { ...(KNOWN.key as NonNullable<Known['key']>), byOwner: false };

const DEAD = {
  'deploy-key': 'not-checked needs-token-owner < token-owner',
  webhook: 'not-checked needs-token-owner < token-owner',
  'pipeline-file': 'broken disconnected < token-owner',
} as const;

const CASES: Case[] = [
  {
    when: 'all is well',
    seen: {},
    tells: {},
    facts: {
      'token-owner': { permission: 'admin' },
      'deploy-key': {
        title: 'Semaphore · acme/api',
        fingerprint: 'SHA256:print',
        addedAt: AT.toISOString(),
        sshReads: true,
      },
      webhook: { title: 'Semaphore · acme/api', url: URL },
      'pipeline-file': {
        path: '.semaphore/semaphore.yml',
        branch: 'main',
        commit: COMMIT,
        size: 321,
      },
    },
  },

  // Token owner
  ...(
    [
      'no-owner',
      'left-organization',
      'not-connected',
      'grant-revoked',
      'grant-expired',
      'grant-unusable',
    ] as const
  ).map(
    (reason): Case => ({
      when: `the token owner's grant is gone: ${reason}`,
      seen: all(noGrant(reason)),
      tells: { 'token-owner': `broken ${reason}`, ...DEAD },
      facts: {
        'token-owner': { endedAt: AT.toISOString() },
        'pipeline-file': { path: '.semaphore/semaphore.yml', brokenSubject: 'token-owner' },
      },
    }),
  ),
  {
    when: 'the grant is gone, and the key with it',
    seen: { ...all(noGrant('grant-revoked')), ssh: REFUSED },
    tells: {
      'token-owner': 'broken grant-revoked',
      ...DEAD,
      'deploy-key': 'broken key-lost-with-grant < token-owner',
    },
    facts: {
      'deploy-key': {
        title: 'Semaphore · acme/api',
        fingerprint: 'SHA256:print',
        addedAt: AT.toISOString(),
        sshReads: false,
        sshWords: WORDS,
      },
    },
  },
  {
    when: 'the grant is gone, and the key that another admin made is refused',
    known: { key: anothers },
    seen: { ...all(noGrant('grant-revoked')), ssh: REFUSED },
    tells: { 'token-owner': 'broken grant-revoked', ...DEAD, 'deploy-key': 'broken ssh-refused' },
  },
  {
    when: 'the grant is gone, and SSH does not answer',
    seen: { ...all(noGrant('grant-revoked')), ssh: { kind: 'unreachable', words: 'Connection refused' } },
    tells: { 'token-owner': 'broken grant-revoked', ...DEAD },
  },
  {
    when: 'the grant died between two answers',
    seen: { key: noGrant('grant-revoked'), webhook: noGrant('grant-revoked') },
    tells: {
      'token-owner': 'broken grant-revoked',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
      webhook: 'not-checked needs-token-owner < token-owner',
    },
  },
  {
    when: 'the grant died before the last answer',
    seen: { file: noGrant('grant-revoked') },
    tells: { 'pipeline-file': 'not-checked grant-doubtful' },
  },
  {
    when: 'the grant covers no webhooks',
    seen: { webhook: lacking('webhook') },
    tells: {
      'token-owner': 'broken scope-missing',
      webhook: 'not-checked needs-token-owner < token-owner',
    },
    facts: { 'token-owner': { missingScopes: ['webhook'] } },
  },
  {
    when: 'the grant covers no keys, and SSH reads',
    seen: { key: lacking('repository:admin') },
    tells: {
      'token-owner': 'broken scope-missing',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
    },
  },
  {
    when: 'the grant covers no keys, and SSH refuses',
    seen: { key: lacking('repository:admin'), ssh: REFUSED },
    tells: { 'token-owner': 'broken scope-missing', 'deploy-key': 'broken ssh-refused' },
  },
  {
    when: 'the grant covers no repositories at all',
    seen: all(lacking('repository')),
    tells: {
      'token-owner': 'broken scope-missing',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
      webhook: 'not-checked needs-token-owner < token-owner',
      'pipeline-file': 'not-checked needs-token-owner < token-owner',
    },
    facts: { 'token-owner': { missingScopes: ['repository'] } },
  },
  {
    when: 'the token owner may only write, and the key still reads',
    seen: { permission: value('write'), key: FORBIDDEN, webhook: FORBIDDEN },
    tells: {
      'token-owner': 'broken no-admin-right',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
      webhook: 'broken webhook-not-allowed < token-owner',
    },
    facts: { 'token-owner': { permission: 'write' } },
  },
  {
    when: 'the token owner may only read, and the key went with the right',
    seen: { permission: value('read'), key: FORBIDDEN, webhook: FORBIDDEN, ssh: REFUSED },
    tells: {
      'token-owner': 'broken no-admin-right',
      'deploy-key': 'broken key-lost-with-right < token-owner',
      webhook: 'broken webhook-not-allowed < token-owner',
    },
    facts: { 'token-owner': { permission: 'read' } },
  },
  {
    when: 'no right was given by name, and the keys may not be listed',
    seen: { permission: value(null), key: FORBIDDEN, webhook: FORBIDDEN },
    tells: {
      'token-owner': 'broken no-admin-right',
      'deploy-key': 'not-checked needs-token-owner < token-owner',
      webhook: 'broken webhook-not-allowed < token-owner',
    },
    facts: { 'token-owner': { permission: null } },
  },
  {
    when: 'no right was given by name, and the keys may be listed: it comes by a group',
    seen: { permission: value(null) },
    tells: {},
    facts: { 'token-owner': { permission: 'admin' } },
  },
  {
    when: 'the same, and the key was removed',
    seen: { permission: value(null), key: { kind: 'absent' }, ssh: REFUSED },
    tells: { 'deploy-key': 'broken key-removed' },
  },

  // The repository
  {
    when: 'the repository is gone, or out of sight',
    seen: { ...all(NOT_FOUND), permission: value(null), ssh: REFUSED },
    tells: {
      'token-owner': 'broken repository-gone < repository',
      'deploy-key': 'broken repository-gone < repository',
      webhook: 'broken repository-gone < repository',
      'pipeline-file': 'broken repository-gone < repository',
    },
    facts: { 'token-owner': { permission: null } },
  },
  {
    when: 'the token owner does not see the repository any more, which another admin sees',
    seen: { ...all(NOT_FOUND), repository: { kind: 'hidden' }, permission: value(null), ssh: REFUSED },
    tells: {
      'token-owner': 'broken no-admin-right',
      ...DEAD,
      'deploy-key': 'broken key-lost-with-right < token-owner',
    },
    facts: { 'token-owner': { permission: null } },
  },
  {
    when: 'the token owner does not see the repository any more, which the key still reads',
    seen: { ...all(NOT_FOUND), permission: value(null) },
    tells: { 'token-owner': 'broken no-admin-right', ...DEAD },
    facts: { 'token-owner': { permission: null } },
  },
  {
    when: 'the repository moved, and SSH goes on serving the old name',
    seen: { repository: repository({ fullName: 'acme/backend' }) },
    tells: { 'pipeline-file': 'broken repository-moved < repository' },
    facts: { 'pipeline-file': { path: '.semaphore/semaphore.yml', movedTo: 'acme/backend' } },
  },
  {
    when: 'the repository moved, and SSH refuses the old name',
    seen: { repository: repository({ fullName: 'acme/backend' }), ssh: REFUSED },
    tells: {
      'deploy-key': 'broken repository-moved < repository',
      'pipeline-file': 'broken repository-moved < repository',
    },
  },
  {
    when: 'only the writing of the name changed',
    seen: { repository: repository({ fullName: 'Acme/API' }) },
    tells: {},
  },

  // Deploy key
  {
    when: 'there was never a key',
    known: { key: null },
    seen: { key: { kind: 'absent' }, ssh: { kind: 'not-asked' } },
    tells: { 'deploy-key': 'broken key-missing' },
  },
  {
    when: 'the key was removed',
    seen: { key: { kind: 'absent' }, ssh: REFUSED },
    tells: { 'deploy-key': 'broken key-removed' },
  },
  {
    when: 'the key is gone, and access was granted anew since it was made',
    known: { key: changedGrant },
    seen: { key: { kind: 'absent' }, ssh: REFUSED },
    tells: { 'deploy-key': 'broken key-lost-with-grant' },
  },
  {
    when: 'another key stands under its id',
    seen: { key: { kind: 'replaced' }, ssh: REFUSED },
    tells: { 'deploy-key': 'broken key-replaced' },
  },
  {
    when: 'the key is listed, and SSH refuses it',
    seen: { ssh: REFUSED },
    tells: { 'deploy-key': 'broken ssh-refused' },
    facts: {
      'deploy-key': {
        title: 'Semaphore · acme/api',
        fingerprint: 'SHA256:print',
        addedAt: AT.toISOString(),
        sshReads: false,
        sshWords: WORDS,
      },
    },
  },
  {
    when: 'the host presents a key that is not pinned',
    seen: { ssh: { kind: 'host-key-mismatch', presented: 'SHA256:other' } },
    tells: { 'deploy-key': 'broken host-key-mismatch' },
  },
  {
    when: 'the key is listed, and SSH does not answer',
    seen: { ssh: { kind: 'unreachable', words: 'Connection refused' } },
    tells: { 'deploy-key': 'not-checked ssh-unreachable' },
  },

  // Webhook
  {
    when: 'there was never a webhook',
    known: { webhook: null },
    seen: { webhook: { kind: 'not-asked' } },
    tells: { webhook: 'broken webhook-missing' },
  },
  {
    when: 'the webhook was removed',
    seen: { webhook: { kind: 'absent' } },
    tells: { webhook: 'broken webhook-removed' },
  },
  {
    when: 'the webhook is switched off',
    seen: { webhook: hook({ active: false }) },
    tells: { webhook: 'broken webhook-inactive' },
  },
  {
    when: 'the webhook leads elsewhere',
    seen: { webhook: hook({ url: 'https://elsewhere.example/' }) },
    tells: { webhook: 'broken webhook-wrong-url' },
    facts: {
      webhook: { title: 'Semaphore · acme/api', url: URL, foundUrl: 'https://elsewhere.example/' },
    },
  },
  {
    when: 'the webhook does not announce everything',
    seen: { webhook: hook({ events: ['repo:push', 'pullrequest:created'] }) },
    tells: { webhook: 'broken webhook-missing-events' },
    facts: { webhook: { title: 'Semaphore · acme/api', url: URL, missingEvents: ['repo:updated'] } },
  },
  {
    when: 'the webhook announces more, in another order',
    seen: { webhook: hook({ events: ['repo:updated', 'pullrequest:created', 'repo:push'] }) },
    tells: {},
  },
  {
    when: 'the webhook has no secret',
    seen: { webhook: hook({ secretSet: false }) },
    tells: { webhook: 'broken webhook-without-secret' },
  },
  {
    when: 'webhooks are not allowed, although the token owner is an admin',
    seen: { webhook: FORBIDDEN },
    tells: { webhook: 'broken webhook-not-allowed' },
  },

  // Pipeline file
  {
    when: 'the file is not on the branch',
    seen: { file: { kind: 'missing', branch: 'main', onBranches: [], atPath: null } },
    tells: { 'pipeline-file': 'broken file-missing' },
    facts: { 'pipeline-file': { path: '.semaphore/semaphore.yml', branch: 'main' } },
  },
  {
    when: 'the file is on another branch',
    seen: { file: { kind: 'missing', branch: 'main', onBranches: ['next'], atPath: null } },
    tells: { 'pipeline-file': 'broken file-missing' },
    facts: {
      'pipeline-file': { path: '.semaphore/semaphore.yml', branch: 'main', foundOnBranches: ['next'] },
    },
  },
  {
    when: 'the file is at another path',
    seen: { file: { kind: 'missing', branch: 'main', onBranches: [], atPath: '.semaphore/build.yml' } },
    tells: { 'pipeline-file': 'broken file-elsewhere' },
    facts: {
      'pipeline-file': {
        path: '.semaphore/semaphore.yml',
        branch: 'main',
        foundAtPath: '.semaphore/build.yml',
      },
    },
  },
  {
    when: 'the default branch is gone',
    seen: { file: { kind: 'branch-gone', branch: 'main', onBranches: ['trunk'] } },
    tells: { 'pipeline-file': 'broken branch-gone' },
    facts: {
      'pipeline-file': { path: '.semaphore/semaphore.yml', branch: 'main', foundOnBranches: ['trunk'] },
    },
  },
  {
    when: 'the repository is empty',
    seen: { repository: repository({ defaultBranch: null }), file: { kind: 'empty' } },
    tells: { 'pipeline-file': 'broken repository-empty' },
  },

  {
    when: 'an admin of the repository has lost the right to it, and the key that another made is refused',
    known: { key: anothers },
    seen: { permission: value('write'), key: FORBIDDEN, webhook: FORBIDDEN, ssh: REFUSED },
    tells: {
      'token-owner': 'broken no-admin-right',
      'deploy-key': 'broken ssh-refused',
      webhook: 'broken webhook-not-allowed < token-owner',
    },
  },

  // Answers that contradict each other
  {
    when: 'the token owner is an admin by name, and may not list the keys',
    seen: { key: FORBIDDEN, ssh: REFUSED },
    tells: { 'deploy-key': 'not-checked provider-unexpected' },
  },
  {
    when: 'the repository is said to be gone, and its key is found',
    seen: { repository: NOT_FOUND, file: NOT_FOUND },
    tells: {
      'token-owner': 'not-checked provider-unexpected',
      'pipeline-file': 'not-checked provider-unexpected',
    },
  },
  {
    when: 'the repository is there, and its keys and webhooks are said not to be',
    seen: { key: NOT_FOUND, webhook: NOT_FOUND },
    tells: {
      'deploy-key': 'not-checked provider-unexpected',
      webhook: 'not-checked provider-unexpected',
    },
  },
];

describe('what the answers of a look prove', () => {
  test.each(CASES)('$when', ({ known, seen, tells, facts }) => {
    const complete = { ...WELL, ...seen };
    const all = { ...KNOWN, ...known };
    const well = Object.fromEntries(SUBJECTS.map((subject) => [subject, 'healthy']));
    expect(tell(all, complete)).toEqual({ ...well, ...tells });
    const findings = diagnose(all, complete);
    for (const [subject, wanted] of Object.entries(facts ?? {})) {
      expect(findings[subject as Subject]?.facts).toEqual(wanted);
    }
  });

  test('the table has a row for every cause', () => {
    const told = new Set(
      CASES.flatMap(({ tells }) => Object.values(tells).map((words) => words.split(' ')[1])),
    );
    const causes: Record<BrokenCause, true> = {
      'no-owner': true,
      'not-connected': true,
      'grant-revoked': true,
      'grant-expired': true,
      'grant-unusable': true,
      'left-organization': true,
      'scope-missing': true,
      'no-admin-right': true,
      'repository-gone': true,
      'repository-moved': true,
      'key-missing': true,
      'key-removed': true,
      'key-lost-with-grant': true,
      'key-lost-with-right': true,
      'key-replaced': true,
      'ssh-refused': true,
      'host-key-mismatch': true,
      'webhook-missing': true,
      'webhook-removed': true,
      'webhook-inactive': true,
      'webhook-wrong-url': true,
      'webhook-missing-events': true,
      'webhook-without-secret': true,
      'webhook-not-allowed': true,
      'file-missing': true,
      'file-elsewhere': true,
      'branch-gone': true,
      'repository-empty': true,
      disconnected: true,
    };
    expect(Object.keys(causes).filter((cause) => !told.has(cause))).toEqual([]);
  });
});

const FAULTS = [
  'provider-timeout',
  'provider-unreachable',
  'provider-rate-limited',
  'provider-error',
  'provider-unexpected',
  'grant-doubtful',
  'refresh-under-way',
] as const satisfies readonly NotCheckedCause[];

const fault = (code: (typeof FAULTS)[number], retryAt: Date | null = null): Refused => ({
  kind: 'fault',
  code,
  retryAt,
});

describe('a fault of the provider', () => {
  test.each(FAULTS)('%s of everything checks nothing, and turns nothing red', (code) => {
    expect(tell(KNOWN, { ...WELL, ...all(fault(code, AT)) })).toEqual(
      Object.fromEntries(SUBJECTS.map((subject) => [subject, `not-checked ${code}`])),
    );
    const findings = diagnose(KNOWN, { ...WELL, ...all(fault(code, AT)) });
    for (const subject of SUBJECTS) expect(findings[subject]?.facts.retryAt).toBe(AT.toISOString());
  });

  test.each(FAULTS)('%s of one call leaves what the others prove', (code) => {
    const only = (name: keyof Observation) => tell(KNOWN, { ...WELL, [name]: fault(code) });
    const well = Object.fromEntries(SUBJECTS.map((subject) => [subject, 'healthy']));
    const told = `not-checked ${code}`;
    expect(only('key')).toEqual({ ...well, 'deploy-key': told });
    expect(only('webhook')).toEqual({ ...well, webhook: told });
    expect(only('file')).toEqual({ ...well, 'pipeline-file': told });
    // Who is told about keys is an admin.
    expect(only('permission')).toEqual(well);
    expect(only('repository')).toEqual({ ...well, 'token-owner': told, 'pipeline-file': told });
  });

  test('a login that is refused while Bitbucket cannot be asked proves nothing: its logins may be down, too', () => {
    const seen = { ...WELL, ...all(fault('provider-error')), ssh: REFUSED };
    expect(tell(KNOWN, seen)['deploy-key']).toBe('not-checked provider-error');
  });
});

// -- Whatever comes together ----------------------------------------------------------------------------------------

const anyFault = fc.constantFrom(...FAULTS).map((code) => fault(code));
const anyRefusal = fc.oneof(
  anyFault,
  fc.constantFrom<Refused>(NOT_FOUND, FORBIDDEN, lacking('webhook'), noGrant('grant-revoked')),
);
const anyKey: fc.Arbitrary<SeenKey> = fc.oneof(
  anyRefusal,
  fc.constantFrom<SeenKey>(key, { kind: 'absent' }, { kind: 'replaced' }),
);
const anySsh = fc.constantFrom<Required<Observation>['ssh']>(
  { kind: 'reads' },
  REFUSED,
  { kind: 'host-key-mismatch', presented: 'SHA256:other' },
  { kind: 'unreachable', words: '' },
);
const anything: fc.Arbitrary<Required<Observation>> = fc.record({
  repository: fc.oneof(
    anyRefusal,
    fc.constantFrom(repository(), repository({ fullName: 'acme/new' }), repository({ defaultBranch: null })),
  ),
  permission: fc.oneof(
    anyRefusal,
    fc.constantFrom(value('admin' as const), value('read' as const), value(null)),
  ),
  key: anyKey,
  webhook: fc.oneof(
    anyRefusal,
    fc.constantFrom<Required<Observation>['webhook']>(hook(), hook({ active: false }), { kind: 'absent' }),
  ),
  file: fc.oneof(
    anyRefusal,
    fc.constantFrom<Required<Observation>['file']>(
      WELL.file,
      { kind: 'empty' },
      { kind: 'missing', branch: 'main', onBranches: [], atPath: null },
      { kind: 'branch-gone', branch: 'main', onBranches: [] },
    ),
  ),
  ssh: anySsh,
});

describe('whatever comes together', () => {
  test('every thing is told about when all answers are there', () => {
    fc.assert(
      fc.property(anything, (seen) => {
        const findings = diagnose(KNOWN, seen);
        expect(SUBJECTS.filter((subject) => findings[subject] === null)).toEqual([]);
      }),
    );
  });

  test('healthy is only what was proved by the very answers that it takes', () => {
    fc.assert(
      fc.property(anything, (seen) => {
        const findings = diagnose(KNOWN, seen);
        const healthy = (subject: Subject) => findings[subject]?.state === 'healthy';
        if (healthy('deploy-key')) expect([seen.key.kind, seen.ssh.kind]).toEqual(['value', 'reads']);
        if (healthy('webhook')) expect(seen.webhook).toEqual(hook());
        if (healthy('pipeline-file')) {
          expect([seen.repository.kind, seen.file.kind]).toEqual(['value', 'value']);
        }
        if (!healthy('token-owner')) return;
        expect(seen.repository.kind).toBe('value');
        const told = ['value', 'absent', 'replaced'].includes(seen.key.kind);
        const named = seen.permission.kind === 'value' && seen.permission.value === 'admin';
        expect(told || named).toBe(true);
      }),
    );
  });

  test('no faults make anything broken: with the faulty answers gone, another answer proves the same', () => {
    fc.assert(
      fc.property(anything, (seen) => {
        const isFault = (name: keyof Observation) =>
          seen[name].kind === 'fault' || (name === 'ssh' && seen.ssh.kind === 'unreachable');
        const names = Object.keys(seen) as (keyof Observation)[];
        const well = Object.fromEntries(
          names.map((name) => [name, isFault(name) ? WELL[name] : seen[name]]),
        ) as Required<Observation>;
        const now = diagnose(KNOWN, seen);
        const then = diagnose(KNOWN, well);
        for (const subject of SUBJECTS) {
          if (now[subject]?.state !== 'broken') continue;
          // Something else than the fault says so; that may be said more precisely when the fault is gone.
          expect(names.some((name) => !isFault(name) && seen[name] !== WELL[name])).toBe(true);
          expect(then[subject]?.state).not.toBe('healthy');
        }
      }),
    );
  });

  test('only faults never make anything broken', () => {
    const answers = fc.record({
      repository: fc.oneof(anyFault, fc.constant(WELL.repository)),
      permission: fc.oneof(anyFault, fc.constant(WELL.permission), fc.constant(value(null))),
      key: fc.oneof(anyFault, fc.constant(WELL.key)),
      webhook: fc.oneof(anyFault, fc.constant(WELL.webhook)),
      file: fc.oneof(anyFault, fc.constant(WELL.file)),
      ssh: fc.constantFrom<Required<Observation>['ssh']>(
        { kind: 'reads' },
        { kind: 'unreachable', words: '' },
      ),
    });
    fc.assert(
      fc.property(answers, (seen) => {
        const findings = diagnose(KNOWN, seen);
        for (const subject of SUBJECTS) expect(findings[subject]?.state).not.toBe('broken');
      }),
    );
  });

  test('what is told before all answers are there stays, in whatever order they come', () => {
    const orders = fc.shuffledSubarray([...Object.keys(WELL)] as (keyof Observation)[], { minLength: 6 });
    fc.assert(
      fc.property(anything, orders, (seen, order) => {
        const last = diagnose(KNOWN, seen);
        let sofar: Observation = {};
        for (const name of order) {
          sofar = { ...sofar, [name]: seen[name] };
          const findings = diagnose(KNOWN, sofar);
          for (const subject of SUBJECTS) {
            if (findings[subject]) expect(findings[subject]).toEqual(last[subject]);
          }
        }
      }),
    );
  });
});

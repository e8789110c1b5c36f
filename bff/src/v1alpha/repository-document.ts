/** A project's repository as scripts read it: what the Repository tab shows, in the words and forms of this API. */
import { z } from '@hono/zod-openapi';
import { type Cause, type Facts, SUBJECTS } from '../repository/finding.ts';
import { PROBLEM_WORDS } from '../repository/repair/problem.ts';
import type { OperationView, RepositoryView } from '../repository/view.ts';
import { CAUSE_WORDS, MEND_WORDS } from './cause-words.ts';

type Codes<T extends string> = [T, ...T[]];
const codesOf = <T extends string>(words: Record<T, string>) => Object.keys(words) as Codes<T>;

/** Every code with its sentence, as a list in a description. */
function explain(words: Record<string, string>): string {
  return Object.entries(words)
    .map(([code, sentence]) => `- \`${code}\`: ${sentence}`)
    .join('\n');
}

const Time = z.iso.datetime();
/** A schema that has a name keeps it; made nullable, it would be so everywhere. */
const orNull = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()]);
const Subject = z.enum(SUBJECTS).openapi('Subject', { description: 'What is checked.' });
export const Repairable = z.enum(['deploy-key', 'webhook']).openapi('Repairable', {
  description: 'What is made at Bitbucket for a project, and can be made anew.',
});
const CauseCode = z.enum(codesOf(CAUSE_WORDS)).openapi('Cause', {
  description: `Why something is broken, or was not checked. More may be added.\n\n${explain(CAUSE_WORDS)}`,
});
const Mend = z.enum(codesOf(MEND_WORDS)).openapi('Mend', {
  description: `What mends the root cause.\n\n${explain(MEND_WORDS)}`,
});
const Problem = z.enum(codesOf(PROBLEM_WORDS)).openapi('OperationProblem', {
  description: `Why an operation failed, or what it waits for.\n\n${explain(PROBLEM_WORDS)}`,
});

const FactsOf = z
  .object({
    retry_at: Time.optional().describe('When Bitbucket asked to be asked again.'),
    missing_scopes: z.array(z.string()).optional().describe('Scopes that the grant lacks.'),
    permission: z
      .enum(['admin', 'write', 'read'])
      .nullable()
      .optional()
      .describe('The token owner’s right on the repository; null: none.'),
    ended_at: Time.optional().describe('When the grant ended, as far as was seen.'),
    title: z.string().optional().describe('Title at Bitbucket.'),
    fingerprint: z.string().optional().describe('SHA256 fingerprint of the public key.'),
    added_at: Time.optional(),
    ssh_words: z.string().optional().describe('What SSH said, word for word.'),
    presented_host_key: z
      .string()
      .optional()
      .describe('Fingerprint of the host key that was presented instead of a known one.'),
    ssh_reads: z
      .boolean()
      .optional()
      .describe('Whether a login with the private key could read the repository.'),
    url: z.string().optional().describe('Address of the webhook as it should be.'),
    found_url: z.string().optional().describe('Address of the webhook as it was found.'),
    missing_events: z.array(z.string()).optional().describe('Events that the webhook does not announce.'),
    last_delivery_at: Time.optional().describe('When the last delivery was received.'),
    path: z.string().optional().describe('Path of the pipeline file.'),
    branch: z.string().optional(),
    commit: z.string().optional(),
    size: z.number().optional().describe('Bytes.'),
    found_on_branches: z.array(z.string()).optional().describe('Branches that have the file.'),
    found_at_path: z.string().optional().describe('Where a pipeline file is instead.'),
    broken_subject: Subject.optional().describe('Which check says that the repository is disconnected.'),
    moved_to: z.string().optional().describe('`workspace/slug` where the repository is now.'),
  })
  .openapi('Facts', { description: 'What is known about it; every field only when it is known.' });

const Previous = z
  .object({
    state: z.enum(['healthy', 'broken']),
    cause: orNull(CauseCode),
    message: z.string().nullable(),
    facts: FactsOf,
    at: Time,
  })
  .openapi('PreviousFinding', {
    description: 'What was last proved, when it could not be checked now and ever could.',
  });

const FindingOf = z
  .object({
    subject: Subject,
    state: z
      .enum(['healthy', 'broken', 'not-checked'])
      .describe('Proved to work; proved broken; or nothing was proved, see `previous` for what was known.'),
    cause: orNull(CauseCode).describe('Null when healthy, and while a new project is being made.'),
    message: z.string().nullable().describe('The cause in a sentence.'),
    facts: FactsOf,
    checked_at: Time.nullable().describe('When this was seen, or tried; null: never.'),
    previous: orNull(Previous),
    busy: z
      .boolean()
      .describe('A look that has not come to this subject yet, or an operation on it, is under way.'),
    because_of: z
      .enum([...SUBJECTS, 'repository'])
      .nullable()
      .describe('The subject whose cause this one only follows from.'),
  })
  .openapi('Finding');

const Summary = z
  .object({
    cause: CauseCode,
    message: z.string(),
    subject: z.enum([...SUBJECTS, 'repository']),
    facts: FactsOf,
    mend: Mend,
    you: z.boolean().describe('Whether the owner of the API token can do that.'),
    people: z.array(z.string()).describe('Others who can, by name.'),
  })
  .openapi('Summary', { description: 'The root cause: what to mend first, and who can.' });

const Step = z
  .object({
    subject: orNull(Repairable).describe('Null for `check`, which looks at everything.'),
    step: z.enum(['make', 'verify', 'switch', 'remove-old', 'check']),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
  })
  .openapi('Step');

const OperationOf = z
  .object({
    id: z.uuid(),
    kind: z.enum(['create', 'repair', 'move', 'delete']),
    subjects: z.array(Repairable),
    state: z.enum(['running', 'done', 'failed']),
    by: z.string().nullable().describe('Name of who asked for it.'),
    started_at: Time,
    finished_at: Time.nullable(),
    waiting_until: Time.nullable().describe('It waits for Bitbucket until then.'),
    problem: z
      .object({
        code: Problem,
        message: z.string().describe('In a sentence, with Bitbucket’s own words if it gave any.'),
      })
      .nullable(),
    steps: z.array(Step),
    done: z
      .array(
        z.object({
          subject: Repairable,
          made: z.string().describe('Fingerprint or address of what came new; may be empty.'),
          removed: z.array(z.string()),
        }),
      )
      .describe('What was done, for each subject.'),
    leftovers: z
      .array(z.object({ subject: Repairable, title: z.string(), why: z.enum(['not-allowed', 'no-access']) }))
      .describe('What could not be removed at Bitbucket, and why.'),
  })
  .openapi('Operation', { description: 'Something that is done with a project’s deploy key and webhook.' });

export const RepositoryDocument = z
  .object({
    project: z.object({
      id: z.uuid(),
      name: z.string(),
      state: z.enum(['creating', 'ready', 'deleting']),
    }),
    repository: z.object({
      url: z.string().describe('As `git clone` takes it.'),
      full_name: z.string().describe('`workspace/slug`.'),
      web_url: z.string(),
      moved_to: z
        .string()
        .nullable()
        .describe('`workspace/slug` where it is now, when that is not what the URL says.'),
    }),
    token_owner: z
      .object({ id: z.uuid(), name: z.string(), you: z.boolean() })
      .nullable()
      .describe('Whose access to Bitbucket is used; null: nobody’s.'),
    pipeline_file: z.string(),
    findings: z.array(FindingOf).describe('One for each subject, always in this order.'),
    summary: orNull(Summary).describe('Null: nothing is proved broken.'),
    operation: orNull(OperationOf).describe(
      'The running operation, or the last one when it ended within the last ten minutes. In the answer to a repair: the one that the request began or joined; null when there was nothing to repair.',
    ),
  })
  .openapi('Repository');

export type RepositoryDocument = z.infer<typeof RepositoryDocument>;

/** The view in the forms of this API. Holds no secret: the view has none. */
export function repositoryDocument(view: RepositoryView): RepositoryDocument {
  const { project, repository, tokenOwner, summary } = view;
  return {
    project,
    repository: {
      url: repository.url,
      full_name: repository.fullName,
      web_url: repository.webUrl,
      moved_to: repository.movedTo,
    },
    token_owner: tokenOwner && { id: tokenOwner.id, name: tokenOwner.screenName, you: tokenOwner.you },
    pipeline_file: view.pipelineFile,
    findings: view.rows.map(({ subject, state, cause, facts, checkedAt, previous, busy, becauseOf }) => ({
      subject,
      state,
      cause,
      message: messageOf(cause),
      facts: factsOf(facts),
      checked_at: checkedAt,
      previous: previous && {
        state: previous.state,
        cause: previous.cause,
        message: messageOf(previous.cause),
        facts: factsOf(previous.facts),
        at: previous.at,
      },
      busy,
      because_of: becauseOf,
    })),
    summary: summary && {
      cause: summary.cause,
      message: CAUSE_WORDS[summary.cause],
      subject: summary.subject,
      facts: factsOf(summary.facts),
      mend: summary.mend,
      you: summary.you,
      people: summary.people,
    },
    operation: view.operation && operationDocument(view.operation),
  };
}

export function operationDocument(operation: OperationView): RepositoryDocument['operation'] {
  const { id, kind, subjects, state, by, problem, steps, done, leftovers } = operation;
  // Searches in the background are shown to nobody.
  if (kind === 'sweep') return null;
  return {
    id,
    kind,
    subjects,
    state,
    by,
    started_at: operation.startedAt,
    finished_at: operation.finishedAt,
    waiting_until: operation.waitingUntil,
    problem,
    steps,
    done,
    leftovers,
  };
}

function messageOf(cause: Cause | null): string | null {
  return cause && CAUSE_WORDS[cause];
}

/** The same facts under names in lower case: a fact that this API does not describe does not compile. */
function factsOf(facts: Facts): z.infer<typeof FactsOf> {
  const renamed = Object.entries(facts).map(([name, value]) => [RENAMED[name as keyof Facts], value]);
  return Object.fromEntries(renamed.filter(([name]) => name !== undefined));
}

const RENAMED: Record<keyof Facts, keyof z.infer<typeof FactsOf>> = {
  retryAt: 'retry_at',
  missingScopes: 'missing_scopes',
  permission: 'permission',
  endedAt: 'ended_at',
  title: 'title',
  fingerprint: 'fingerprint',
  addedAt: 'added_at',
  sshWords: 'ssh_words',
  presentedHostKey: 'presented_host_key',
  sshReads: 'ssh_reads',
  url: 'url',
  foundUrl: 'found_url',
  missingEvents: 'missing_events',
  lastDeliveryAt: 'last_delivery_at',
  path: 'path',
  branch: 'branch',
  commit: 'commit',
  size: 'size',
  foundOnBranches: 'found_on_branches',
  foundAtPath: 'found_at_path',
  brokenSubject: 'broken_subject',
  movedTo: 'moved_to',
};

/** Words for whatever a delivery or a workflow can come to. What has none does not compile. */
import type { DeliveryItem, WorkflowDetail } from 'bff';

type Problem = NonNullable<WorkflowDetail['problem']>;
type Unavailable = Extract<Problem, { code: 'pipeline-file-unavailable' }>;

/** Why the pipeline file could not be had. They say no more than was proved. */
const UNAVAILABLE: Record<Unavailable['cause'], string> = {
  'file-missing': 'The pipeline file is not in the repository at this commit.',
  'not-a-file': 'What is at the pipeline file’s path at this commit is not a file.',
  'commit-gone': 'Bitbucket knows this commit no more.',
  'repository-gone': 'Bitbucket shows the token owner no such repository any more.',
  'no-access': 'The token owner’s access does not let Semaphore read the repository.',
  'no-grant': 'The token owner has no working connection to Bitbucket.',
  'no-token-owner': 'Nobody’s access is used for this project, so the file cannot be read.',
};

const NOT_ASKED = 'Bitbucket could not be asked for the pipeline file';

const PROBLEMS: Record<Exclude<Problem['code'], Unavailable['code']>, string> = {
  'provider-timeout': `${NOT_ASKED}: it did not answer in time.`,
  'provider-unreachable': `${NOT_ASKED}: it cannot be reached.`,
  'provider-rate-limited': `${NOT_ASKED}: it allows no more requests for now.`,
  'provider-error': `${NOT_ASKED}: it has trouble of its own.`,
  'provider-unexpected': `${NOT_ASKED}: its answer was not understood.`,
  'grant-doubtful': `${NOT_ASKED}: whether the token owner’s access still holds could not be found out.`,
  'refresh-under-way': `${NOT_ASKED}: the token owner’s access is being renewed.`,
  'runner-unreachable': 'The runner cannot be reached.',
  'runner-timeout': 'The runner did not answer in time.',
  'runner-refused': 'The runner did not take it.',
  'runner-rejected': 'The runner will not take this workflow.',
};

/** Why a workflow failed, or what keeps it waiting. */
export function explainProblem(problem: Problem): string {
  if (problem.code === 'pipeline-file-unavailable') {
    return UNAVAILABLE[problem.cause] ?? 'The pipeline file could not be had.';
  }
  const words = PROBLEMS[problem.code] ?? 'It does not go on.';
  const status = 'status' in problem && problem.status !== null ? ` It answered ${problem.status}.` : '';
  const said = 'words' in problem && problem.words ? ` It said: “${problem.words}”` : '';
  return words + status + said;
}

const IGNORED: Record<NonNullable<DeliveryItem['reason']>, string> = {
  'not-json': 'Its body was not JSON.',
  'unexpected-shape': 'Its body had no form that we know.',
  'unknown-event': 'It is of a kind that starts nothing.',
  'pull-request': 'Pull requests start nothing; the pushes to their branches do.',
  'nothing-moved': 'No branch or tag moved.',
  'only-deletions': 'Branches or tags were only deleted, so there is nothing to run.',
  'left-out': 'The project’s settings leave out what moved.',
  repeated: 'It told of what had been announced already.',
  'other-repository': 'It is of a repository that the project no longer uses.',
  'project-deleted': 'The project was being deleted.',
};

/** Why nothing came of a delivery. */
export function explainIgnored(reason: NonNullable<DeliveryItem['reason']>): string {
  return IGNORED[reason] ?? 'It starts nothing.';
}

type Move = DeliveryItem['moves'][number];

/** Why the settings left out a branch or tag, as a sentence goes on after “Left out:”. */
export function explainLeftOut(why: NonNullable<Move['leftOut']>, refType: Move['refType']): string {
  const kind = refType === 'tag' ? 'tags' : 'branches';
  return why === 'not-in-whitelist'
    ? `the project runs only on the ${kind} that its settings list.`
    : `the project does not run on ${kind}.`;
}

/** Why there is a workflow, as a sentence goes on after its name. */
const ORIGINS: Record<WorkflowDetail['origin'], (by: string | null) => string> = {
  push: () => 'after a push',
  gap: (by) => (by ? `for a missed push, run by ${by}` : 'for a missed push, run by itself'),
  person: (by) => `run by ${by ?? 'somebody who is no longer here'}`,
};

export function originWords({ origin, by }: Pick<WorkflowDetail, 'origin' | 'by'>): string {
  return ORIGINS[origin]?.(by) ?? '';
}

const EVENTS: Record<string, string> = {
  'repo:push': 'Push',
  'repo:updated': 'Repository changed',
  'repo:transfer': 'Repository moved to another workspace',
  'repo:deleted': 'Repository deleted',
};

/** What happened at Bitbucket. Events that we did not ask for keep the name that Bitbucket gives them. */
export function eventWords(event: string): string {
  if (Object.hasOwn(EVENTS, event)) return EVENTS[event] ?? event;
  return event.startsWith('pullrequest:') ? 'Pull request' : event;
}

/** A commit as people read it. */
export const short = (hash: string) => hash.slice(0, 12);

export const NO_RUNNER =
  'No runner is set up here, so workflows wait. Whoever runs this service sets RUNNER_URL and RUNNER_SECRET; what waits then goes by itself.';

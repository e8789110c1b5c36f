/** Why an operation failed, or what it waits for. Pure. */
import type { OperationProblem } from '../view.ts';

/** `words`: the provider's own, if it gave any. */
export type Problem = { code: OperationProblem; words?: string };

export const PROBLEM_WORDS: Record<OperationProblem, string> = {
  'no-usable-grant':
    'Nobody’s access to Bitbucket could be used. The token owner or the one who asks has to grant access again.',
  'not-admin': 'Neither the token owner nor the one who asked has admin right on the repository.',
  'scope-missing': 'What was granted at Bitbucket does not cover this. Grant access again.',
  'repository-gone':
    'None of the connections that may be used here sees the repository at Bitbucket: it was deleted, or they have no access to it.',
  rejected: 'Bitbucket refused it.',
  'verification-failed': 'What was made did not prove to work, so it was not put to use.',
  'host-key-mismatch': 'The SSH server shows a key that is not Bitbucket’s, so nothing was put to use.',
  'provider-fault': 'Bitbucket could not be asked.',
};

/** In a sentence, with the provider's own words at the end. */
export function explainProblem({ code, words }: Problem): string {
  return words ? `${PROBLEM_WORDS[code]} It said: “${words}”` : PROBLEM_WORDS[code];
}

/**
 * What each cause means, in one sentence: in answers, so that a script has something to print, and in the description of
 * this API. A cause without words does not compile.
 */
import type { Cause } from '../repository/finding.ts';
import type { SummaryView } from '../repository/view.ts';

export const CAUSE_WORDS: Record<Cause, string> = {
  // Token owner
  'no-owner': 'The project has no token owner, so nobody’s access to Bitbucket is used for it.',
  'not-connected': 'The token owner has no connection to Bitbucket any more.',
  'grant-revoked': 'The token owner’s access was revoked at Bitbucket.',
  'grant-expired': 'The token owner’s access expired after three months without use.',
  'grant-unusable': 'Bitbucket no longer accepts the token owner’s access.',
  'left-organization': 'The token owner belongs to this organization no more.',
  'scope-missing': 'What the token owner granted covers too little at Bitbucket.',
  'no-admin-right': 'The token owner has no admin right on the repository.',

  // The repository itself
  'repository-gone': 'Bitbucket shows the token owner no such repository any more.',
  'repository-moved': 'The repository was renamed or moved at Bitbucket; the URL here is old.',

  // Deploy key
  'key-missing': 'The project has no deploy key.',
  'key-removed': 'The deploy key was removed at Bitbucket.',
  'key-lost-with-grant': 'The deploy key does not work since the access that made it ended.',
  'key-lost-with-right': 'The deploy key does not work since the token owner’s right is gone.',
  'key-replaced': 'Another key stands where ours was.',
  'ssh-refused': 'SSH refuses the deploy key.',
  'host-key-mismatch': 'The SSH server shows a key that is not Bitbucket’s; Repair would not help.',

  // Webhook
  'webhook-missing': 'The project has no webhook.',
  'webhook-removed': 'The webhook was deleted at Bitbucket.',
  'webhook-inactive': 'The webhook is switched off at Bitbucket.',
  'webhook-wrong-url': 'The webhook leads to another address.',
  'webhook-missing-events': 'The webhook does not announce everything that is needed.',
  'webhook-without-secret': 'The webhook has no secret, so its deliveries are refused.',
  'webhook-not-allowed': 'The token owner is not allowed to see the webhooks of the repository.',

  // Pipeline file
  'file-missing': 'There is no pipeline file at its path on the default branch.',
  'file-elsewhere': 'The pipeline file is not where the project looks for it.',
  'branch-gone': 'The default branch does not exist.',
  'repository-empty': 'The repository is empty.',
  disconnected: 'The repository is disconnected, so the pipeline file cannot be read.',

  // Not checked
  'provider-timeout': 'Bitbucket did not answer in time.',
  'provider-unreachable': 'Bitbucket could not be reached.',
  'provider-rate-limited': 'Bitbucket is limiting our requests just now.',
  'provider-error': 'Bitbucket has a fault of its own just now.',
  'provider-unexpected': 'Bitbucket gave an answer that cannot be used.',
  'grant-doubtful': 'Bitbucket refuses to renew the token owner’s access, and it is not proved yet why.',
  'refresh-under-way': 'The token owner’s access is being renewed just now.',
  'ssh-unreachable': 'Bitbucket’s SSH server did not answer.',
  'needs-token-owner': 'This can only be asked with the token owner’s access.',
  'never-checked': 'Nobody has looked yet.',
};

export const MEND_WORDS: Record<SummaryView['mend'], string> = {
  repair: 'Repair makes a new key or webhook and removes the old one.',
  'take-over': 'An owner or admin whose own connection to Bitbucket works becomes the token owner.',
  'grant-access': 'The token owner grants access again on their account page.',
  'update-url': 'The project’s URL is set to where the repository is now.',
  'change-url': 'If the repository is gone at Bitbucket, the project’s URL is set to another one.',
  'add-file': 'The pipeline file is pushed.',
  'change-path': 'The path of the pipeline file is corrected in the project’s settings.',
  'at-provider': 'An admin of the repository sets it right at Bitbucket.',
};

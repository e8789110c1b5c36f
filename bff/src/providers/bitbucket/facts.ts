import type { ProviderFacts } from '../provider.ts';

export const facts = {
  id: 'bitbucket',
  name: 'Bitbucket',
  beta: true,
  issuerPath: '',
  authorizePath: '/site/oauth2/authorize',
  tokenPath: '/site/oauth2/access_token',
  clientAuthentication: 'basic',
  pkce: false,
  requestedScopes: null,
  // `repository:admin` (deploy keys) implies nothing, not even reading; `pullrequest` comes with pull request events.
  repositoryScopes: ['account', 'email', 'repository', 'repository:admin', 'webhook'],
  authorizedAppsPath: '/account/settings/app-authorizations/',
} as const satisfies ProviderFacts;

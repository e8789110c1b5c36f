import type { ProviderFacts } from '../provider.ts';

export const facts = {
  id: 'github',
  name: 'GitHub',
  beta: false,
  issuerPath: '/login/oauth',
  authorizePath: '/login/oauth/authorize',
  tokenPath: '/login/oauth/access_token',
  clientAuthentication: 'post',
  pkce: true,
  // Logging in and reading the profile; repositories are connected through Bitbucket.
  requestedScopes: ['read:user', 'user:email'],
  repositoryScopes: null,
  authorizedAppsPath: '/settings/applications',
} as const satisfies ProviderFacts;

import type { ProviderFacts } from '../provider.ts';

export const facts = {
  id: 'gitlab',
  name: 'GitLab',
  beta: false,
  issuerPath: '',
  authorizePath: '/oauth/authorize',
  tokenPath: '/oauth/token',
  clientAuthentication: 'post',
  pkce: true,
  requestedScopes: ['read_user'],
  repositoryScopes: null,
  authorizedAppsPath: '/-/user_settings/applications',
} as const satisfies ProviderFacts;

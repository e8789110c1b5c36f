/** The address of every page. */
export const paths = {
  signUp: '/signup',
  logIn: '/login',
  account: '/account',
  newOrganization: '/organizations/new',
  organization: (slug: string) => `/organizations/${encodeURIComponent(slug)}`,
};

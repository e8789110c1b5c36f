/** The address of every page. */
export const paths = {
  signUp: '/signup',
  logIn: '/login',
  account: '/account',
  newOrganization: '/organizations/new',
  organization: (slug: string) => `/organizations/${encodeURIComponent(slug)}`,
  people: (slug: string) => `/organizations/${encodeURIComponent(slug)}/people`,
  invitation: (token: string) => `/invitations/${encodeURIComponent(token)}`,
  /** A page to log in or sign up on, which leads to `path` afterwards. */
  returning: (page: string, path: string | null) =>
    path === null ? page : `${page}?return-to=${encodeURIComponent(path)}`,
};

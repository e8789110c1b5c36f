const project = (slug: string, name: string) =>
  `/organizations/${encodeURIComponent(slug)}/projects/${encodeURIComponent(name)}`;

/** The address of every page. */
export const paths = {
  signUp: '/signup',
  logIn: '/login',
  account: '/account',
  newOrganization: '/organizations/new',
  organization: (slug: string) => `/organizations/${encodeURIComponent(slug)}`,
  people: (slug: string) => `/organizations/${encodeURIComponent(slug)}/people`,
  newProject: (slug: string) => `/organizations/${encodeURIComponent(slug)}/projects/new`,
  project,
  general: (slug: string, name: string) => `${project(slug, name)}/settings/general`,
  repository: (slug: string, name: string) => `${project(slug, name)}/settings/repository`,
  /** Where a finding is explained. */
  finding: (slug: string, name: string, subject: string) =>
    `${project(slug, name)}/settings/repository#${subject}`,
  invitation: (token: string) => `/invitations/${encodeURIComponent(token)}`,
  /** A page to log in or sign up on, which leads to `path` afterwards. */
  returning: (page: string, path: string | null) =>
    path === null ? page : `${page}?return-to=${encodeURIComponent(path)}`,
};

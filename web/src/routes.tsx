/** Every address of the app, and the page behind it. */
import { type ComponentType, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { Frame } from './frame.tsx';
import { Later, later } from './later.tsx';
import { NotFoundPage } from './not-found.tsx';
import { paths } from './paths.ts';
import { PageSkeleton } from './ui/skeleton.tsx';

/** A page of a project: what these pages share comes at the same time, not after it. */
const ofProject = (bring: () => Promise<ComponentType>) =>
  later(async () => (await Promise.all([bring(), import('./project/project-frame.tsx')]))[0]);

const signIn = () => import('./sign-in/sign-in-page.tsx');

/** Addresses as patterns, in the order in which they are tried. */
const PAGES = {
  [paths.signUp]: later(() => signIn().then(({ SignUpPage }) => SignUpPage)),
  [paths.logIn]: later(() => signIn().then(({ LogInPage }) => LogInPage)),
  [paths.account]: later(() => import('./account/account-page.tsx').then((page) => page.AccountPage)),
  [paths.newOrganization]: later(() =>
    import('./organization/new-organization-page.tsx').then((page) => page.NewOrganizationPage),
  ),
  '/organizations/:org': later(() =>
    import('./organization/organization-page.tsx').then((page) => page.OrganizationPage),
  ),
  '/organizations/:org/people': later(() =>
    import('./people/people-page.tsx').then((page) => page.PeoplePage),
  ),
  '/organizations/:org/projects/new': later(() =>
    import('./project/new-project-page.tsx').then((page) => page.NewProjectPage),
  ),
  '/organizations/:org/projects/:project': ofProject(() =>
    import('./activity/activity-page.tsx').then((page) => page.ActivityPage),
  ),
  '/organizations/:org/projects/:project/settings/general': ofProject(() =>
    import('./project/general-page.tsx').then((page) => page.GeneralPage),
  ),
  '/organizations/:org/projects/:project/settings/repository': ofProject(() =>
    import('./repository/repository-page.tsx').then((page) => page.RepositoryPage),
  ),
  '/invitations/:token': later(() =>
    import('./people/invitation-page.tsx').then((page) => page.InvitationPage),
  ),
};

/** Brings the code of the page at this path, if there is one. */
export async function loadPage(path: string): Promise<void> {
  const asked = path.split('/');
  const found = Object.entries(PAGES).find(([pattern]) => {
    const parts = pattern.split('/');
    return (
      parts.length === asked.length && parts.every((part, i) => part.startsWith(':') || part === asked[i])
    );
  });
  await found?.[1].load();
}

/** Brings the code of all pages. */
export async function loadEveryPage(): Promise<void> {
  await Promise.all(Object.values(PAGES).map(({ load }) => load()));
}

export function AppRoutes() {
  return (
    <Frame>
      <Suspense fallback={<PageSkeleton />}>
        <Switch>
          <Route path="/">
            <Redirect to={paths.account} replace />
          </Route>
          {Object.entries(PAGES).map(([pattern, page]) => (
            <Route key={pattern} path={pattern}>
              <Later page={page} />
            </Route>
          ))}
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      </Suspense>
    </Frame>
  );
}

/** Every address of the app, and the page behind it. */
import { lazy, Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router-dom';
import { AccountPage } from './account/account-page.tsx';
import { Frame } from './frame.tsx';
import { NotFoundPage } from './not-found.tsx';
import { NewOrganizationPage } from './organization/new-organization-page.tsx';
import { OrganizationPage } from './organization/organization-page.tsx';
import { paths } from './paths.ts';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { PageSkeleton } from './ui/skeleton.tsx';

// Opened now and then, so nobody else waits for them.
const PeoplePage = lazy(() =>
  import('./people/people-page.tsx').then((page) => ({ default: page.PeoplePage })),
);
const InvitationPage = lazy(() =>
  import('./people/invitation-page.tsx').then((page) => ({ default: page.InvitationPage })),
);

export function AppRoutes() {
  return (
    <Frame>
      <Suspense fallback={<PageSkeleton />}>
        <Routes>
          <Route path="/" element={<Navigate to={paths.account} replace />} />
          <Route path={paths.signUp} element={<SignInPage key="sign-up" page="sign-up" />} />
          <Route path={paths.logIn} element={<SignInPage key="log-in" page="log-in" />} />
          <Route path={paths.account} element={<AccountPage />} />
          <Route path={paths.newOrganization} element={<NewOrganizationPage />} />
          <Route path="/organizations/:org" element={<OrganizationPage />} />
          <Route path="/organizations/:org/people" element={<PeoplePage />} />
          <Route path="/invitations/:token" element={<InvitationPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </Suspense>
    </Frame>
  );
}

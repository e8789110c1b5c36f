import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { paths } from './paths.ts';
import { explain } from './problems.ts';
import { useLogOut, useSession } from './session.ts';
import { Avatar } from './ui/avatar.tsx';
import { Button } from './ui/button.tsx';
import { Mark } from './ui/icons.tsx';
import { Notice } from './ui/notice.tsx';

/** What stands around every page: the mark, one's organizations, the way to the account, and the way out. */
export function Frame({ children }: { children: ReactNode }) {
  const { profile, organizations, sandboxUrl } = useSession();
  const logOut = useLogOut();
  const [home] = organizations;
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:start-4 focus:top-3 focus:z-10 focus:bg-surface focus:px-4 focus:py-2"
      >
        Skip to the content
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex min-h-14 max-w-5xl flex-wrap items-center gap-x-5 gap-y-1 px-4 py-1">
          <Link
            to={home ? paths.organization(home.slug) : '/'}
            className="flex items-center gap-2.5 font-semibold"
          >
            <Mark />
            <span className={profile ? 'sr-only sm:not-sr-only' : ''}>Semaphore</span>
          </Link>
          {organizations.length > 0 && <Organizations organizations={organizations} />}
          <div className="ms-auto flex items-center gap-3">
            {sandboxUrl && <SandboxMark url={sandboxUrl} />}
            {profile && (
              <>
                <Link
                  to={paths.account}
                  className="flex min-h-10 items-center gap-2 rounded-field underline-offset-4 hover:underline"
                >
                  <Avatar name={profile.screenName} url={profile.avatarUrl} size="small" />
                  <span className="sr-only max-w-40 truncate sm:not-sr-only">{profile.screenName}</span>
                  <span className="sr-only">, your account</span>
                </Link>
                <Button
                  look="quiet"
                  busy={logOut.isPending}
                  title="Ends your sessions on every device"
                  onClick={() => logOut.mutate()}
                >
                  Log out
                </Button>
              </>
            )}
          </div>
        </div>
      </header>
      {logOut.isError && (
        <div className="mx-auto max-w-2xl px-4 pt-4">
          <Notice tone="bad">
            <p>You are still logged in. {explain(logOut.error)}</p>
          </Notice>
        </div>
      )}
      {children}
    </>
  );
}

function Organizations({ organizations }: { organizations: { slug: string; name: string }[] }) {
  return (
    <nav aria-label="Organizations" className="order-last w-full min-w-0 sm:order-none sm:w-auto">
      <ul className="flex flex-wrap gap-x-4">
        {organizations.map(({ slug, name }) => (
          <li key={slug} className="min-w-0">
            <Link
              to={paths.organization(slug)}
              className="inline-flex min-h-10 max-w-52 items-center truncate text-ink-soft underline-offset-4 hover:text-ink hover:underline"
            >
              <span className="truncate">{name}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function SandboxMark({ url }: { url: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener"
      title="Providers are played by a sandbox on this machine"
      className="inline-flex min-h-7 items-center rounded-full border border-dashed border-line-strong px-3 text-small text-ink-soft hover:border-solid hover:text-ink"
    >
      Sandbox
    </a>
  );
}

import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { paths } from '../paths.ts';
import { InnerLink } from '../ui/links.tsx';
import { Page } from '../ui/page.tsx';

type Tab = 'Activity' | 'General' | 'Repository';
type Props = { organization: { slug: string; name: string }; project: string; tab: Tab; children: ReactNode };

/** What stands around every page of a project: its name, and the ways between its pages. */
export function ProjectFrame({ organization: { slug, name }, project, tab, children }: Props) {
  const settings = tab !== 'Activity';
  return (
    <Page title={project} tab={tab} wide>
      <p className="-mt-5 text-ink-soft">
        A project of <InnerLink to={paths.organization(slug)}>{name}</InnerLink>
      </p>
      <nav aria-label="Project" className="border-b border-line">
        <ul className="-mb-px flex gap-6">
          <TabLink to={paths.project(slug, project)} here={!settings}>
            Activity
          </TabLink>
          <TabLink to={paths.general(slug, project)} here={settings}>
            Settings
          </TabLink>
        </ul>
      </nav>
      {settings ? (
        <div className="grid items-start gap-6 md:grid-cols-[10rem_minmax(0,1fr)]">
          <nav aria-label="Settings">
            <ul className="flex gap-2 md:grid md:gap-1">
              <SideLink to={paths.general(slug, project)} here={tab === 'General'}>
                General
              </SideLink>
              <SideLink to={paths.repository(slug, project)} here={tab === 'Repository'}>
                Repository
              </SideLink>
            </ul>
          </nav>
          <div className="grid min-w-0 gap-6">{children}</div>
        </div>
      ) : (
        children
      )}
    </Page>
  );
}

type Way = { to: string; here: boolean; children: ReactNode };

function TabLink({ to, here, children }: Way) {
  return (
    <li>
      <Link
        to={to}
        aria-current={here ? 'page' : undefined}
        className="inline-flex min-h-11 items-center border-b-3 border-transparent px-1 font-medium text-ink-soft hover:text-ink aria-[current]:border-action aria-[current]:text-ink"
      >
        {children}
      </Link>
    </li>
  );
}

function SideLink({ to, here, children }: Way) {
  return (
    <li>
      <Link
        to={to}
        aria-current={here ? 'page' : undefined}
        className="flex min-h-10 items-center rounded-field px-3 font-medium text-ink-soft hover:bg-sunken hover:text-ink aria-[current]:bg-note-soft aria-[current]:text-note"
      >
        {children}
      </Link>
    </li>
  );
}

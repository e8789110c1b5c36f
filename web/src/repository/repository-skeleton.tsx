import { Page } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

/** The tab before its first data: everything in its place, so that nothing moves when it comes. */
export function RepositorySkeleton({ project }: { project: string }) {
  return (
    <Page title={project} tab="Repository" wide>
      <p role="status" className="sr-only">
        Loading the page
      </p>
      <Skeleton className="-mt-5 h-6 w-48" />
      <Skeleton className="h-11" />
      <div className="grid items-start gap-6 md:grid-cols-[10rem_minmax(0,1fr)]">
        <Skeleton className="h-21 max-md:h-10" />
        <div className="grid gap-px overflow-hidden rounded-card border border-line">
          {['h-36', 'h-34', 'h-40', 'h-34', 'h-34'].map((height, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: five that never change
            <Skeleton key={index} className={`rounded-none ${height}`} />
          ))}
        </div>
      </div>
    </Page>
  );
}

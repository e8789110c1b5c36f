import type { ReactNode } from 'react';
import { Problem } from '../api.ts';
import { explain } from '../problems.ts';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

/** Names and what is known of them. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid gap-x-4 sm:grid-cols-[9rem_minmax(0,1fr)] sm:gap-y-2">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-small text-ink-soft sm:pt-0.5">{name}</dt>
      <dd className="min-w-0 max-sm:mb-3">{children}</dd>
    </>
  );
}

/** In place of what has not come yet. */
export function NotYet({ error }: { error: unknown }) {
  if (!error) return <Skeleton className="h-48" />;
  const gone = error instanceof Problem && error.code === 'not-found';
  return (
    <Notice tone="bad">
      <p>{gone ? 'It is not kept any more, or never was of this project.' : explain(error)}</p>
    </Notice>
  );
}

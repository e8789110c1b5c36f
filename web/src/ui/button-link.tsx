import type { ReactNode } from 'react';
import { Link } from 'wouter';

/** A way to another page of ours that looks like the first thing to press. */
export function ButtonLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link
      to={to}
      className="inline-flex min-h-10 items-center rounded-field bg-action px-4 py-1.5 font-medium text-on-action transition-colors hover:bg-action-hover"
    >
      {children}
    </Link>
  );
}

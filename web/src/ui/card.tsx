import type { ReactNode } from 'react';

/** A sheet on the page's ground. */
export function Card({ children, className = '' }: { children: ReactNode; className?: string }) {
  return (
    <div className={`rounded-card border border-line bg-surface p-5 shadow-card sm:p-8 ${className}`}>
      {children}
    </div>
  );
}

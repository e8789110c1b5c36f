/** The structure of what is on its way, in its final place. */
export function Skeleton({ className = '' }: { className?: string }) {
  return <div aria-hidden="true" className={`animate-pulse rounded-field bg-line ${className}`} />;
}

export function PageSkeleton() {
  return (
    <div className="mx-auto grid w-full max-w-2xl gap-6 px-4 py-10" role="status">
      <span className="sr-only">Loading the page</span>
      <Skeleton className="mx-auto h-9 w-56" />
      <div className="grid gap-4 rounded-card border border-line bg-surface p-8">
        <Skeleton className="h-5 w-32" />
        <Skeleton className="h-11" />
        <Skeleton className="h-24" />
        <Skeleton className="h-24" />
      </div>
    </div>
  );
}

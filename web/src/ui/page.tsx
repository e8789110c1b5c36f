import { type ReactNode, useEffect, useRef } from 'react';

/** A page: its title in the window and as the heading, which takes the focus when one arrives from another page. */
export function Page({
  title,
  heading,
  children,
}: {
  title: string;
  heading?: ReactNode;
  children: ReactNode;
}) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Semaphore`;
    if (arrived) ref.current?.focus({ preventScroll: true });
    arrived = true;
  }, [title]);
  return (
    <main id="content" className="mx-auto grid w-full max-w-2xl gap-6 px-4 pt-8 pb-16 sm:pt-12">
      {heading}
      <h1
        ref={ref}
        tabIndex={-1}
        className={`text-title font-semibold tracking-tight ${heading ? 'text-center' : ''}`}
      >
        {title}
      </h1>
      {children}
    </main>
  );
}

/** The first page was loaded by the browser, which has put the focus where it belongs. */
let arrived = false;

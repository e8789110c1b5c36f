import { type ReactNode, useEffect, useRef } from 'react';

/** A page: its title in the window and as the heading, which takes the focus when one arrives from another page. */
export function Page({
  title,
  heading,
  tab,
  wide = false,
  children,
}: {
  title: string;
  heading?: ReactNode;
  /** Which of several pages under one heading this is; the window says it too. */
  tab?: string;
  wide?: boolean;
  children: ReactNode;
}) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${tab ? `${tab} · ` : ''}${title} · Semaphore`;
    if (arrived) {
      ref.current?.focus({ preventScroll: true });
      if (!wentBack) document.documentElement.scrollTop = 0;
    }
    arrived = true;
    wentBack = false;
  }, [title, tab]);
  return (
    <main
      id="content"
      className={`mx-auto grid w-full gap-6 px-4 pt-8 pb-16 sm:pt-12 ${wide ? 'max-w-4xl' : 'max-w-2xl'}`}
    >
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

/** Who goes back wants to be where they were, and the browser sees to it. */
let wentBack = false;
window.addEventListener('popstate', () => {
  wentBack = true;
});

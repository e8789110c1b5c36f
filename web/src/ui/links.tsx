import type { ReactNode } from 'react';
import { Link } from 'wouter';

const LOOK = 'text-link underline decoration-1 underline-offset-3 hover:decoration-2';

/** A way to another page of ours. */
export function InnerLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={LOOK}>
      {children}
    </Link>
  );
}

/** A way out of the product, in a tab of its own. Anything but a web or mail address is shown as plain text. */
export function OuterLink({ href, children }: { href: string; children: ReactNode }) {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className={LOOK}>
      {children}
    </a>
  );
}

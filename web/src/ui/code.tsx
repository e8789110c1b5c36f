import type { ReactNode } from 'react';

/** What a machine says or reads, letter by letter. */
export function Code({ block = false, children }: { block?: boolean; children: ReactNode }) {
  return (
    <code
      className={`font-mono text-small ${block ? 'block rounded-field border border-line bg-sunken px-3 py-2 text-ink' : ''}`}
    >
      {children}
    </code>
  );
}

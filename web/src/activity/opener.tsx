import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';

/** Words that open a dialog. They begin where their line begins, and also when they need two. */
export function Opener({
  small = false,
  onOpen,
  children,
}: {
  small?: boolean;
  onOpen: () => void;
  children: ReactNode;
}) {
  return (
    <Button look="quiet" className={`-ms-1 text-start ${small ? 'text-small' : ''}`} onClick={onOpen}>
      {children}
    </Button>
  );
}

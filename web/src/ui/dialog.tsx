import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

/** A question that has to be answered first. Escape and a click beside it mean "no"; focus comes back to where it was. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // A layout effect, because its end comes while the dialog is still in the page: later, closing gives no focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself, as `onCancel` hears
    <dialog
      ref={ref}
      // Said, although `dialog` means it: not every assistive technology and test knows the element.
      // biome-ignore lint/a11y/noRedundantRoles: see above
      role="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className="m-auto w-[min(32rem,calc(100vw-2rem))] rounded-card border border-line bg-raised p-0 text-ink shadow-dialog"
    >
      <div className="grid gap-4 p-6">
        <h2 id={titleId} className="text-lead font-semibold">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}

/** The dialog's answers: the way out first, the verb last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-2 flex flex-wrap justify-end gap-3">{children}</div>;
}

import type { ButtonHTMLAttributes } from 'react';

type Look = 'primary' | 'plain' | 'danger' | 'quiet';

const SHAPE =
  'inline-flex min-h-10 items-center justify-center gap-2 rounded-field border py-1.5 text-base font-medium transition-colors aria-disabled:cursor-progress aria-disabled:opacity-65';

const LOOKS: Record<Look, string> = {
  primary: 'border-transparent px-4 bg-action text-on-action not-aria-disabled:hover:bg-action-hover',
  plain: 'border-line-strong px-4 bg-surface text-ink not-aria-disabled:hover:bg-sunken',
  danger: 'border-bad px-4 bg-surface text-bad not-aria-disabled:hover:bg-bad-soft',
  quiet: 'border-transparent px-1 text-link underline decoration-1 underline-offset-4 hover:decoration-2',
};

/**
 * While `busy` or `disabled` it keeps its place, its words and the focus, and cannot be pressed. The `disabled` of the
 * platform would throw the focus of whoever works with the keyboard to the top of the page.
 */
export function Button({
  look = 'plain',
  busy = false,
  disabled = false,
  className = '',
  onClick,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look; busy?: boolean }) {
  const inert = busy || disabled;
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={inert || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        // Of a form's button this also stops the form.
        if (inert) event.preventDefault();
        else onClick?.(event);
      }}
      className={`${SHAPE} ${LOOKS[look]} ${className}`}
    />
  );
}

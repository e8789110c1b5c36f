import type { ButtonHTMLAttributes } from 'react';

type Look = 'primary' | 'plain' | 'danger' | 'quiet';

const SHAPE =
  'inline-flex min-h-10 items-center justify-center gap-2 rounded-field border py-1.5 text-base font-medium transition-colors disabled:cursor-progress disabled:opacity-65';

const LOOKS: Record<Look, string> = {
  primary: 'border-transparent px-4 bg-action text-on-action enabled:hover:bg-action-hover',
  plain: 'border-line-strong px-4 bg-surface text-ink enabled:hover:bg-sunken',
  danger: 'border-bad px-4 bg-surface text-bad enabled:hover:bg-bad-soft',
  quiet:
    'border-transparent px-1 text-link underline decoration-1 underline-offset-4 enabled:hover:decoration-2',
};

/** While `busy` it keeps its place and its words and cannot be pressed again. */
export function Button({
  look = 'plain',
  busy = false,
  className = '',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look; busy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={`${SHAPE} ${LOOKS[look]} ${className}`}
    />
  );
}

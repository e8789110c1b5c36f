import { type ReactNode, useId } from 'react';

export type Labels = {
  label: string;
  hint?: string | undefined;
  /** What is wrong with the value; announced, and tied to the field. */
  error?: string | undefined;
};

type Tied = {
  id: string;
  'aria-invalid': true | undefined;
  'aria-describedby': string | undefined;
  className: string;
};

/** What stands around a field: what it is for, what may be in it, and what is wrong with what is. */
export function Labelled({ label, hint, error, field }: Labels & { field: (tied: Tied) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      {field({
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': described || undefined,
        className:
          'w-full rounded-field border border-line-strong bg-surface px-3 py-2 text-base text-ink aria-invalid:border-bad',
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-small text-ink-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-small font-medium text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

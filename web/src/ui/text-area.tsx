import { type TextareaHTMLAttributes, useId } from 'react';

/** A field for several lines. */
export function TextArea({
  label,
  ...input
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { label: string }) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      <textarea
        rows={3}
        {...input}
        id={id}
        className="w-full rounded-field border border-line-strong bg-surface px-3 py-2 text-base text-ink"
      />
    </div>
  );
}

import type { InputHTMLAttributes } from 'react';
import { Labelled, type Labels } from './labelled.tsx';

/** A field for one line. */
export function Field({ label, hint, error, ...input }: InputHTMLAttributes<HTMLInputElement> & Labels) {
  return (
    <Labelled
      {...{ label, hint, error }}
      field={(tied) => (
        <input autoComplete="off" {...input} {...tied} className={`min-h-11 ${tied.className}`} />
      )}
    />
  );
}

import type { TextareaHTMLAttributes } from 'react';
import { Labelled, type Labels } from './labelled.tsx';

/** A field for several lines. */
export function TextArea({
  label,
  hint,
  error,
  ...input
}: TextareaHTMLAttributes<HTMLTextAreaElement> & Labels) {
  return (
    <Labelled {...{ label, hint, error }} field={(tied) => <textarea rows={3} {...input} {...tied} />} />
  );
}

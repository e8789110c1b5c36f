import { useRef, useState } from 'react';
import { Button } from './button.tsx';
import { Field } from './field.tsx';

/** A text to take away: one press copies it, and where the browser does not, it is selected for the person to copy. */
export function CopyField({
  label,
  value,
  thing,
}: {
  label: string;
  value: string;
  /** What it is called in a sentence, and on the button to those who cannot see what it stands beside. */
  thing: string;
}) {
  const [copied, setCopied] = useState<'yes' | 'no' | null>(null);
  const ref = useRef<HTMLDivElement>(null);
  const copy = async () => {
    try {
      // Absent on a page that was not loaded over https.
      await navigator.clipboard.writeText(value);
      setCopied('yes');
    } catch {
      ref.current?.querySelector('input')?.select();
      setCopied('no');
    }
  };
  return (
    <div ref={ref} className="grid gap-1.5">
      <div className="flex items-end gap-3">
        <div className="min-w-0 grow">
          <Field label={label} value={value} readOnly onFocus={(event) => event.target.select()} />
        </div>
        <Button aria-label={`Copy ${thing}`} onClick={copy} className="min-h-11 shrink-0">
          Copy
        </Button>
      </div>
      <p role="status" className="text-small text-ink-soft">
        {copied === 'yes' && 'Copied.'}
        {copied === 'no' && `This browser did not copy it. The ${thing} is selected: copy it yourself.`}
      </p>
    </div>
  );
}

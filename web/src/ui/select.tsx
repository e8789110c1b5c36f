import { Labelled, type Labels } from './labelled.tsx';

/** One of a few; each option is a value and its words. */
export function Select<Value extends string>({
  label,
  hint,
  value,
  options,
  onChange,
}: Omit<Labels, 'error'> & {
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}) {
  return (
    <Labelled
      {...{ label, hint }}
      field={(tied) => (
        <select
          {...tied}
          value={value}
          onChange={(event) => {
            const chosen = options.find(([each]) => each === event.target.value);
            if (chosen) onChange(chosen[0]);
          }}
          className={`min-h-11 ${tied.className}`}
        >
          {options.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      )}
    />
  );
}

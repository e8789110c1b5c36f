import { useState } from 'react';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { useSaveScreenName } from './queries.ts';

/** The name that others see. A refused one stays in the field, so that nothing typed is lost. */
export function ScreenName({ stored }: { stored: string }) {
  const [typed, setTyped] = useState(stored);
  const save = useSaveScreenName();
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(typed, { onSuccess: ({ screenName }) => setTyped(screenName) });
      }}
    >
      <Field
        label="Screen name"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          save.reset();
        }}
        error={save.isError ? explain(save.error) : undefined}
      />
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" look="primary" busy={save.isPending}>
          Save changes
        </Button>
        <p role="status" className="text-good">
          {save.isSuccess && 'Saved.'}
        </p>
      </div>
    </form>
  );
}

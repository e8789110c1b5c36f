import { useId, useState } from 'react';
import { Problem } from '../api.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Place, useRunBranch } from './queries.ts';

type Props = {
  place: Place;
  /** What the field begins with. */
  branch: string;
  /** Branches that are known; any other can be typed. */
  branches: string[];
  onClose: () => void;
  onDone: (branch: string) => void;
};

/** Requests a workflow for where a branch is now. */
export function RunDialog({ place, branch, branches, onClose, onDone }: Props) {
  const [name, setName] = useState(branch);
  const run = useRunBranch(place, onDone);
  const listId = useId();
  const { error } = run;
  const atField = error instanceof Problem && error.code === 'not-found';
  return (
    <Dialog title="Run a branch?" onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!run.isPending) run.mutate(name.trim());
        }}
      >
        <p>
          Bitbucket is asked where the branch is now, and a workflow is requested for that commit, whether it
          was announced or not.
        </p>
        <Field
          label="Branch"
          list={listId}
          value={name}
          spellCheck={false}
          autoCapitalize="none"
          onChange={(event) => {
            setName(event.target.value);
            run.reset();
          }}
          error={atField ? explain(error) : undefined}
        />
        <datalist id={listId}>
          {branches.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        {error && !atField && (
          <Notice tone="bad">
            <p>{explain(error)}</p>
          </Notice>
        )}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={run.isPending} disabled={name.trim() === ''}>
            Run
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

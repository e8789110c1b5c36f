import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { data, Problem } from '../api.ts';
import { useIdempotencyKey } from '../idempotency-key.ts';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { SUBJECT_NAMES } from '../repository/titles.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Place, project, refresh } from './queries.ts';

type Props = {
  place: Place;
  /** What the field begins with. */
  branch: string;
  /** Branches that are known; any other can be typed. */
  branches: string[];
  onClose: () => void;
  onDone: (branch: string) => void;
};

/** What is asked is asked with the token owner's access, whoever presses the button: their own has no part in it. */
const OF_THE_OWNER: readonly string[] = ['grant-needed', 'no-admin-right', 'scope-missing'];

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
            {error instanceof Problem && OF_THE_OWNER.includes(error.code) ? (
              <p>
                Bitbucket is asked with the token owner’s access, and that does not work just now.{' '}
                <InnerLink to={paths.finding(place.org, place.project, 'token-owner')}>
                  What explains it: {SUBJECT_NAMES['token-owner']}
                </InnerLink>
              </p>
            ) : (
              <p>{explain(error)}</p>
            )}
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

/** A workflow for where the branch is now. */
function useRunBranch(param: Place, onDone: (branch: string) => void) {
  const client = useQueryClient();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: (branch: string) =>
      data(project.workflows.$post({ param, json: { branch } }, keyFor({ branch }))),
    onSuccess: (_, branch) => {
      onDone(branch);
      return refresh(client, param);
    },
  });
}

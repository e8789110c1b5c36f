import type { PersonView, Role } from 'bff';
import { useState } from 'react';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { useChangeRole } from './queries.ts';
import { aRole, ROLE_MEANS, roleOptions } from './roles.ts';

type Props = {
  org: string;
  givable: Role[];
  person: PersonView;
  onClose: () => void;
  onDone: (sentence: string) => void;
};

export function ChangeRoleDialog({ org, givable, person, onClose, onDone }: Props) {
  const { id, screenName, you } = person;
  const [role, setRole] = useState(person.role);
  const change = useChangeRole(org, id);
  return (
    <Dialog title={you ? 'Change your role?' : `Change the role of ${screenName}?`} onClose={onClose}>
      <Select
        label="Role"
        value={role}
        options={roleOptions(givable)}
        onChange={(chosen) => {
          setRole(chosen);
          change.reset();
        }}
        hint={ROLE_MEANS[role]}
      />
      <p className="text-small text-ink-soft">
        It holds at once. Links that {you ? 'you' : 'they'} made and could not make in the new role end.
      </p>
      {change.isError && (
        <Notice tone="bad">
          <p>{explain(change.error)}</p>
        </Notice>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={change.isPending}
          disabled={role === person.role}
          onClick={() =>
            change.mutate(role, {
              onSuccess: () => onDone(`${you ? 'You are' : `${screenName} is`} now ${aRole(role)}.`),
            })
          }
        >
          Change role
        </Button>
      </DialogActions>
    </Dialog>
  );
}

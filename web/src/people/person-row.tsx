import type { PersonView, Role } from 'bff';
import { useId, useState } from 'react';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Moment } from '../ui/moment.tsx';
import { ChangeRoleDialog } from './change-role-dialog.tsx';
import { LeaveDialog, RemoveDialog } from './remove-dialog.tsx';
import { ROLE_NAMES } from './roles.ts';

type Props = {
  org: string;
  organization: string;
  givable: Role[];
  person: PersonView;
  onDone: (sentence: string) => void;
  onLeft: () => void;
};

/** One person: who they are, their role in words, and what the one who looks may do about it. */
export function PersonRow({ org, organization, givable, person, onDone, onLeft }: Props) {
  const [asked, setAsked] = useState<'role' | 'remove' | 'leave' | null>(null);
  const { screenName, avatarUrl, email, role, since, you, manageable } = person;
  const nameId = useId();
  const close = () => setAsked(null);
  const finish = (sentence: string) => {
    close();
    onDone(sentence);
  };
  return (
    <li aria-labelledby={nameId} className="grid gap-3 py-4 first:pt-0 last:pb-0">
      <div className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1">
        <Avatar name={screenName} url={avatarUrl} size="small" />
        <div className="min-w-0 grow basis-40">
          <p>
            <span id={nameId} className="font-semibold">
              {screenName}
            </span>
            {you && ' (you)'}
          </p>
          {email && <p className="text-small text-ink-soft">{email}</p>}
        </div>
        <p className="text-small">
          <span className="font-semibold">{ROLE_NAMES[role]}</span>{' '}
          <span className="text-ink-soft">
            since <Moment at={since} form="day" />
          </span>
        </p>
      </div>
      {(manageable || you) && (
        <div className="flex flex-wrap gap-3 sm:ps-12">
          {manageable && <Button onClick={() => setAsked('role')}>Change role…</Button>}
          {you && (
            <Button look="danger" onClick={() => setAsked('leave')}>
              Leave organization
            </Button>
          )}
          {manageable && !you && (
            <Button look="danger" onClick={() => setAsked('remove')}>
              Remove
            </Button>
          )}
        </div>
      )}
      {asked === 'role' && (
        <ChangeRoleDialog org={org} givable={givable} person={person} onClose={close} onDone={finish} />
      )}
      {asked === 'remove' && (
        <RemoveDialog org={org} organization={organization} person={person} onClose={close} onDone={finish} />
      )}
      {asked === 'leave' && (
        <LeaveDialog org={org} organization={organization} person={person} onClose={close} onLeft={onLeft} />
      )}
    </li>
  );
}

import type { Role } from 'bff';
import { useState } from 'react';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { CopyField } from '../ui/copy-field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { type Offer, useInvite } from './queries.ts';
import { ROLE_MEANS, roleOptions } from './roles.ts';

const USES = [
  ['one', 'One person'],
  ['several', 'Several people'],
] as const;
const TIMES = [
  ['1', '1 day'],
  ['7', '7 days'],
  ['30', '30 days'],
] as const;
const DAYS = { '1': 1, '7': 7, '30': 30 } as const satisfies Record<string, Offer['days']>;

/** Makes a link that lets somebody join. */
export function InviteForm({ org, givable }: { org: string; givable: Role[] }) {
  const [chosen, setRole] = useState<Role>('member');
  const [uses, setUses] = useState<'one' | 'several'>('one');
  const [time, setTime] = useState<keyof typeof DAYS>('7');
  const invite = useInvite(org);
  // One's own role may have changed while the form was open.
  const role = givable.includes(chosen) ? chosen : 'member';
  return (
    <section aria-labelledby="invite" className="grid gap-4">
      <h2 id="invite" className="text-lead font-semibold">
        Invite people
      </h2>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate({ role, singleUse: uses === 'one', days: DAYS[time] });
        }}
      >
        <Select
          label="Role"
          value={role}
          options={roleOptions(givable)}
          onChange={setRole}
          hint={ROLE_MEANS[role]}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Select label="Who can use the link" value={uses} options={USES} onChange={setUses} />
          <Select label="Valid for" value={time} options={TIMES} onChange={setTime} />
        </div>
        <div>
          <Button type="submit" look="primary" busy={invite.isPending}>
            Create link
          </Button>
        </div>
      </form>
      {invite.isError && (
        <Notice tone="bad">
          <p>{explain(invite.error)}</p>
        </Notice>
      )}
      {invite.isSuccess && <NewLink key={invite.data.link} link={invite.data.link} />}
    </section>
  );
}

/** The link, which nobody sees again once the page is closed. */
function NewLink({ link }: { link: string }) {
  return (
    <div className="grid gap-3 rounded-field border border-line bg-sunken p-4">
      <p role="status">The link is ready. Send it to whom you invite: it is shown only now.</p>
      <CopyField label="Invitation link" value={link} thing="link" />
    </div>
  );
}

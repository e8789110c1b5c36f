import { useQuery } from '@tanstack/react-query';
import type { OpenInvitation } from 'bff';
import { useId } from 'react';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { invitationsQuery, useRevoke } from './queries.ts';
import { ROLE_NAMES } from './roles.ts';

/** The links by which somebody could still join. */
export function Invitations({ org, onDone }: { org: string; onDone: (sentence: string) => void }) {
  const { data, error } = useQuery(invitationsQuery(org));
  return (
    <section aria-labelledby="pending" className="grid gap-4 border-t border-line pt-8">
      <h2 id="pending" className="text-lead font-semibold">
        Pending invitations
      </h2>
      {error && (
        <Notice tone="bad">
          <p>{explain(error)}</p>
        </Notice>
      )}
      {!data && !error && <Skeleton className="h-12" />}
      {data?.invitations.length === 0 && <p className="text-ink-soft">No link is open.</p>}
      {data && data.invitations.length > 0 && (
        <ul aria-labelledby="pending" className="grid divide-y divide-line">
          {data.invitations.map((invitation) => (
            <Invitation key={invitation.id} org={org} invitation={invitation} onDone={onDone} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Invitation({
  org,
  invitation,
  onDone,
}: {
  org: string;
  invitation: OpenInvitation;
  onDone: (sentence: string) => void;
}) {
  const { id, role, singleUse, usedCount, invitedBy, createdAt, expiresAt, revocable } = invitation;
  const revoke = useRevoke(org, id, () =>
    onDone('The invitation is revoked. Nobody can join by its link any more.'),
  );
  const nameId = useId();
  return (
    <li aria-labelledby={nameId} className="grid gap-3 py-4 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 grow basis-60">
          <p id={nameId}>
            <span className="font-semibold">{ROLE_NAMES[role]}</span>, for{' '}
            {singleUse ? 'one person' : 'several people'}
            {!singleUse && ` (${usedCount} joined)`}
          </p>
          <p className="text-small text-ink-soft">
            By {invitedBy}, <Moment at={createdAt} />. Expires on <Moment at={expiresAt} form="exact" />.
          </p>
        </div>
        {revocable && (
          <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke
          </Button>
        )}
      </div>
      {revoke.isError && (
        <Notice tone="bad">
          <p>{explain(revoke.error)}</p>
        </Notice>
      )}
    </li>
  );
}

import { useQuery } from '@tanstack/react-query';
import type { PersonView } from 'bff';
import type { ReactNode } from 'react';
import { Impact } from '../impact.tsx';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { removalImpactQuery, useLeave, useRemove } from './queries.ts';

type Props = { org: string; organization: string; person: PersonView; onClose: () => void };

/** Takes another person out, after saying what depends on them. */
export function RemoveDialog({
  org,
  organization,
  person,
  onClose,
  onDone,
}: Props & { onDone: (sentence: string) => void }) {
  const { id, screenName } = person;
  const remove = useRemove(org, id, () => onDone(`${screenName} is removed from ${organization}.`));
  return (
    <GoingDialog
      org={org}
      id={id}
      title={`Remove ${screenName} from ${organization}?`}
      lastOwner={`${screenName} is the only owner of ${organization}. Make somebody else an owner first.`}
      verb="Remove"
      command={remove}
      onVerb={() => remove.mutate()}
      onClose={onClose}
    >
      They see nothing of {organization} any more, at once. Links that they made end, and so do all links for
      several people: they might have kept one.
    </GoingDialog>
  );
}

/** Takes oneself out. */
export function LeaveDialog({ org, organization, person, onClose, onLeft }: Props & { onLeft: () => void }) {
  const leave = useLeave(org, person.id, onLeft);
  return (
    <GoingDialog
      org={org}
      id={person.id}
      title={`Leave ${organization}?`}
      lastOwner={`You are the only owner of ${organization}. Make somebody else an owner first.`}
      verb="Leave organization"
      command={leave}
      onVerb={() => leave.mutate()}
      onClose={onClose}
    >
      You see nothing of {organization} any more until somebody invites you again. Links that you made end.
    </GoingDialog>
  );
}

type Command = { isPending: boolean; isError: boolean; error: unknown };

function GoingDialog({
  org,
  id,
  title,
  lastOwner,
  verb,
  command,
  onVerb,
  onClose,
  children,
}: {
  org: string;
  id: string;
  title: string;
  /** Why this person cannot go, if they own the organization alone. */
  lastOwner: string;
  verb: string;
  command: Command;
  onVerb: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const impact = useQuery(removalImpactQuery(org, id));
  if (impact.data?.lastOwner) {
    return (
      <Dialog title="The last owner stays" onClose={onClose}>
        <p>{lastOwner}</p>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      {impact.isPending && <Skeleton className="h-6" />}
      {impact.isError && (
        <Notice tone="bad">
          <p>What depends on this person could not be found out. {explain(impact.error)}</p>
        </Notice>
      )}
      {impact.data && <Impact on="person" projects={impact.data.projects} />}
      <p className="text-small text-ink-soft">{children}</p>
      {command.isError && (
        <Notice tone="bad">
          <p>{explain(command.error)}</p>
        </Notice>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={command.isPending} disabled={!impact.data} onClick={onVerb}>
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

import { useQuery } from '@tanstack/react-query';
import type { ConnectionView } from 'bff';
import { Impact } from '../impact.tsx';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { OuterLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { impactQuery, useDisconnect } from './queries.ts';

type Props = { connection: ConnectionView; onClose: () => void; onDone: (sentence: string) => void };

/** Says first what depends on the connection; the last way to log in is not offered for removal at all. */
export function DisconnectDialog({ connection, onClose, onDone }: Props) {
  const { provider, name, account, authorizedAppsUrl } = connection;
  const impact = useQuery(impactQuery(provider));
  const disconnect = useDisconnect(provider);
  const lastWayIn = impact.data?.lastWayIn ?? connection.lastWayIn;
  if (lastWayIn) {
    return (
      <Dialog title={`${name} cannot be disconnected`} onClose={onClose}>
        <p>
          It is your only way to log in: without it nobody could get into this profile. Connect another
          provider first.
        </p>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Disconnect @${account?.nickname} at ${name}?`} onClose={onClose}>
      {impact.isPending && <Skeleton className="h-12" />}
      {impact.isError && (
        <Notice tone="bad">
          <p>What depends on this connection could not be found out. {explain(impact.error)}</p>
        </Notice>
      )}
      {impact.data && (
        <Impact
          on="connection"
          // A person's projects stand in several organizations.
          projects={impact.data.projects.map((each) => ({
            ...each,
            name: `${each.organization}/${each.name}`,
          }))}
        />
      )}
      <p className="text-small text-ink-soft">
        Semaphore forgets the tokens, and you can no longer log in with this account. You are logged out on
        your other devices. What {name} remembers you can revoke in{' '}
        <OuterLink href={authorizedAppsUrl}>its list of authorized apps</OuterLink>.
      </p>
      {disconnect.isError && (
        <Notice tone="bad">
          <p>{explain(disconnect.error)}</p>
        </Notice>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="danger"
          busy={disconnect.isPending}
          disabled={!impact.data}
          onClick={() =>
            disconnect.mutate(undefined, {
              onSuccess: () =>
                onDone(`${name} is disconnected. The tokens of @${account?.nickname} are deleted here.`),
            })
          }
        >
          Disconnect
        </Button>
      </DialogActions>
    </Dialog>
  );
}

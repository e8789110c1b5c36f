import type { RepositoryView } from 'bff';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { useTakeOver } from './commands.ts';
import type { Place } from './queries.ts';

type Props = { place: Place; view: RepositoryView; onClose: () => void; onDone: (sentence: string) => void };

/** Makes the one who asks the token owner, once their right on the repository is proved. */
export function TakeOverDialog({ place, view, onClose, onDone }: Props) {
  const { tokenOwner, repository, ownConnection } = view;
  const takeOver = useTakeOver(place, () =>
    onDone(`You are now the token owner: Semaphore asks Bitbucket with your access.`),
  );
  const instead = tokenOwner && !tokenOwner.you ? ` instead of ${tokenOwner.screenName}’s` : '';
  return (
    <Dialog title="Take over as token owner?" onClose={onClose}>
      <p>
        From then on Semaphore asks Bitbucket with your access{instead}. First it is proved that you have
        admin right on {repository.fullName}; without it nothing changes. Deploy key and webhook stay as they
        are.
      </p>
      {!ownConnection && (
        <Notice tone="bad">
          <p>
            Your own connection to Bitbucket gives no access just now. Grant access on{' '}
            <InnerLink to={paths.account}>your account page</InnerLink> first.
          </p>
        </Notice>
      )}
      {takeOver.isError && (
        <Notice tone="bad">
          <p>{explain(takeOver.error)}</p>
        </Notice>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={takeOver.isPending}
          disabled={!ownConnection}
          onClick={() => takeOver.mutate()}
        >
          Take over
        </Button>
      </DialogActions>
    </Dialog>
  );
}

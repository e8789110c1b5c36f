import type { ApiTokenView } from 'bff';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { useRevokeToken } from './token-queries.ts';

/** Says first when the token was last used: whoever still uses it will notice. */
export function RevokeTokenDialog({
  token,
  onClose,
  onRevoked,
}: {
  token: ApiTokenView;
  onClose: () => void;
  onRevoked: () => void;
}) {
  const { id, name, lastUsedAt } = token;
  const revoke = useRevokeToken(id, onRevoked);
  return (
    <Dialog title={`Revoke “${name}”?`} onClose={onClose}>
      <p>
        Whatever uses this token is refused from now on.{' '}
        {lastUsedAt ? (
          <>
            It was last used <Moment at={lastUsedAt} />.
          </>
        ) : (
          'It was never used.'
        )}
      </p>
      {revoke.isError && (
        <Notice tone="bad">
          <p>{explain(revoke.error)}</p>
        </Notice>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
          Revoke
        </Button>
      </DialogActions>
    </Dialog>
  );
}

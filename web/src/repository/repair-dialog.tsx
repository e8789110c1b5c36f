import { useQuery } from '@tanstack/react-query';
import type { Repairable, RepairPreview } from 'bff';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useRepair } from './commands.ts';
import { THINGS } from './operation-words.ts';
import { type Place, repairPreviewQuery } from './queries.ts';

type Props = { place: Place; subject: Repairable; verb: 'Repair' | 'Regenerate'; onClose: () => void };

/** Says what will change, and whose access is used; only then does it. */
export function RepairDialog({ place, subject, verb, onClose }: Props) {
  const preview = useQuery(repairPreviewQuery(place, [subject]));
  const repair = useRepair(place, onClose);
  const { data } = preview;
  return (
    <Dialog title={`${verb} the ${THINGS[subject]}?`} onClose={onClose}>
      {preview.isPending && <Skeleton className="h-24" />}
      {preview.isError && (
        <Notice tone="bad">
          <p>What would change could not be found out. {explain(preview.error)}</p>
        </Notice>
      )}
      {data?.subjects.map((each) => (
        <Changes key={each.subject} {...each} />
      ))}
      {data && <Uses uses={data.uses} />}
      {repair.isError && (
        <Notice tone="bad">
          <p>{explain(repair.error)}</p>
        </Notice>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={repair.isPending}
          disabled={!data?.uses}
          onClick={() => repair.mutate([subject])}
        >
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Changes({ subject, makes, removes }: RepairPreview['subjects'][number]) {
  const thing = THINGS[subject];
  return (
    <ul className="grid list-disc gap-2 ps-5">
      <li>
        Makes a new {thing} at Bitbucket: {makes.title}
      </li>
      <li>Proves that it works, and only then uses it.</li>
      {removes.length === 0 ? (
        <li>There is no old one of this project to remove.</li>
      ) : (
        removes.map((each) => (
          <li key={each.fingerprint ?? each.url ?? each.title}>
            Then removes the old {thing}, if it is still there: {each.title}{' '}
            {(each.fingerprint ?? each.url) && <Code>{each.fingerprint ?? each.url}</Code>}
          </li>
        ))
      )}
      <li>Leaves every other {thing} of the repository alone.</li>
    </ul>
  );
}

function Uses({ uses }: { uses: RepairPreview['uses'] }) {
  if (uses) {
    return (
      <p className="text-small text-ink-soft">
        {uses.you
          ? 'It uses your access to Bitbucket.'
          : `It uses the access of ${uses.screenName} to Bitbucket.`}
      </p>
    );
  }
  return (
    <Notice tone="bad">
      <p>
        Neither the token owner’s access to Bitbucket works, nor yours. Grant access on{' '}
        <InnerLink to={paths.account}>your account page</InnerLink> first.
      </p>
    </Notice>
  );
}

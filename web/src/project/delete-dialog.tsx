import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { THINGS } from '../repository/operation-words.ts';
import { type Place, repairPreviewQuery } from '../repository/queries.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { useDeleteProject } from './queries.ts';

/** Lists what is removed at Bitbucket; afterwards the Repository tab shows each step. */
export function DeleteDialog({ place, onClose }: { place: Place; onClose: () => void }) {
  const { org, project } = place;
  // What Repair would replace is what the project has there.
  const preview = useQuery(repairPreviewQuery(place, ['deploy-key', 'webhook']));
  const remove = useDeleteProject(org, project);
  const [, navigate] = useLocation();
  const things = preview.data?.subjects.flatMap(({ subject, removes }) =>
    removes.map((each) => ({ ...each, thing: THINGS[subject] })),
  );
  return (
    <Dialog title={`Delete ${project}?`} onClose={onClose}>
      {preview.isPending && <Skeleton className="h-20" />}
      {preview.isError && (
        <Notice tone="bad">
          <p>What would be removed could not be found out. {explain(preview.error)}</p>
        </Notice>
      )}
      {things?.length === 0 && <p>There is nothing of this project at Bitbucket to remove.</p>}
      {things && things.length > 0 && (
        <div className="grid gap-2">
          <p>This is removed at Bitbucket:</p>
          <ul className="grid list-disc gap-1 ps-5">
            {things.map(({ thing, title, fingerprint, url }) => (
              <li key={fingerprint ?? url ?? title}>
                The {thing} “{title}”
                {(fingerprint ?? url) && <code className="block text-small">{fingerprint ?? url}</code>}
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className="text-small text-ink-soft">
        The project, its settings and its history here go for good. The repository itself stays as it is.
      </p>
      {remove.isError && (
        <Notice tone="bad">
          <p>{explain(remove.error)}</p>
        </Notice>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="danger"
          busy={remove.isPending || remove.isSuccess}
          disabled={!preview.data}
          onClick={() =>
            remove.mutate(undefined, { onSuccess: () => navigate(paths.repository(org, project)) })
          }
        >
          Delete
        </Button>
      </DialogActions>
    </Dialog>
  );
}

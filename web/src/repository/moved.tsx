import type { RepositoryView } from 'bff';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { useChangeUrl, usePreviewUrl } from './commands.ts';
import type { Place } from './queries.ts';

type Props = { place: Place; view: RepositoryView; locked: boolean; onDone: (sentence: string) => void };

/** The repository has another name by now: one press follows it. */
export function Moved({
  place,
  view: { repository, canChange },
  movedTo,
  locked,
  onDone,
  onDifferent,
}: Props & { movedTo: string; onDifferent: (url: string) => void }) {
  const preview = usePreviewUrl(place);
  const change = useChangeUrl(place);
  const url = repository.url.replace(repository.fullName, movedTo);
  const error = preview.error ?? change.error;
  const update = async () => {
    const meant = await preview.mutateAsync(url);
    // Someone else's took the new name meanwhile: the dialog says so before anything changes.
    if (meant.kind === 'different') return onDifferent(url);
    await change.mutateAsync({ url, uuid: meant.uuid });
    onDone(`The URL is updated: the project uses ${meant.fullName}. Everything is checked again.`);
  };
  return (
    <Notice tone="note">
      <p className="font-semibold">This repository is now {movedTo}</p>
      <p>It was renamed or moved at Bitbucket, and is the same repository.</p>
      {error && (
        <p role="alert" className="font-medium text-bad">
          {explain(error)}
        </p>
      )}
      {canChange && (
        <div>
          <Button
            look="primary"
            busy={preview.isPending || change.isPending}
            disabled={locked}
            // What goes wrong is in `error`.
            onClick={() => void update().catch(() => undefined)}
          >
            Update the URL
          </Button>
        </div>
      )}
    </Notice>
  );
}

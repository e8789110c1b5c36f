import type { RepositoryView } from 'bff';
import { lazy, Suspense, useState } from 'react';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { OuterLink } from '../ui/links.tsx';
import { Notice } from '../ui/notice.tsx';
import { type Place, useChangeUrl, usePreviewUrl } from './queries.ts';

const ChangeUrlDialog = lazy(() =>
  import('./change-url-dialog.tsx').then((page) => ({ default: page.ChangeUrlDialog })),
);

type Props = {
  place: Place;
  view: RepositoryView;
  locked: boolean;
  onDone: (sentence: string | null) => void;
};

/** Where the repository is, and one press to follow it when it moved. */
export function RepositoryUrl({ place, view, locked, onDone }: Props) {
  const { repository, canChange } = view;
  /** What the dialog's field begins with; null: it is closed. */
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <div className="grid gap-4 p-5 sm:px-6">
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-0 grow basis-72">
          <Field
            label="Repository URL"
            value={repository.url}
            readOnly
            onFocus={(event) => event.target.select()}
          />
        </div>
        {canChange && (
          <Button className="min-h-11" disabled={locked} onClick={() => setAsked(repository.url)}>
            Change…
          </Button>
        )}
      </div>
      <p className="text-small">
        <OuterLink href={repository.webUrl}>{repository.fullName} at Bitbucket</OuterLink>
      </p>
      {repository.movedTo && (
        <Moved
          place={place}
          view={view}
          movedTo={repository.movedTo}
          locked={locked}
          onDone={onDone}
          onDifferent={setAsked}
        />
      )}
      {asked !== null && (
        <Suspense>
          <ChangeUrlDialog
            place={place}
            view={view}
            typed={asked}
            onClose={() => setAsked(null)}
            onDone={(sentence) => {
              setAsked(null);
              onDone(sentence);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

function Moved({
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

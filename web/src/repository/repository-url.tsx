import type { RepositoryView } from 'bff';
import { lazy, Suspense, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { OuterLink } from '../ui/links.tsx';
import type { Place } from './queries.ts';

const Moved = lazy(() => import('./moved.tsx').then((page) => ({ default: page.Moved })));
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
        <Suspense>
          <Moved
            place={place}
            view={view}
            movedTo={repository.movedTo}
            locked={locked}
            onDone={onDone}
            onDifferent={setAsked}
          />
        </Suspense>
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

import type { RepositoryView, UrlPreview } from 'bff';
import { useState } from 'react';
import { type AnyProblemCode, Problem } from '../api.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { useChangeUrl, usePreviewUrl } from './commands.ts';
import type { Place } from './queries.ts';

const AT_FIELD: AnyProblemCode[] = ['invalid-repository-url', 'repository-not-visible'];

type Props = {
  place: Place;
  view: RepositoryView;
  /** What the field begins with. */
  typed: string;
  onClose: () => void;
  onDone: (sentence: string | null) => void;
};

/** Another name for the same repository is taken as it is; another repository is said first. */
export function ChangeUrlDialog({ place, view, typed, onClose, onDone }: Props) {
  const [url, setUrl] = useState(typed);
  const [meant, setMeant] = useState<UrlPreview | null>(null);
  const preview = usePreviewUrl(place);
  const change = useChangeUrl(place);
  const error = change.error ?? preview.error;
  const atField = error instanceof Problem && AT_FIELD.includes(error.code);
  const same = meant?.kind === 'same';

  const commit = async (preview: UrlPreview) => {
    await change.mutateAsync({ url, uuid: preview.uuid });
    onDone(
      // Of a move the operation itself tells, as it goes on and when it has ended.
      preview.kind === 'different'
        ? null
        : `The URL is updated: the project uses ${preview.fullName}. Everything is checked again.`,
    );
  };
  const submit = async () => {
    const asked = meant ?? (await preview.mutateAsync(url));
    // The other repository is shown, and waits for a second press.
    if (meant === null && asked.kind !== 'renamed') return setMeant(asked);
    if (asked.kind !== 'same') await commit(asked);
  };

  return (
    <Dialog title="Change the repository?" onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (preview.isPending || change.isPending || same) return;
          // What goes wrong is in `error`. After a refusal it is looked at anew.
          void submit().catch(() => setMeant(null));
        }}
      >
        <Field
          label="Repository URL"
          value={url}
          spellCheck={false}
          autoCapitalize="none"
          onChange={(event) => {
            setUrl(event.target.value);
            setMeant(null);
            preview.reset();
            change.reset();
          }}
          hint="As Bitbucket shows it, for SSH or for https."
          error={
            atField
              ? explain(error)
              : same
                ? `This is the repository that the project has: ${meant.fullName}.`
                : undefined
          }
        />
        {meant?.kind === 'different' && <Different meant={meant} />}
        {error && !atField && (
          <Notice tone="bad">
            <p>{explain(error)}</p>
          </Notice>
        )}
        <p className="text-small text-ink-soft">
          The history and settings of {view.project.name} stay. Everything is checked afterwards.
        </p>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={preview.isPending || change.isPending}
            disabled={url.trim() === '' || same}
          >
            Change
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Different({ meant: { fullName, from } }: { meant: UrlPreview }) {
  return (
    <Notice tone="note">
      <p className="font-semibold">
        {fullName} is a different repository, not {from} by another name.
      </p>
      <p>
        Deploy key and webhook move over: new ones are made at {fullName} and proved, then those at {from} are
        removed. Press “Change” to do that.
      </p>
    </Notice>
  );
}

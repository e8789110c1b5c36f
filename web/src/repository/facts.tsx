import type { RepositoryView, RowView } from 'bff';
import { Avatar } from '../ui/avatar.tsx';
import { Code } from '../ui/code.tsx';
import { KeyIcon } from '../ui/icons.tsx';
import { Moment } from '../ui/moment.tsx';

/** What is known of a row. */
export function RowFacts({ view, row }: { view: RepositoryView; row: RowView }) {
  // What could not be looked at now is described by what was last proved.
  const facts = { ...row.previous?.facts, ...row.facts };
  switch (row.subject) {
    case 'token-owner': {
      const { tokenOwner, repository } = view;
      if (!tokenOwner) return null;
      const { screenName, avatarUrl, you } = tokenOwner;
      return (
        <div className="flex items-center gap-3">
          <Avatar name={screenName} url={avatarUrl} size="small" />
          <div>
            <p>
              {screenName}
              {you && ' (you)'}
            </p>
            <p className="text-small text-ink-soft">
              {row.state === 'healthy' && facts.permission === 'admin'
                ? `Has admin right on ${repository.fullName}. Semaphore asks Bitbucket with this access.`
                : 'Semaphore asks Bitbucket with the access of this person.'}
              {facts.endedAt && (
                <>
                  {' '}
                  It ended <Moment at={facts.endedAt} />.
                </>
              )}
            </p>
          </div>
        </div>
      );
    }
    case 'deploy-key':
      if (!facts.fingerprint && !facts.title) return null;
      return (
        <div className="grid gap-1">
          {facts.title && (
            <p className="flex items-center gap-2">
              <KeyIcon className="text-ink-soft" />
              {facts.title}
            </p>
          )}
          {facts.fingerprint && <Code>{facts.fingerprint}</Code>}
          <p className="text-small text-ink-soft">
            {facts.addedAt && (
              <>
                Added on <Moment at={facts.addedAt} form="exact" />
              </>
            )}
            {row.state === 'healthy' && facts.sshReads && ' · An SSH login with it reads the repository'}
          </p>
        </div>
      );
    case 'webhook':
      if (!facts.url && !facts.lastDeliveryAt) return null;
      return (
        <div className="grid gap-1">
          {facts.url && <Code block>{facts.url}</Code>}
          {facts.lastDeliveryAt && (
            <p className="text-small text-ink-soft">
              Last delivery <Moment at={facts.lastDeliveryAt} />
            </p>
          )}
        </div>
      );
    case 'pipeline-file':
      return (
        <div className="grid gap-1">
          <p>
            <Code>{facts.path ?? view.pipelineFile}</Code>
          </p>
          {row.state === 'healthy' && facts.commit && (
            <p className="text-small text-ink-soft">
              {facts.branch && (
                <>
                  On the default branch <Code>{facts.branch}</Code>,{' '}
                </>
              )}
              commit <Code>{facts.commit.slice(0, 12)}</Code>
              {facts.size !== undefined && ` · ${sizeWords(facts.size)}`}
            </p>
          )}
        </div>
      );
  }
}

function sizeWords(bytes: number): string {
  return bytes < 1_000 ? `${bytes} bytes` : `${(bytes / 1_000).toFixed(1)} kB`;
}

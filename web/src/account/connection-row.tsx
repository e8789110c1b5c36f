import type { ConnectionView } from 'bff';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { explainFault, explainReason } from '../connection-words.ts';
import { explain } from '../problems.ts';
import { useGrantAccess } from '../sign-in/queries.ts';
import { Button } from '../ui/button.tsx';
import { CheckIcon, CrossIcon, RingIcon } from '../ui/icons.tsx';
import { OuterLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { DisconnectDialog } from './disconnect-dialog.tsx';
import { DoubtIcon } from './doubt-icon.tsx';
import { useLook } from './queries.ts';

/** A person who comes back to the tab sees how things are now, but flicking between tabs costs nothing. */
const LOOK_AGAIN_AFTER = 5_000;

const STATES = {
  connected: { word: 'Connected', tone: 'text-good', icon: <CheckIcon /> },
  unconfirmed: { word: 'Connected, not confirmed just now', tone: 'text-doubt', icon: <DoubtIcon /> },
  ended: { word: 'Not Connected', tone: 'text-bad', icon: <CrossIcon /> },
  // Nothing is broken where nothing was.
  never: { word: 'Not Connected', tone: 'text-ink-soft', icon: <RingIcon /> },
};

/** What a look came to, for those who cannot see the row change. */
const ANNOUNCEMENTS: Record<ConnectionView['state'], (provider: string) => string> = {
  connected: (provider) => `${provider} confirmed the access.`,
  unconfirmed: (provider) => `${provider} could not confirm the access just now.`,
  'not-connected': (provider) => `${provider} gives no access any more.`,
};

/** One provider: how the connection stands as far as we know, and a live look each time the page is opened. */
export function ConnectionRow({
  connection,
  onDone,
}: {
  connection: ConnectionView;
  onDone: (sentence: string) => void;
}) {
  const { provider, name, state, account, fault } = connection;
  const row = useRef<HTMLDivElement>(null);
  const look = useLook(provider);
  const grant = useGrantAccess(provider);
  const [asking, setAsking] = useState(false);
  const { word, tone, icon } = STATES[lookOf(connection)];

  const lookNow = () => {
    if (!look.isPending) look.mutate();
  };
  useLookOnOpening(state !== 'not-connected', lookNow);
  useLookAt(fault?.retryAt ?? null, lookNow);

  /** Pressed by hand: the button may be gone afterwards, and the focus must not go with it. */
  const checkAgain = () =>
    look.mutate(undefined, {
      onSettled: () =>
        requestAnimationFrame(() => {
          if (document.activeElement === document.body) row.current?.focus();
        }),
    });

  return (
    <div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset groups form fields; this row holds facts and actions */}
      <div
        ref={row}
        tabIndex={-1}
        role="group"
        aria-label={name}
        aria-busy={look.isPending || undefined}
        className="grid gap-2 p-4"
      >
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <strong className="font-semibold">{name}</strong>
          <span aria-hidden="true">·</span>
          <span className={`inline-flex items-center gap-1.5 font-medium ${tone}`}>
            {icon}
            {word}
          </span>
          {account && (
            <>
              <span aria-hidden="true" className="max-sm:hidden">
                ·
              </span>
              {state === 'not-connected' ? (
                <span className="text-ink-soft">was @{account.nickname}</span>
              ) : (
                <OuterLink href={account.url}>@{account.nickname}</OuterLink>
              )}
            </>
          )}
        </p>
        <Facts connection={connection} />
        {look.isError && (
          <p role="alert" className="text-small text-bad">
            {name} was not asked. {explain(look.error)}
          </p>
        )}
        {grant.isError && (
          <p role="alert" className="text-small text-bad">
            {explain(grant.error)}
          </p>
        )}
        <div className="mt-1 flex flex-wrap items-center gap-3">
          {(state === 'unconfirmed' || look.isError) && (
            <Button busy={look.isPending} onClick={checkAgain}>
              Check again
            </Button>
          )}
          {needsGrant(connection) && (
            <Button busy={grant.isPending || grant.isSuccess} onClick={() => grant.mutate()}>
              Grant access
            </Button>
          )}
          {account && (
            <Button look="quiet" onClick={() => setAsking(true)}>
              Disconnect
            </Button>
          )}
          {/* Beside what is always there, so that nothing moves while the provider is asked. */}
          {look.isPending && <span className="text-small text-ink-soft">Asking {name}…</span>}
        </div>
      </div>
      {/* Beside the row, whose words say the same to those who see them. */}
      <p aria-live="polite" className="sr-only">
        {look.isSuccess && ANNOUNCEMENTS[state](name)}
      </p>
      {asking && (
        <DisconnectDialog
          connection={connection}
          onClose={() => setAsking(false)}
          onDone={(sentence) => {
            setAsking(false);
            onDone(sentence);
          }}
        />
      )}
    </div>
  );
}

function lookOf({ state, reason }: ConnectionView): keyof typeof STATES {
  if (state !== 'not-connected') return state;
  return reason?.code === 'never-connected' ? 'never' : 'ended';
}

function needsGrant({ state, granted, fault }: ConnectionView): boolean {
  return state === 'not-connected' || granted === 'insufficient' || fault?.code === 'grant-doubtful';
}

function Facts({ connection }: { connection: ConnectionView }) {
  const { name, state, since, confirmedAt, fault, reason, granted, authorizedAppsUrl } = connection;
  const revocable = (
    <>
      You can revoke it at any time in{' '}
      <OuterLink href={authorizedAppsUrl}>{name}’s list of authorized apps</OuterLink>.
    </>
  );
  if (state === 'not-connected') {
    return (
      <div className="grid gap-1 text-small text-ink-soft">
        {reason && (
          <p>
            {explainReason(reason.code, name)}
            {reason.seenAt && (
              <>
                {' '}
                Seen <Moment at={reason.seenAt} form="exact" />.
              </>
            )}
          </p>
        )}
        <p>
          {reason?.code === 'never-connected'
            ? 'Grant access to use it here. What you grant stays yours to take back.'
            : 'Access has to be granted again at the next log-in, or here and now.'}{' '}
          {revocable}
        </p>
      </div>
    );
  }
  return (
    <div className="grid gap-1 text-small text-ink-soft">
      {fault && (
        <p className="text-ink">
          {explainFault(fault.code, name)} The last known state stays.
          {fault.retryAt && (
            <>
              {' '}
              We ask again after <Moment at={fault.retryAt} form="exact" />.
            </>
          )}
        </p>
      )}
      <p>{grantedWords(connection)}</p>
      {granted === 'insufficient' && (
        <p>Have the person who runs this service add it, then grant access again.</p>
      )}
      <p>
        {since && (
          <>
            Since <Moment at={since} form="day" /> ·{' '}
          </>
        )}
        <Confirmed at={confirmedAt} />
      </p>
    </div>
  );
}

function Confirmed({ at }: { at: string | null }): ReactNode {
  if (!at) return 'Never confirmed';
  return (
    <>
      Last confirmed <Moment at={at} />
    </>
  );
}

function grantedWords({ granted, name, missingScopes }: ConnectionView): string {
  if (granted === 'profile-only') return 'Granted: your profile and e-mail address, for logging in.';
  if (granted === 'not-said') return `${name} does not say what was granted.`;
  if (granted === 'insufficient') {
    return `Repositories cannot be connected: the grant of ${name} lacks ${missingScopes.join(', ')}.`;
  }
  return 'Granted: private and public repositories can be connected.';
}

/** The provider said when to come back: an open page does so by itself. */
function useLookAt(at: string | null, look: () => void): void {
  const lookNow = useEffectEvent(look);
  useEffect(() => {
    if (!at) return;
    // A little later than said, for clocks that disagree.
    const timer = setTimeout(lookNow, Math.max(0, new Date(at).getTime() - Date.now()) + 1_000);
    return () => clearTimeout(timer);
  }, [at]);
}

function useLookOnOpening(wanted: boolean, look: () => void): void {
  const lookNow = useEffectEvent(look);
  useEffect(() => {
    if (!wanted) return;
    let looked = Date.now();
    // One tick later, so that a page which is taken down at once asks nobody.
    const opening = setTimeout(lookNow);
    const onFocus = () => {
      if (Date.now() - looked < LOOK_AGAIN_AFTER) return;
      looked = Date.now();
      lookNow();
    };
    window.addEventListener('focus', onFocus);
    return () => {
      clearTimeout(opening);
      window.removeEventListener('focus', onFocus);
    };
  }, [wanted]);
}

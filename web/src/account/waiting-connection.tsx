import type { WaitingView } from 'bff';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { InfoIcon } from '../ui/icons.tsx';
import { useDecideWaiting } from './queries.ts';

/** An account that a provider vouched for, and that belongs to nobody until the person says so. */
export function WaitingConnection({
  waiting,
  onDone,
}: {
  waiting: WaitingView;
  onDone: (sentence: string) => void;
}) {
  const { id, kind, name, nickname, previousNickname, email } = waiting;
  const decide = useDecideWaiting(id, (word) =>
    onDone(
      word === 'connect'
        ? `@${nickname} at ${name} is connected to your profile.`
        : `@${nickname} at ${name} was not connected.`,
    ),
  );
  const switching = kind === 'different-account' || previousNickname !== null;
  const busy = (word: string) => decide.isPending && decide.variables === word;
  return (
    <section
      aria-labelledby="waiting-connection"
      className="grid gap-3 rounded-card border border-note bg-note-soft p-5 sm:p-6"
    >
      <h2 id="waiting-connection" className="flex items-center gap-2.5 font-semibold">
        <InfoIcon className="text-note" />
        {switching ? `Which account at ${name}?` : `Connect @${nickname} at ${name}?`}
      </h2>
      <p>
        {switching
          ? `Your profile has @${previousNickname}, and you came back as @${nickname}. Only one account at ${name} can be connected to it.`
          : `You came from ${name} as @${nickname}${email ? `, with the address ${email}` : ''}. If that is you, connect it to this profile and log in with either from now on.`}
      </p>
      {decide.isError && (
        <p role="alert" className="font-medium text-bad">
          {explain(decide.error)}
        </p>
      )}
      <div className="flex flex-wrap gap-3">
        <Button
          look="primary"
          busy={busy('connect')}
          disabled={decide.isPending}
          onClick={() => decide.mutate('connect')}
        >
          {switching ? `Switch to @${nickname}` : `Connect @${nickname}`}
        </Button>
        <Button busy={busy('discard')} disabled={decide.isPending} onClick={() => decide.mutate('discard')}>
          {switching ? `Stay with @${previousNickname}` : 'Discard'}
        </Button>
      </div>
    </section>
  );
}

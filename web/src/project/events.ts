/** A project's server-sent events, heard while the page is visible. */

/** While events do not come: how often the page asks instead, in milliseconds. */
const ASK_EVERY = 5_000;
/** After so many of these, events are tried again. */
const TRY_AGAIN = 6;

type Listener = {
  /** What the stream calls a change. */
  event: string;
  onEvent: (data: unknown) => void;
  /** The project is no more, or not for the one who looks. Nothing comes afterwards. */
  onGone: (data: unknown) => void;
  /** The connection is lost, or the answer was none. */
  onLost?: () => void;
  /** Asks for what events would have brought. */
  ask: () => void;
};

/** Follows the events at an address until the returned function is called. */
export function followEvents(address: string, { event, onEvent, onGone, onLost, ask }: Listener): () => void {
  let source: EventSource | null = null;
  let asking: ReturnType<typeof setInterval> | undefined;
  let over = false;

  const stopAsking = () => {
    clearInterval(asking);
    asking = undefined;
  };
  const askInstead = () => {
    if (asking !== undefined || over) return;
    let count = 0;
    asking = setInterval(() => {
      count += 1;
      ask();
      // The browser comes back by itself after a lost connection, but not after an answer that was none.
      if (count % TRY_AGAIN === 0 && source?.readyState === EventSource.CLOSED) open();
    }, ASK_EVERY);
  };
  const close = () => {
    source?.close();
    source = null;
    stopAsking();
  };
  const open = () => {
    source?.close();
    const opened = new EventSource(address);
    source = opened;
    opened.addEventListener('open', stopAsking);
    opened.addEventListener(event, ({ data }) => onEvent(JSON.parse(data)));
    opened.addEventListener('gone', ({ data }) => {
      over = true;
      close();
      onGone(JSON.parse(data));
    });
    opened.addEventListener('error', () => {
      onLost?.();
      askInstead();
    });
  };
  const follow = () => {
    if (over) return;
    if (document.hidden) close();
    else if (!source) open();
  };
  follow();
  document.addEventListener('visibilitychange', follow);
  return () => {
    over = true;
    close();
    document.removeEventListener('visibilitychange', follow);
  };
}

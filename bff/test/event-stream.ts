/** Server-sent events as a page hears them. */
import type { Browser } from './browser.ts';

export type HeardEvent = { event: string; data: unknown };

/** Opens a stream of events; whoever opens one closes it. */
export async function listen(browser: Browser, path: string) {
  const response = await browser.api('GET', path);
  if (response.status !== 200 || !response.body) throw new Error(`${path} says ${response.status}.`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';

  /** The next event; undefined when the stream has ended. */
  async function next(): Promise<HeardEvent | undefined> {
    for (;;) {
      const end = rest.indexOf('\n\n');
      if (end >= 0) {
        const lines = rest.slice(0, end).split('\n');
        rest = rest.slice(end + 2);
        const field = (name: string) =>
          lines
            .filter((line) => line.startsWith(`${name}: `))
            .map((line) => line.slice(name.length + 2))
            .join('\n');
        if (field('event') !== '') return { event: field('event'), data: JSON.parse(field('data')) };
        continue;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      rest += value;
    }
  }

  return {
    response,
    next,
    /** The first event that fits; throws when the stream ends before. */
    async until(fits: (heard: HeardEvent) => boolean): Promise<HeardEvent> {
      for (let heard = await next(); heard; heard = await next()) if (fits(heard)) return heard;
      throw new Error('The stream ended without it.');
    },
    close: () => reader.cancel(),
  };
}

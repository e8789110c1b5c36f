import { setImmediate as nextRound } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { aside, createTurns } from './turns.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The session is taken; who waits for it writes its name down when it gets it, and passes on. */
async function busy() {
  const turns = createTurns();
  const order: string[] = [];
  await turns.take();
  const wait = async (name: string) => {
    await turns.take();
    order.push(name);
    turns.pass();
  };
  /** Each stands in line when this resolves. */
  const stand = async (...waits: Promise<void>[]) => {
    await nextRound();
    await nextRound();
    return Promise.all.bind(Promise, waits);
  };
  return { turns, order, wait, stand };
}

describe('whose turn it is', () => {
  test('a request goes before work in the background that came first', async () => {
    const { turns, order, wait, stand } = await busy();
    const ended = await stand(
      aside(() => wait('work')),
      wait('request'),
      wait('another'),
    );
    turns.pass();
    await ended();
    expect(order).toEqual(['request', 'another', 'work']);
  });

  test('work that has waited long enough goes first, once, in the order of its coming', async () => {
    const { turns, order, wait, stand } = await busy();
    const work = await stand(aside(() => wait('work')));
    vi.advanceTimersByTime(210);
    const ended = await stand(
      aside(() => wait('later work')),
      wait('request'),
    );
    turns.pass();
    await Promise.all([work(), ended()]);
    expect(order).toEqual(['work', 'request', 'later work']);
  });

  test('what is awaited is what a request waits for', async () => {
    const { turns, wait, stand } = await busy();
    const work = await stand(aside(() => wait('work')));
    expect(turns.isAwaited()).toBe(false);
    const request = await stand(wait('request'));
    expect(turns.isAwaited()).toBe(true);
    turns.pass();
    await Promise.all([work(), request()]);
    expect(turns.isAwaited()).toBe(false);
    await turns.take();
  });
});

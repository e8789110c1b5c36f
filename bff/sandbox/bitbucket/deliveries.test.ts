import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { renameRepository } from '../play.ts';
import { deleteBranch, push, pushFile } from '../play-source.ts';
import type { Hook } from '../state.ts';
import { useBench } from '../test-bench.ts';
import { repositoryNamed } from '../world.ts';

const REPOSITORY = 'harbour-works/pilot-api';
const URL_OF_HOOK = 'https://product.test/hooks/bitbucket/1';
const bench = useBench();

type Received = { event: string; attempt: string; request: string; signature: string | null; body: string };

/** A webhook of the pilot, and a receiver that answers with these statuses, the last one again and again; null: with none. */
function hear(answers: (number | null)[], changes: Partial<Hook> = {}) {
  const { world, deliveries } = bench.sandbox;
  const received: Received[] = [];
  world.data.hooks.push({
    uuid: '{5c0f2a10-7d1e-4f6b-9a3c-2b8e1d4f6a01}',
    repository: repositoryNamed(world, REPOSITORY).uuid,
    description: 'Ours',
    url: URL_OF_HOOK,
    active: true,
    events: ['repo:push', 'repo:updated'],
    secret: 'a secret',
    skipCertVerification: false,
    createdAt: '2026-11-22T12:00:00Z',
    ...changes,
  });
  world.changed();
  deliveries.sendBy(async (request) => {
    const status = answers[Math.min(received.length, answers.length - 1)] ?? null;
    received.push({
      event: request.headers.get('x-event-key') ?? '',
      attempt: request.headers.get('x-attempt-number') ?? '',
      request: request.headers.get('x-request-uuid') ?? '',
      signature: request.headers.get('x-hub-signature'),
      body: await request.text(),
    });
    if (status === null) throw new TypeError('nobody answers');
    return new Response(null, { status });
  });
  return received;
}

async function commit(branch = 'main', content = 'x') {
  const { place, world, deliveries } = bench.sandbox;
  await pushFile(place, repositoryNamed(world, REPOSITORY), { branch, path: 'a.txt', content });
  await deliveries.settled();
}

describe('a delivery', () => {
  test('is signed over the very bytes, and says what moved', async () => {
    const received = hear([200]);
    await commit();
    expect(received).toHaveLength(1);
    const [{ event, attempt, signature, body } = {} as Received] = received;
    expect({ event, attempt }).toEqual({ event: 'repo:push', attempt: '1' });
    expect(signature).toBe(`sha256=${createHmac('sha256', 'a secret').update(body).digest('hex')}`);
    const { push: pushed } = JSON.parse(body);
    expect(pushed.changes).toMatchObject([{ created: false, new: { type: 'branch', name: 'main' } }]);
  });

  test('without a secret carries no signature', async () => {
    const received = hear([200], { secret: null });
    await commit();
    expect(received).toMatchObject([{ signature: null }]);
  });

  test('goes nowhere when the webhook is off, or asks for other events', async () => {
    const off = hear([200], { active: false });
    await commit('main', '1');
    expect(off).toEqual([]);
    bench.sandbox.world.data.hooks.length = 0;
    const others = hear([200], { events: ['repo:updated'] });
    await commit('main', '2');
    expect(others).toEqual([]);
  });

  test('of a rename carries the name before and after; of a deleted branch no commits', async () => {
    const received = hear([200]);
    const { place, world, deliveries } = bench.sandbox;
    const repository = repositoryNamed(world, REPOSITORY);
    await deleteBranch(place, repository, 'feature/tide-tables');
    renameRepository(world, repository, 'pilot-two');
    await deliveries.settled();
    const [gone, renamed] = received.map(({ event, body }) => ({ event, ...JSON.parse(body) }));
    expect(gone.push.changes).toMatchObject([{ closed: true, new: null }]);
    expect(gone.push.changes[0]).not.toHaveProperty('commits');
    expect(renamed).toMatchObject({
      event: 'repo:updated',
      changes: { full_name: { old: REPOSITORY, new: 'harbour-works/pilot-two' } },
    });
  });
});

describe('a try that fails', () => {
  test.each([
    ['two 5xx, then taken', [503, 500, 200], ['1', '2', '3']],
    ['5xx for ever: three tries, and never again', [500], ['1', '2', '3']],
    ['a 4xx is final', [404], ['1']],
    ['so is a redirect, which is not followed', [302], ['1']],
    ['no answer at all is not tried again', [null], ['1']],
  ] as const)('%s', async (_name, answers, attempts) => {
    const received = hear([...answers]);
    await commit();
    expect(received.map(({ attempt }) => attempt)).toEqual(attempts);
    // The same delivery each time, to the letter.
    expect(new Set(received.map(({ request }) => request)).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    const made = bench.sandbox.deliveries.made();
    expect(made.map(({ attempt }) => String(attempt))).toEqual(attempts);
    expect(made[0]).toMatchObject({ event: 'repo:push', url: URL_OF_HOOK, status: answers[0] });
  });
});

describe('a body of more than 256 KB', () => {
  test('is not sent, and nobody is told', async () => {
    const received = hear([200]);
    const { place, world, deliveries } = bench.sandbox;
    // A message counts once in the head and once in the list of commits.
    const commits = ['x'.repeat(20_000), 'x'.repeat(200_000)].map((message, index) => ({
      branch: 'main',
      author: 'Nora Lindqvist <nora@harbour.example>',
      at: '2026-11-22T12:00:00Z',
      message,
      files: { 'a.txt': String(index) },
    }));
    for (const each of commits) await push(place, repositoryNamed(world, REPOSITORY), [each]);
    await deliveries.settled();
    expect(received).toHaveLength(1);
    expect(Buffer.byteLength(received[0]?.body ?? '')).toBeLessThanOrEqual(256 * 1024);
    expect(deliveries.made()).toHaveLength(1);
  });
});

/**
 * A gate in front of a real server, through which one process asks it: single requests are held before they get there, or
 * after, with the answer on its way back. Whoever asked may be stopped, gone, or have given up by then.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { matchesPath } from '../../sandbox/requests.ts';

export type Moment = {
  method: string;
  /** Its path, where `*` stands for anything. */
  path: string;
  /** `before`: nothing was done yet. `after`: it was, and nobody has heard of it. */
  when: 'before' | 'after';
};
export type Held = {
  /** Resolves when the request is there. */
  arrived: Promise<void>;
  /** Lets it go its way, whoever still waits for the answer. */
  release(): void;
};

/** `server`: the origin behind the gate. */
export async function openGate(server: string) {
  const holds: { moment: Moment; arrive(): void; released: Promise<void> }[] = [];
  const passed: string[] = [];
  let under = Promise.resolve();

  async function pass(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '' } = request;
    const path = new URL(url, server).pathname;
    passed.push(path);
    const index = holds.findIndex(({ moment }) => moment.method === method && matchesPath(moment.path, path));
    const [hold] = index < 0 ? [] : holds.splice(index, 1);
    if (hold?.moment.when === 'before') await reached(hold);
    const headers = new Headers(request.headers as Record<string, string>);
    for (const own of ['host', 'connection', 'content-length', 'transfer-encoding']) headers.delete(own);
    const response = await fetch(server + url, {
      method,
      headers,
      redirect: 'manual',
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const body = Buffer.from(await response.arrayBuffer());
    if (hold?.moment.when === 'after') await reached(hold);
    const type = response.headers.get('content-type');
    answer.writeHead(response.status, type ? { 'content-type': type } : {}).end(body);
  }

  async function reached({ arrive, released }: (typeof holds)[number]): Promise<void> {
    arrive();
    await released;
  }

  const front = createServer((request, answer) => {
    const passing = pass(request, answer).catch(() => void answer.destroy());
    under = Promise.all([under, passing]).then(() => undefined);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');

  return {
    origin: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    /** How many requests to such a path have come so far. */
    passed: (pattern: string) => passed.filter((path) => matchesPath(pattern, path)).length,
    /** Holds the next request that fits. */
    hold(moment: Moment): Held {
      const arrival = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      holds.push({ moment, arrive: arrival.resolve, released: release.promise });
      return { arrived: arrival.promise, release: release.resolve };
    },
    /** Resolves when nothing is on its way any more. */
    quiet: () => under,
    async close() {
      front.close();
      front.closeAllConnections();
    },
  };
}

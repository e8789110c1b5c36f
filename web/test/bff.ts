/** The BFF as the page sees it: a test says what is answered, and reads what was asked. */
import type { ProblemCode } from 'bff';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Address = `${Method} /api/${string}`;
type Answer = object | Response;
type Asked = { address: string; search: string; body: unknown; headers: Headers };
type Give = (search: URLSearchParams) => Answer | Promise<Answer>;

const answers = new Map<string, Give>();
/** Everything that the page asked in this test, in order. */
export const asked: Asked[] = [];
const underWay = new Set<Promise<unknown>>();
const open = new Set<() => void>();

/** From now on this address, whatever its query, gives this answer: JSON with status 200, or a whole response. */
export function answer(address: Address, what: Answer | Give): void {
  answers.set(address, typeof what === 'function' ? (what as Give) : () => what);
}

/** This address keeps the page waiting until the returned function is called with the answer. */
export function holdBack(address: Address): (what: Answer) => void {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  answers.set(address, () => promise);
  open.add(() => resolve(HttpResponse.error()));
  return resolve;
}

/** A problem in the shape that the BFF gives it. */
export function problem(code: ProblemCode, status: number, detail?: string): Response {
  return HttpResponse.json(
    { type: `urn:semaphore:problem:${code}`, title: code, status, code, ...(detail ? { detail } : {}) },
    { status, headers: { 'Content-Type': 'application/problem+json' } },
  );
}

/** Nothing answers: the network is gone. */
export const networkLoss = () => HttpResponse.error();

/** How often an address was asked. */
export function countOf(address: Address): number {
  return asked.filter((each) => each.address === address).length;
}

/** Stands between the page and the network; `onStray` hears of every request that no test has an answer for. */
export function openTheNet(onStray: (request: string) => void) {
  const server = setupServer(
    http.all('*/api/*', async ({ request }) => {
      const { pathname, search, searchParams } = new URL(request.url);
      const address = `${request.method} ${pathname}`;
      const text = await request.text();
      asked.push({ address, search, body: text === '' ? null : JSON.parse(text), headers: request.headers });
      const give = answers.get(address);
      if (!give) {
        onStray(address);
        return HttpResponse.error();
      }
      const giving = Promise.resolve(give(searchParams));
      underWay.add(giving);
      const what = await giving.finally(() => underWay.delete(giving));
      return what instanceof Response ? what.clone() : HttpResponse.json(what);
    }),
  );
  server.listen({
    onUnhandledFrame: ({ frame, defaults }) => {
      onStray(frame.protocol);
      defaults.error();
    },
  });
  return { server };
}

/** Lets go of what is still held back, and starts afresh. */
export async function forgetAnswers(): Promise<void> {
  for (const release of open) release();
  open.clear();
  await Promise.allSettled(underWay);
  answers.clear();
  asked.length = 0;
}

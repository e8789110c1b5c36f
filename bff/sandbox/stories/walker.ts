/** A person at the product, over HTTP as their browser would speak to it: cookies, log-in at the sandbox, the API. */
import type { Send } from '../bitbucket/deliveries.ts';
import type { Person } from '../state.ts';

export interface Doors {
  /** The product's address as browsers know it; what it is asked under. */
  publicUrl: string;
  /** Where the product really listens: the same, or loopback behind what publishes it. */
  productAt: string;
  /** Where the sandbox's Bitbucket answers. */
  bitbucket: string;
  /** How requests travel; `fetch` when left out. */
  send?: Send;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the walker knows the product only from outside
  body: any;
}

export interface Walker {
  /** Logs in with Bitbucket, consenting where asked. Rejects when that does not end in a session. */
  signIn(person: Person): Promise<void>;
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** Somebody with a fresh browser. */
export function createWalker({ publicUrl, productAt, bitbucket, signal, ...doors }: Doors): Walker {
  const carry: Send = doors.send ?? ((request) => fetch(request));
  const jars = new Map<string, Map<string, string>>();

  async function send(address: URL, init: RequestInit = {}): Promise<Response> {
    const url =
      address.origin === publicUrl ? new URL(address.pathname + address.search, productAt) : address;
    const jar = jars.get(url.host) ?? new Map<string, string>();
    jars.set(url.host, jar);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
    const response = await carry(
      new Request(url, { ...init, headers, redirect: 'manual', signal: deadline }),
    );
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=', 2);
      if (attributes.includes('Max-Age=0')) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  const submit = (url: URL, form: Record<string, string>) =>
    send(url, { method: 'POST', body: new URLSearchParams(form), headers: { origin: bitbucket } });

  async function api(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await send(new URL(path, publicUrl), {
      method,
      headers: {
        'x-requested-with': 'semaphore',
        origin: publicUrl,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: isJson && text ? JSON.parse(text) : text };
  }

  return {
    api,
    async signIn(person) {
      const away = await api('POST', '/api/sign-in/bitbucket', { page: 'log-in' });
      if (away.status !== 200) throw new Error(`logging in cannot begin: ${wordsOf(away)}`);
      const authorize = new URL(away.body.location);
      await submit(new URL('/sandbox/login', bitbucket), { person: person.id, next: '/' });
      let response = await send(authorize);
      if (response.status === 200) {
        const form = { ...Object.fromEntries(authorize.searchParams), decision: 'grant' };
        response = await submit(new URL(authorize.pathname, bitbucket), form);
      }
      const callback = response.headers.get('location');
      if (!callback) throw new Error(`Bitbucket answers ${response.status}`);
      const home = (await send(new URL(callback))).headers.get('location') ?? '';
      const { status } = await api('GET', '/api/account');
      if (status !== 200) throw new Error(`logging in as ${person.name} ended at ${home || 'nowhere'}`);
    },
  };
}

/** What the product said, for a line in the terminal. */
export function wordsOf({ status, body }: Answer): string {
  const said = typeof body === 'object' && body !== null ? (body.detail ?? body.title ?? body.code) : null;
  return said ? `${status} ${said}` : String(status);
}

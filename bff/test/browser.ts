/** A browser for request tests: cookies for each host, redirects, and the buttons of the sandbox's pages. */
import { OWN_HEADER, OWN_HEADER_VALUE } from '../src/session/cross-site.ts';
import { PUBLIC_URL } from './address.ts';
import { expectSafeAnswer } from './answer-rules.ts';
import type { Product } from './product.ts';

export type Provider = 'bitbucket' | 'github' | 'gitlab';

export type Landing = {
  status: number;
  /** Path and query below the product's address. */
  path: string;
  response: Response;
};

export type Browser = ReturnType<typeof createBrowser>;

/** A fresh browser in front of a product. `at` lets the same browser speak to another replica. */
export function createBrowser(product: Product) {
  const jars = new Map<string, Map<string, string>>();
  let front = product;

  async function once(url: URL, init: RequestInit = {}): Promise<Response> {
    const jar = jars.get(url.host) ?? new Map<string, string>();
    jars.set(url.host, jar);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const request = new Request(url, { ...init, headers, redirect: 'manual' });
    const response = await serve(url, request);
    if (url.origin === PUBLIC_URL) expectSafeAnswer(response);
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=', 2);
      if (attributes.includes('Max-Age=0')) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  function serve(url: URL, request: Request): Response | Promise<Response> {
    if (url.origin === PUBLIC_URL) return front.app.fetch(request);
    const { origins, doors } = product.sandbox;
    const door = (Object.keys(doors) as (keyof typeof doors)[]).find((name) => origins[name] === url.origin);
    if (!door) throw new Error(`This browser knows no way to ${url.origin}.`);
    return doors[door](request);
  }

  /** Opens an address and follows redirects, as far as `until` allows. */
  async function open(
    address: string,
    until: (url: URL) => boolean = () => false,
  ): Promise<{ url: URL; response: Response }> {
    let url = new URL(address, PUBLIC_URL);
    for (let step = 0; step < 12; step += 1) {
      const response = await once(url);
      const location = response.headers.get('location');
      if (!location) return { url, response };
      url = new URL(location, url);
      if (until(url)) return { url, response };
    }
    throw new Error(`Too many redirects on the way from ${address}.`);
  }

  const isCallback = (url: URL) => url.origin === PUBLIC_URL && url.pathname.startsWith('/auth/');

  /** Calls the product's API as its page does. */
  function api(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const own = {
      [OWN_HEADER]: OWN_HEADER_VALUE,
      origin: PUBLIC_URL,
      'sec-fetch-site': 'same-origin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const init = { method, headers: own, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return once(new URL(path, PUBLIC_URL), init);
  }

  /** Logs in at the sandbox's service as this person. */
  async function beAt(service: Provider, nickname: string): Promise<void> {
    const { world, origins } = product.sandbox;
    const person = world.data.people.find((each) => each.service === service && each.nickname === nickname);
    if (!person) throw new Error(`Nobody at ${service} is called ${nickname}.`);
    await submit(new URL('/sandbox/login', origins[service]), { person: person.id, next: '/' });
  }

  async function submit(url: URL, form: Record<string, string>): Promise<Response> {
    return once(url, { method: 'POST', body: new URLSearchParams(form), headers: { origin: url.origin } });
  }

  /** Walks from the provider's page to the callback's address, without calling it. */
  async function consent(location: string, decision: 'grant' | 'deny' = 'grant'): Promise<URL> {
    const { url, response } = await open(location, isCallback);
    if (isCallback(url)) return url;
    if (response.status !== 200) throw new Error(`The provider's page says ${response.status}.`);
    const form = Object.fromEntries(url.searchParams);
    const answer = await submit(new URL(url.pathname, url), { ...form, decision });
    return new URL(answer.headers.get('location') ?? '', url);
  }

  /** Ends the walk: calls the callback and opens the page that it leads to. */
  async function land(callback: URL): Promise<Landing> {
    const { url, response } = await open(callback.href);
    return { status: response.status, path: url.pathname + url.search, response };
  }

  /** The address of the provider's page, as the log-in page's button gets it. */
  async function start(
    service: Provider,
    body: Record<string, unknown> = { page: 'log-in' },
  ): Promise<string> {
    const response = await api('POST', `/api/sign-in/${service}`, body);
    if (response.status !== 200) throw new Error(`Starting at ${service} says ${response.status}.`);
    return ((await response.json()) as { location: string }).location;
  }

  return {
    api,
    open,
    once,
    beAt,
    consent,
    land,
    start,
    /** From here on this replica answers. */
    at(replica: Product) {
      front = replica;
    },
    async signIn(
      service: Provider,
      nickname: string,
      page: 'sign-up' | 'log-in' = 'log-in',
    ): Promise<Landing> {
      await beAt(service, nickname);
      return land(await consent(await start(service, { page })));
    },
    /** "Grant access" on the account page, as this person at the provider. */
    async grant(service: Provider, nickname: string, decision: 'grant' | 'deny' = 'grant'): Promise<Landing> {
      await beAt(service, nickname);
      const response = await api('POST', `/api/connections/${service}/grant`, {});
      const { location } = (await response.json()) as { location: string };
      return land(await consent(location, decision));
    },
    async json<T>(path: string): Promise<T> {
      return (await (await api('GET', path)).json()) as T;
    },
    cookies(host = new URL(PUBLIC_URL).host): Map<string, string> {
      const jar = jars.get(host) ?? new Map<string, string>();
      jars.set(host, jar);
      return jar;
    },
  };
}

import type { Sandbox } from './sandbox.ts';
import type { Person, Service } from './state.ts';
import { personNamed } from './world.ts';

/**
 * A browser of somebody at the services, for tests without one: keeps cookies, follows redirects inside the sandbox, and
 * stops where the way leads out of it.
 */
export function createBrowser(sandbox: Pick<Sandbox, 'doors' | 'origins'>) {
  const { doors, origins } = sandbox;
  const jar = new Map<string, string>();

  /** One request, no redirect followed. */
  async function send(url: string, form?: Record<string, string>): Promise<Response> {
    const { origin, host } = new URL(url);
    const name = (['bitbucket', 'github', 'gitlab'] as const).find((each) => origins[each] === origin);
    if (!name) throw new Error(`${origin} is not part of the sandbox`);
    const cookie = [...jar].flatMap(([key, value]) => (key.startsWith(`${host} `) ? [value] : [])).join('; ');
    const response = await doors[name](
      new Request(url, {
        redirect: 'manual',
        headers: { ...(cookie ? { cookie } : {}), ...(form ? { origin } : {}) },
        ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
      }),
    );
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? '';
      jar.set(`${host} ${pair.split('=')[0]}`, pair);
    }
    return response;
  }

  return {
    send,
    async logIn(service: Service, person: Person): Promise<void> {
      await send(`${origins[service]}/sandbox/login`, { person: person.id, next: '/' });
    },
    /**
     * Opens an authorize URL, answers the consent page if there is one, and returns where the service sends the browser:
     * the product's callback with its query. Rejects with the text of the page when there is no way on.
     */
    async authorize(authorizeUrl: string, decision: 'grant' | 'deny' = 'grant'): Promise<URL> {
      let response = await send(authorizeUrl);
      if (response.status === 200) {
        const { origin, pathname, searchParams } = new URL(authorizeUrl);
        response = await send(`${origin}${pathname}`, { ...Object.fromEntries(searchParams), decision });
      }
      const location = response.headers.get('location');
      if (!location) throw new Error(`${response.status}: ${await response.text()}`);
      return new URL(location, authorizeUrl);
    },
  };
}

/** The whole way of a person through a service: log in, consent, back. `person` is a nickname. */
export async function authorizeAs(
  sandbox: Pick<Sandbox, 'doors' | 'origins' | 'world'>,
  service: Service,
  person: string,
  authorizeUrl: string,
  decision: 'grant' | 'deny' = 'grant',
): Promise<URL> {
  const browser = createBrowser(sandbox);
  await browser.logIn(service, personNamed(sandbox.world, service, person));
  return browser.authorize(authorizeUrl, decision);
}

/** The BFF's addresses as a chain of names, typed by the BFF itself: `client.organizations[':org'].$get({ param })`. */
import type { AppType } from 'bff';
import type { hc } from 'hono/client';

type Client = ReturnType<typeof hc<AppType>>;
type Input = {
  param?: Record<string, string>;
  query?: Record<string, string | undefined>;
  json?: unknown;
};
type Options = { headers?: Record<string, string> };

/** Hono's own client does the same and much more; this is what the page needs of it, a fifth of the weight. */
export const client = at('') as Client;

function at(path: string): unknown {
  return new Proxy(() => undefined, {
    get: (_, name) => at(`${path}/${String(name)}`),
    apply: (_, __, [input, options]: [Input?, Options?]) => ask(path, input ?? {}, options ?? {}),
  });
}

/** `path` ends with the method: `/api/session/$get`. */
function ask(
  path: string,
  { param = {}, query = {}, json }: Input,
  { headers = {} }: Options,
): Promise<Response> {
  const cut = path.lastIndexOf('/$');
  const address = path.slice(0, cut).replace(/:(\w+)/g, (_, name) => encodeURIComponent(param[name] ?? ''));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return fetch(search.size > 0 ? `${address}?${search}` : address, {
    method: path.slice(cut + 2).toUpperCase(),
    headers: {
      'X-Requested-With': 'semaphore',
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Counter, Histogram, Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { createOutbound, type OutboundOptions, type OutboundRequest, readRetryAfter } from './http.ts';
import { createLogger } from './log.ts';

/** A deadline for what never ends, and a bound that only a missing deadline can exceed. */
const SHORT = 300;
const BOUND = 10_000;
const NOW = new Date('2026-11-20T10:00:00.000Z');
const CANARY = 'cAnArY-9b12';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A real server on loopback; `hits` are the paths that were asked for. */
async function serve(handler: Handler) {
  const hits: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    hits.push(`${request.method} ${request.url}`);
    handler(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hits };
}

function createCaller(options: Partial<OutboundOptions> = {}) {
  const registry = new Registry();
  const lines: string[] = [];
  const outbound = createOutbound({
    log: createLogger('trace', { write: (line) => void lines.push(line) }),
    calls: new Counter({
      name: 'calls',
      help: '-',
      labelNames: ['provider', 'what', 'outcome'],
      registers: [registry],
    }),
    seconds: new Histogram({
      name: 'seconds',
      help: '-',
      labelNames: ['provider', 'what'],
      registers: [registry],
    }),
    now: () => NOW,
    ...options,
  });
  const call = (url: string, more: Partial<OutboundRequest> = {}) =>
    outbound({
      provider: 'bitbucket',
      what: 'GET /user',
      method: 'GET',
      url,
      headers: { authorization: `Bearer ${CANARY}` },
      ...more,
    });
  return { call, logs: () => lines.join(''), metrics: () => registry.metrics() };
}

async function took<T>(work: Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work;
  expect(performance.now() - started).toBeLessThan(BOUND);
  return result;
}

const fault = (code: string) => ({ ok: false, fault: { code } });
const json = (response: ServerResponse, body: string, headers: Record<string, string | number> = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);

describe('an answer', () => {
  test('comes back with status, content type and text, also when it refuses', async () => {
    const { url } = await serve((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end('{"ä":1}');
    });
    const { call } = createCaller();
    for (const status of [200, 201, 400, 401, 403, 404, 410, 422]) {
      expect(await call(`${url}/${status}`)).toEqual({
        ok: true,
        status,
        contentType: 'application/json; charset=utf-8',
        text: '{"ä":1}',
      });
    }
  });

  test('may have no body and no content type', async () => {
    const { url } = await serve((_request, response) => response.writeHead(204).end());
    expect(await createCaller().call(url)).toEqual({ ok: true, status: 204, contentType: '', text: '' });
  });

  test('what we send arrives: method, headers and body', async () => {
    const { url } = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () =>
        json(response, JSON.stringify({ method: request.method, headers: request.headers, body })),
      );
    });
    const result = await createCaller().call(url, { method: 'POST', body: 'a=1', headers: { 'x-a': 'b' } });
    const seen = JSON.parse(result.ok ? result.text : '{}');
    expect(seen).toMatchObject({
      method: 'POST',
      body: 'a=1',
      headers: { 'x-a': 'b', 'user-agent': 'Semaphore' },
    });
  });

  test('headers of sixteen kilobytes are nothing special: access tokens are long', async () => {
    const { url } = await serve((request, response) =>
      json(response, `"${request.headers.authorization?.length}"`),
    );
    const token = randomBytes(6_000).toString('hex');
    const result = await createCaller().call(url, { headers: { authorization: `Bearer ${token}` } });
    expect(result).toMatchObject({ ok: true, text: `"${token.length + 7}"` });
  });
});

describe('UP-01 one deadline spans the whole call', () => {
  test('headers that never come', async () => {
    const { url, hits } = await serve(() => undefined);
    expect(await took(createCaller({ deadline: SHORT }).call(url))).toEqual(fault('provider-timeout'));
    expect(hits).toHaveLength(1);
  });

  test('a body that drips', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await took(createCaller({ deadline: SHORT }).call(url))).toEqual(fault('provider-timeout'));
  });

  test('a body that stops in the middle', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"uuid":');
    });
    expect(await took(createCaller({ deadline: SHORT }).call(url))).toEqual(fault('provider-timeout'));
  });

  test('the repetition as well: a first failure does not buy a second deadline', async () => {
    let first = true;
    const { url, hits } = await serve((_request, response) => {
      if (first) response.writeHead(502).end();
      first = false;
    });
    expect(await took(createCaller({ deadline: 1_500 }).call(url))).toEqual(fault('provider-timeout'));
    expect(hits).toHaveLength(2);
  });
});

describe('UP-01 the size of an answer is limited', () => {
  test('an endless body is cut off', async () => {
    let closed = false;
    const { url, hits } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(64 * 1024, 'a');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more).on('close', () => {
        closed = true;
      });
      more();
    });
    expect(await took(createCaller().call(url))).toEqual(fault('provider-unexpected'));
    await expect.poll(() => closed, { timeout: BOUND }).toBe(true);
    expect(hits).toHaveLength(1);
  });

  test('a small body that unpacks to a hundred megabytes is not unpacked to its end', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, 'a'));
    expect(bomb.length).toBeLessThan(200_000);
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
    });
    expect(await took(createCaller().call(url))).toEqual(fault('provider-unexpected'));
  });

  test('the limit counts unpacked bytes, and what fits is taken whole', async () => {
    const { url } = await serve((request, response) => {
      const body = Buffer.alloc(Number(request.url?.slice(1)), 'a');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
    });
    const { call } = createCaller({ maxBytes: 5_000 });
    const whole = await call(`${url}/5000`);
    expect(whole.ok && whole.text.length).toBe(5_000);
    expect(await call(`${url}/5001`)).toEqual(fault('provider-unexpected'));
  });
});

describe('IN-02 redirects', () => {
  test.each([301, 302, 303, 307, 308])(
    '%d is not followed, and the Bearer header goes nowhere',
    async (status) => {
      const target = await serve((_request, response) => json(response, '{}'));
      const { url, hits } = await serve((_request, response) => {
        response.writeHead(status, { location: `${target.url}/elsewhere` }).end();
      });
      const { call } = createCaller();
      expect(await call(url)).toEqual(fault('provider-unexpected'));
      expect(await call(url, { method: 'POST', body: 'a' })).toEqual(fault('provider-unexpected'));
      expect(hits).toHaveLength(2);
      expect(target.hits).toEqual([]);
      // The target is there and would have been seen.
      await fetch(url, { headers: { authorization: 'Bearer x' } });
      expect(target.hits).toEqual(['GET /elsewhere']);
    },
  );

  test('a redirect to the same server is not followed either', async () => {
    const { url, hits } = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/other' }).end();
      else json(response, '{}');
    });
    expect(await createCaller().call(url)).toEqual(fault('provider-unexpected'));
    expect(hits).toEqual(['GET /']);
  });

  test.each([301, 302, 307, 308])(
    '%d comes back with its address to who asks for it, and is not followed either',
    async (status) => {
      const { url, hits } = await serve((_request, response) => {
        response.writeHead(status, { location: '../elsewhere?a=1' }).end('<h1>Moved</h1>');
      });
      expect(await createCaller().call(url, { redirects: 'hand-back' })).toEqual({
        ok: true,
        status,
        contentType: '',
        text: '',
        location: '../elsewhere?a=1',
      });
      expect(hits).toEqual(['GET /']);
    },
  );

  test('one without an address is a fault, whoever asks', async () => {
    const { url } = await serve((_request, response) => response.writeHead(302).end());
    expect(await createCaller().call(url, { redirects: 'hand-back' })).toEqual(fault('provider-unexpected'));
  });

  test('an address on an answer that is no redirect is not handed back', async () => {
    const { url } = await serve((_request, response) => json(response, '{}', { location: '/elsewhere' }));
    expect(await createCaller().call(url, { redirects: 'hand-back' })).not.toHaveProperty('location');
  });
});

describe('UP-02 repetitions', () => {
  const broken: [string, Handler, string][] = [
    ['500', (_request, response) => response.writeHead(500).end('<h1>no</h1>'), 'provider-error'],
    ['502', (_request, response) => response.writeHead(502).end(), 'provider-error'],
    ['503', (_request, response) => response.writeHead(503).end(), 'provider-error'],
    ['504', (_request, response) => response.writeHead(504).end(), 'provider-error'],
    ['a reset', (request) => request.socket.resetAndDestroy(), 'provider-unreachable'],
    [
      'a cut body',
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
        response.write('{"a":', () => request.socket.destroy());
      },
      'provider-unreachable',
    ],
  ];

  test.each(broken)('after %s a GET is asked once more, no oftener', async (_name, handler, code) => {
    const { url, hits } = await serve(handler);
    expect(await createCaller().call(url)).toEqual(fault(code));
    expect(hits).toHaveLength(2);
  });

  test.each(broken)('after %s a POST, PUT or DELETE is never sent again', async (_name, handler, code) => {
    const { url, hits } = await serve(handler);
    const { call } = createCaller();
    expect(await call(url, { method: 'POST', body: 'a' })).toEqual(fault(code));
    expect(await call(url, { method: 'PUT', body: 'a' })).toEqual(fault(code));
    expect(await call(url, { method: 'DELETE' })).toEqual(fault(code));
    expect(hits).toEqual(['POST /', 'PUT /', 'DELETE /']);
  });

  test('the second answer counts', async () => {
    let asked = 0;
    const { url } = await serve((_request, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(503).end();
      else json(response, '{}');
    });
    expect(await createCaller().call(url)).toMatchObject({ ok: true, status: 200 });
  });

  test.each([200, 401, 404, 410, 429])(
    'status %d is an answer and is not asked for again',
    async (status) => {
      const { url, hits } = await serve((_request, response) => response.writeHead(status).end());
      await createCaller().call(url);
      expect(hits).toHaveLength(1);
    },
  );
});

describe('UP-02 Retry-After', () => {
  test.each<[string, string | null, string | undefined]>([
    ['seconds', '120', '2026-11-20T10:02:00.000Z'],
    ['zero', '0', '2026-11-20T10:00:00.000Z'],
    ['a date', 'Fri, 20 Nov 2026 10:05:00 GMT', '2026-11-20T10:05:00.000Z'],
    ['a date that is over', 'Fri, 20 Nov 2026 09:00:00 GMT', '2026-11-20T10:00:00.000Z'],
    ['a year', '31536000', '2026-11-20T11:00:00.000Z'],
    ['a date far away', 'Fri, 20 Nov 2099 10:00:00 GMT', '2026-11-20T11:00:00.000Z'],
    ['blanks around it', ' 60 ', '2026-11-20T10:01:00.000Z'],
    ['nothing', null, undefined],
    ['an empty value', '', undefined],
    ['a word', 'soon', undefined],
    ['more digits than a time has', '99999999999999999999', undefined],
  ])('read from %s', (_name, value, expected) => {
    expect(readRetryAfter(value, NOW)?.toISOString()).toBe(expected);
  });

  test('a rate limit carries it to the caller', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '30', 'content-type': 'text/plain' }).end('slow down');
    });
    expect(await createCaller().call(url)).toEqual({
      ok: false,
      fault: { code: 'provider-rate-limited', retryAt: new Date('2026-11-20T10:00:30.000Z') },
    });
  });

  test('a rate limit without it says nothing of when', async () => {
    const { url } = await serve((_request, response) => response.writeHead(429).end());
    expect(await createCaller().call(url)).toEqual(fault('provider-rate-limited'));
  });
});

describe('KS-05 nothing secret leaves the call', () => {
  const secrets: Partial<OutboundRequest> = {
    method: 'POST',
    headers: { authorization: `Basic ${CANARY}`, cookie: CANARY },
    body: `refresh_token=${CANARY}`,
  };
  const everyWay: [string, Handler][] = [
    ['a good answer', (_request, response) => json(response, `{"access_token":"${CANARY}"}`)],
    ['a refusal', (_request, response) => response.writeHead(401).end(CANARY)],
    ['a rate limit', (_request, response) => response.writeHead(429, { 'retry-after': CANARY }).end(CANARY)],
    ['an error', (_request, response) => response.writeHead(500).end(CANARY)],
    ['a redirect', (_request, response) => response.writeHead(302, { location: `/?t=${CANARY}` }).end()],
    ['a reset', (request) => request.socket.resetAndDestroy()],
    ['a hang', () => undefined],
    ['no HTTP at all', (request) => request.socket.end(`${CANARY}\r\n\r\n`)],
    [
      'a header that is too large',
      (_request, response) => response.writeHead(200, { 'x-a': CANARY.repeat(10_000) }).end(),
    ],
    [
      'a broken gzip',
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(CANARY),
    ],
  ];

  test.each(everyWay)('into logs or metrics, after %s', async (_name, handler) => {
    const { url } = await serve(handler);
    const { call, logs, metrics } = createCaller({ deadline: SHORT });
    const result = await took(call(`${url}/?code=${CANARY}`, secrets));
    expect(logs()).toContain('outbound call');
    expect(logs()).not.toContain(CANARY);
    expect(await metrics()).not.toContain(CANARY);
    if (!result.ok) expect(JSON.stringify(result)).not.toContain(CANARY);
  });

  test('an address with user and password fails without repeating them', async () => {
    const { call, logs, metrics } = createCaller();
    const result = await call(`http://user:${CANARY}@127.0.0.1:9/`, secrets);
    expect(result).toEqual(fault('provider-unreachable'));
    expect(logs() + (await metrics()) + JSON.stringify(result)).not.toContain(CANARY);
  });

  test('a header value that cannot be sent fails without repeating it', async () => {
    const { call, logs } = createCaller();
    const result = await call('http://127.0.0.1:9/', {
      headers: { authorization: `Bearer ${CANARY}\n${CANARY}` },
    });
    expect(result).toEqual(fault('provider-unreachable'));
    expect(logs() + JSON.stringify(result)).not.toContain(CANARY);
  });
});

test('nobody listening, and names that do not exist, are a provider that cannot be reached', async () => {
  const { url } = await serve(() => undefined);
  for (const cleanup of cleanups.splice(0)) await cleanup();
  expect(await createCaller().call(url)).toEqual(fault('provider-unreachable'));
  expect(await createCaller().call('http://no-such-host.invalid/')).toEqual(fault('provider-unreachable'));
});

test('every call is counted once by its name and outcome, repetition included', async () => {
  const { url } = await serve((_request, response) => response.writeHead(502).end());
  const { call, metrics } = createCaller();
  await call(`${url}/users/4711`);
  const text = await metrics();
  expect(text).toContain('calls{provider="bitbucket",what="GET /user",outcome="provider-error"} 1');
  expect(text).toContain('seconds_count{provider="bitbucket",what="GET /user"} 1');
  expect(text).not.toContain('4711');
});

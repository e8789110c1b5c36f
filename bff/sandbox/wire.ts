import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Fault, FaultMode, Faults } from './faults.ts';
import type { Part, RequestLog, SeenRequest } from './requests.ts';
import type { Service } from './state.ts';

/** What a real server hands over beside the request; absent when the sandbox is mounted in-process. */
export interface Socketed {
  incoming?: IncomingMessage;
  outgoing?: ServerResponse;
}

export type Fetch = (request: Request, env?: Socketed) => Promise<Response>;

/** @hono/node-server leaves a response with this header to whoever wrote to the socket. */
const ALREADY_SENT = 'x-hono-already-sent';
const MEGABYTES_100 = 100 * 1024 * 1024;
const page = (status: number, title: string) =>
  new Response(
    `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
    {
      status,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    },
  );
const json = (body: unknown, status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/**
 * Puts the outer world between a client and a service: every request is logged, and meets the fault that is set for it.
 * Requests that `partOf` answers with null are the sandbox's own pages: neither logged nor struck.
 */
export function wire(
  options: {
    service: Service;
    partOf: (method: string, path: string) => Part | null;
    faults: Faults;
    requests: RequestLog;
    now: () => number;
    /** Where a redirecting fault leads when it does not say. */
    elsewhere: string;
  },
  answer: Fetch,
): Fetch {
  return async (request, env) => {
    const path = new URL(request.url).pathname;
    const part = options.partOf(request.method, path);
    if (part === null) return answer(request, env);
    const seen: SeenRequest = {
      service: options.service,
      part,
      method: request.method,
      path,
      status: null,
      bearer: /^bearer /i.test(request.headers.get('authorization') ?? ''),
      grantType: part === 'token' ? await grantTypeOf(request) : null,
      fault: null,
      at: options.now(),
    };
    options.requests.add(seen);
    const fault = options.faults.strike(seen);
    seen.fault = fault?.mode ?? null;
    const response = fault ? await strike(fault, request, env, answer, options) : await answer(request, env);
    const answered = response.type !== 'error' && !response.headers.has(ALREADY_SENT);
    seen.status = answered ? response.status : null;
    return response;
  };
}

async function grantTypeOf(request: Request): Promise<string | null> {
  const type = request.headers.get('content-type') ?? '';
  if (request.method !== 'POST' || !type.startsWith('application/x-www-form-urlencoded')) return null;
  return new URLSearchParams(await request.clone().text()).get('grant_type');
}

async function strike(
  fault: Fault,
  request: Request,
  env: Socketed | undefined,
  answer: Fetch,
  options: { service: Service; elsewhere: string },
): Promise<Response> {
  const retry = { 'retry-after': fault.retryAfter };
  const tooMany =
    options.service === 'bitbucket'
      ? { type: 'error', error: { message: 'Rate limit for this resource has been exceeded' } }
      : { message: 'API rate limit exceeded' };
  switch (fault.mode) {
    case '429':
      return json(tooMany, 429);
    case '429-retry-after':
      return json(tooMany, 429, retry);
    case '429-text':
      return new Response('Rate limit for this resource has been exceeded', {
        status: 429,
        headers: { 'content-type': 'text/plain' },
      });
    case '500':
      return page(500, 'Something went wrong');
    case '502':
      return page(502, '502 Bad Gateway');
    case '503':
      return page(503, 'Down for maintenance');
    case '504':
      return page(504, '504 Gateway Time-out');
    case 'hang':
      return hang(request, env);
    case 'reset':
      return reset(env);
    case 'slow': {
      const { delay } = fault;
      await new Promise((resolve) => setTimeout(resolve, delay));
      return answer(request, env);
    }
    case 'drip':
      return dripped(await answer(request, env));
    case 'cut':
      return cut(await answer(request, env), env);
    case 'malformed': {
      const good = await answer(request, env);
      const text = await good.text();
      if (text === '') return new Response(null, good);
      return new Response(text.slice(0, Math.max(1, Math.floor(text.length / 2))), {
        status: good.status,
        headers: { 'content-type': 'application/json' },
      });
    }
    case 'empty':
      return new Response('', { status: 200, headers: { 'content-type': 'application/json' } });
    case 'wrong-type':
      return page(200, 'Welcome');
    case 'huge':
      return new Response(huge(), { headers: { 'content-type': 'application/json' } });
    case 'gzip-bomb':
      return new Response(new Uint8Array(bomb()), {
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      });
    case 'redirect-301':
    case 'redirect-302':
    case 'redirect-307':
    case 'redirect-308':
      return new Response(null, {
        status: Number(fault.mode.slice(-3)),
        headers: { location: fault.location ?? options.elsewhere },
      });
    case '401':
      return json(
        {
          type: 'error',
          error: { message: 'Token is invalid, expired, or not supported for this endpoint.' },
          message: 'Bad credentials',
        },
        401,
      );
    case '401-text':
      return new Response('Unauthorized', { status: 401, headers: { 'content-type': 'text/plain' } });
    case '403-scopes':
      return json(
        {
          type: 'error',
          error: {
            message: 'Your credentials lack one or more required privilege scopes.',
            detail: { granted: [], required: ['account'] },
          },
        },
        403,
      );
    case '404':
      return json({ type: 'error', error: { message: 'Resource not found' } }, 404);
    case 'answer-lost':
      await (await answer(request, env)).arrayBuffer();
      return reset(env);
    case 'applied-late':
      return late(request, answer);
    case 'unauthorized-client':
      return json(
        { error: 'unauthorized_client', error_description: 'Invalid OAuth client credentials' },
        400,
      );
    case 'invalid-grant':
      return json({ error: 'invalid_grant', error_description: 'Invalid refresh_token' }, 400);
    case 'invalid-request':
      return json({ error: 'invalid_request', error_description: 'Invalid refresh_token' }, 400);
    case 'ok-error':
      return json(
        { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' },
        200,
      );
    default:
      return bent(await answer(request, env), fault.mode);
  }
}

/** Never answers; ends when the client goes away. */
function hang(request: Request, env: Socketed | undefined): Promise<Response> {
  return new Promise((resolve) => {
    const gone = () => resolve(Response.error());
    if (env?.incoming) env.incoming.socket.once('close', () => resolve(alreadySent()));
    else if (request.signal.aborted) gone();
    else request.signal.addEventListener('abort', gone, { once: true });
  });
}

function reset(env: Socketed | undefined): Response {
  if (!env?.incoming) return Response.error();
  env.incoming.socket.resetAndDestroy();
  return alreadySent();
}

/** Tells @hono/node-server that nothing is left to write. */
function alreadySent(): Response {
  return new Response(null, { headers: { [ALREADY_SENT]: 'true' } });
}

/** The same body, a byte every 50 ms. */
async function dripped(good: Response): Promise<Response> {
  const bytes = new Uint8Array(await good.arrayBuffer());
  // Status 204 has no body to drip, and may have none.
  if (bytes.length === 0) return new Response(null, good);
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent >= bytes.length) {
        controller.close();
        return;
      }
      await new Promise((resolve) => {
        timer = setTimeout(resolve, 50);
      });
      controller.enqueue(bytes.subarray(sent, sent + 1));
      sent += 1;
    },
    cancel: () => clearTimeout(timer),
  });
  const headers = new Headers(good.headers);
  headers.set('content-length', String(bytes.length));
  return new Response(body, { status: good.status, headers });
}

/** Half of the body under the Content-Length of the whole, then the end of the connection. */
async function cut(good: Response, env: Socketed | undefined): Promise<Response> {
  const bytes = new Uint8Array(await good.arrayBuffer());
  if (bytes.length === 0) return reset(env);
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  if (env?.incoming && env.outgoing) {
    const { socket } = env.incoming;
    env.outgoing.writeHead(good.status, {
      'content-type': good.headers.get('content-type') ?? 'application/json',
      'content-length': bytes.length + 1,
    });
    env.outgoing.write(half, () => socket.destroy());
    return alreadySent();
  }
  // msw hands a broken body over as a whole one; the nearest thing in the process is no response at all.
  return Response.error();
}

function huge(): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(64 * 1024).fill(97);
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === 0) controller.enqueue(new TextEncoder().encode('{"padding":"'));
      sent += chunk.length;
      controller.enqueue(chunk.slice());
      if (sent < MEGABYTES_100) return;
      controller.enqueue(new TextEncoder().encode('"}'));
      controller.close();
    },
  });
}

let squeezed: Buffer | undefined;
/** Gzip members stand behind one another, so squeezing one megabyte is enough: nothing here may block for long. */
function bomb(): Buffer {
  squeezed ??= Buffer.concat([
    gzipSync('{"padding":"'),
    ...Array<Buffer>(100).fill(gzipSync(Buffer.alloc(MEGABYTES_100 / 100, 97))),
    gzipSync('"}'),
  ]);
  return squeezed;
}

/** Lets the client believe that it failed, and does it half a second afterwards. */
async function late(request: Request, answer: Fetch): Promise<Response> {
  const { method, url, headers } = request;
  const body = method === 'GET' || method === 'HEAD' ? null : await request.arrayBuffer();
  setTimeout(() => {
    answer(new Request(url, { method, headers, body })).then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
  }, 500).unref();
  return page(504, '504 Gateway Time-out');
}

/** A good token answer with one thing wrong in it. Anything but a JSON object of status 200 passes as it is. */
async function bent(good: Response, mode: FaultMode): Promise<Response> {
  if (good.status !== 200 || !good.headers.get('content-type')?.includes('json')) return good;
  const body = (await good.json()) as Record<string, unknown>;
  const scopeField = 'scopes' in body ? 'scopes' : 'scope';
  switch (mode) {
    case 'no-access-token':
      delete body.access_token;
      break;
    case 'no-refresh-token':
      delete body.refresh_token;
      break;
    case 'token-type-mac':
      body.token_type = 'mac';
      break;
    case 'expires-string':
      body.expires_in = '7200';
      break;
    case 'expires-negative':
      body.expires_in = -1;
      break;
    case 'expires-huge':
      // JSON.stringify would write 1e+99; both are the same number to every parser.
      body.expires_in = 1e99;
      break;
    case 'fewer-scopes':
      body[scopeField] = String(body[scopeField]).split(/[ ,]/)[0];
      break;
    default:
      break;
  }
  return json(body, mode === 'created-201' ? 201 : 200);
}

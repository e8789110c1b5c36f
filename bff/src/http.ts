/**
 * The one way out: every call to a provider goes through `Outbound`.
 * One deadline spans headers and body, the decompressed body has a limit, redirects are never followed (a followed
 * redirect would carry the Bearer header to wherever the answer points), and only a GET is ever repeated, once.
 */
import type { Logger } from 'pino';
import type { Counter, Histogram } from 'prom-client';

/** Why a provider gave no usable answer. None of these says anything about a person's grant. */
export type FaultCode =
  | 'provider-timeout'
  | 'provider-unreachable'
  | 'provider-rate-limited'
  | 'provider-error'
  | 'provider-unexpected';

/** `retryAt`: when the provider asked us to come back, if it said so. */
export type Fault = { code: FaultCode; retryAt?: Date };

export type OutboundRequest = {
  provider: string;
  /** The call's name for logs and metrics, a template without ids or secrets: `GET /user`. */
  what: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** `hand-back`: a redirect is an answer with its `location`, for the caller to judge. Otherwise it is a fault. */
  redirects?: 'hand-back';
};

/**
 * A complete answer with a status below 500 that is no 429, and a redirect only for who asked for redirects.
 * `location` is there with a redirect only, exactly as it was sent: possibly relative, and not to be trusted.
 */
export type OutboundAnswer = { status: number; contentType: string; text: string; location?: string };
export type OutboundResult = ({ ok: true } & OutboundAnswer) | { ok: false; fault: Fault };
export type Outbound = (request: OutboundRequest) => Promise<OutboundResult>;

export type OutboundOptions = {
  log: Logger;
  calls: Counter<'provider' | 'what' | 'outcome'>;
  seconds: Histogram<'provider' | 'what'>;
  now: () => Date;
  /** Milliseconds for one call, its repetition included. */
  deadline?: number;
  /** Bytes of the decompressed body. */
  maxBytes?: number;
};

const REPEATABLE: FaultCode[] = ['provider-unreachable', 'provider-error'];
const REPEAT_AFTER = 200;
/** Nobody gains from waiting longer than this for a rate limit that a provider announced. */
const LONGEST_PAUSE = 3_600_000;

/** Makes the caller of providers. Its results are values; it throws only for a programming mistake. */
export function createOutbound(options: OutboundOptions): Outbound {
  const { log, calls, seconds, now, deadline = 8_000, maxBytes = 1_048_576 } = options;

  async function once(request: OutboundRequest, signal: AbortSignal): Promise<OutboundResult> {
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: { 'user-agent': 'Semaphore', ...request.headers },
        body: request.body ?? null,
        redirect: 'manual',
        signal,
      });
      const location = response.headers.get('location');
      if (request.redirects === 'hand-back' && isRedirect(response.status) && location) {
        await response.body?.cancel();
        return { ok: true, status: response.status, contentType: '', text: '', location };
      }
      const fault = faultOf(response, now());
      if (fault) {
        // Whatever stands in its body is not worth waiting for.
        await response.body?.cancel();
        return { ok: false, fault };
      }
      const text = await readBody(response, maxBytes);
      if (text === 'too-large') return { ok: false, fault: { code: 'provider-unexpected' } };
      const contentType = response.headers.get('content-type') ?? '';
      return { ok: true, status: response.status, contentType, text };
    } catch (error) {
      const timedOut = signal.aborted;
      // Not the error itself: its message and cause can hold addresses and header values.
      log.debug(
        { provider: request.provider, what: request.what, cause: causeCode(error) },
        'outbound call broke',
      );
      return { ok: false, fault: { code: timedOut ? 'provider-timeout' : 'provider-unreachable' } };
    }
  }

  return async (request) => {
    const signal = AbortSignal.timeout(deadline);
    const stop = seconds.startTimer({ provider: request.provider, what: request.what });
    let result = await once(request, signal);
    // A provider that says when to come back is not asked again before.
    const passing = !result.ok && !result.fault.retryAt && REPEATABLE.includes(result.fault.code);
    if (passing && request.method === 'GET') {
      await pause(REPEAT_AFTER * (0.5 + Math.random()), signal);
      if (!signal.aborted) result = await once(request, signal);
    }
    const took = stop();
    const outcome = result.ok ? String(result.status) : result.fault.code;
    calls.inc({ provider: request.provider, what: request.what, outcome });
    log[result.ok ? 'debug' : 'warn'](
      { provider: request.provider, what: request.what, outcome, ms: Math.round(took * 1000) },
      'outbound call',
    );
    return result;
  };
}

/** What the status alone says is wrong, or null. */
function faultOf({ status, headers }: Response, now: Date): Fault | null {
  if (status === 429 || status >= 500) {
    const retryAt = readRetryAfter(headers.get('retry-after'), now);
    const code = status === 429 ? 'provider-rate-limited' : 'provider-error';
    return { code, ...(retryAt ? { retryAt } : {}) };
  }
  if (isRedirect(status)) return { code: 'provider-unexpected' };
  return null;
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Reads `Retry-After` in either form (seconds or a date); nonsense counts as absent, an hour is the most. */
export function readRetryAfter(value: string | null, now: Date): Date | undefined {
  if (!value) return undefined;
  const at = /^\d{1,9}$/.test(value.trim()) ? now.getTime() + Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(at)) return undefined;
  return new Date(Math.min(Math.max(at, now.getTime()), now.getTime() + LONGEST_PAUSE));
}

async function readBody(response: Response, maxBytes: number): Promise<string | 'too-large'> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Counted after decompression, so a small answer that unpacks to gigabytes ends here as well.
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) return 'too-large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      resolve();
    }
  });
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error)
    return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return 'unknown';
}

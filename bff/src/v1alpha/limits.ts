/**
 * How often one may ask. Counted in the memory of this process, so several replicas together let through several times
 * as much: the limits keep one runaway script from taking the service away from everybody else, and are no measure of
 * anything that is paid for.
 */
import { createHash } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { CallerEnv } from './authenticate.ts';
import { refuse } from './refuse.ts';

/** So many within a minute, as fast as they like. */
type PerMinute = { requests: number; failures: number };
export type Limits = ReturnType<typeof createLimits>;

/** Ten a second: more than `sem` and the scripts around it ever ask. A person mistypes a few tokens, not thirty. */
const GENEROUS: PerMinute = { requests: 600, failures: 30 };

/** Addresses are counted in this many groups, so that whoever has many of them cannot fill the memory. */
const GROUPS = 1_024;

export function createLimits(perMinute: PerMinute = GENEROUS) {
  const requests = new RateLimiterMemory({ points: perMinute.requests, duration: 60 });
  const failures = new RateLimiterMemory({ points: perMinute.failures, duration: 60 });
  return {
    /** Counts a request of this token: null, or the seconds to wait. */
    countRequest: (tokenId: string) => count(requests, tokenId),
    /**
     * Counts a request without a token that works. Only such requests ever wait for it, since behind a proxy everybody
     * has the proxy's address, and in a group strangers count together.
     */
    countFailure: (address: string) => count(failures, groupOf(address)),
  };
}

/** Holds back a token that asks too often, and no other one. */
export function limitRate(limits: Limits) {
  return createMiddleware<CallerEnv>(async (c, next) => {
    const wait = await limits.countRequest(c.var.caller.tokenId);
    if (wait === null) return next();
    c.header('Retry-After', String(wait));
    return refuse(c, 429, `Too many requests with this token. Try again in ${wait} s.`);
  });
}

async function count(limiter: RateLimiterMemory, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext / 1_000));
    throw refused;
  }
}

function groupOf(address: string): string {
  return String(createHash('sha256').update(address).digest().readUInt32BE() % GROUPS);
}

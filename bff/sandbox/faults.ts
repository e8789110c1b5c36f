import type { Part } from './requests.ts';
import { matchesPath } from './requests.ts';
import type { Service } from './state.ts';

/** Every way an upstream can go wrong, with the words that the Weather page uses. */
export const faultModes = {
  '429': 'Too many requests (JSON), without Retry-After',
  '429-retry-after': 'Too many requests (JSON), with Retry-After',
  '429-text': 'Too many requests (plain text), without Retry-After',
  '500': 'Internal error as an HTML page',
  '502': 'Bad gateway as an HTML page',
  '503': 'Down for maintenance (HTML)',
  '504': 'Gateway timeout as an HTML page',
  hang: 'Takes the request and never answers',
  slow: 'Answers well, but three seconds late',
  drip: 'Sends the body one byte at a time',
  reset: 'Resets the connection before answering',
  cut: 'Closes the connection in the middle of the body',
  malformed: 'Answers with half of a JSON document',
  empty: 'Answers 200 with an empty body',
  'wrong-type': 'Answers 200 with an HTML page',
  huge: 'Answers with 100 MB of JSON',
  'gzip-bomb': 'Answers with 100 MB squeezed into a small gzip body',
  'redirect-301': 'Redirects (301) to another address',
  'redirect-302': 'Redirects (302) to another address',
  'redirect-307': 'Redirects (307) to another address',
  'redirect-308': 'Redirects (308) to another address',
  '401': 'Refuses the token',
  '401-text': 'Refuses the token in plain text',
  '403-scopes': 'Says that scopes are missing',
  '404': 'Says that there is nothing here',
  'answer-lost': 'Does what was asked, then resets the connection',
  'applied-late': 'Answers 504 and does what was asked a moment later',
  'unauthorized-client': 'OAuth: unauthorized_client',
  'invalid-grant': 'OAuth: invalid_grant',
  'invalid-request': 'OAuth: invalid_request',
  'ok-error': 'OAuth: status 200 with an error in it',
  'created-201': 'OAuth: a good answer with status 201',
  'no-access-token': 'OAuth: answer without access_token',
  'no-refresh-token': 'OAuth: answer without refresh_token',
  'token-type-mac': 'OAuth: token_type is mac',
  'expires-string': 'OAuth: expires_in is a string',
  'expires-negative': 'OAuth: expires_in is -1',
  'expires-huge': 'OAuth: expires_in is 1e99',
  'fewer-scopes': 'OAuth: fewer scopes than asked for',
} as const;

export type FaultMode = keyof typeof faultModes;

/**
 * What a fault strikes: `*`; a service with a part (`bitbucket:token`, `bitbucket:api`, `bitbucket:web`, `bitbucket:all`);
 * or a service with method and path, where `*` stands for anything (`bitbucket:GET /2.0/user`, `github:* /user*`).
 */
export type FaultTarget = '*' | `${Service | 'ssh'}:${Part | 'all'}` | `${Service}:${string} ${string}`;

export interface Fault {
  id: number;
  target: FaultTarget;
  mode: FaultMode;
  /** How many more requests it strikes; null: until it is cleared. */
  left: number | null;
  /** Value of Retry-After (seconds or an HTTP date) where the mode sends one. */
  retryAfter: string;
  /** Where redirects lead; null: to another service of the sandbox. */
  location: string | null;
  /** Milliseconds that a slow answer takes. */
  delay: number;
}

export interface FaultOptions {
  times?: number;
  retryAfter?: string | number;
  location?: string;
  delay?: number;
}

export interface Faults {
  /** The newest fault that fits strikes first. Returns its id. */
  set(target: FaultTarget, mode: FaultMode, options?: FaultOptions): number;
  /** Clears one fault, or all. */
  clear(id?: number): void;
  list(): Fault[];
  /** The fault that this request meets, counted as struck. */
  strike(request: {
    service: Service | 'ssh';
    part: Part | 'ssh';
    method: string;
    path: string;
  }): Fault | null;
}

/** Fault control of one sandbox. Faults are not saved: a restart brings fair weather. */
export function createFaults(): Faults {
  let next = 1;
  let faults: Fault[] = [];
  return {
    set(target, mode, options = {}) {
      const id = next++;
      faults.unshift({
        id,
        target,
        mode,
        left: options.times ?? null,
        retryAfter: String(options.retryAfter ?? 120),
        location: options.location ?? null,
        delay: options.delay ?? 3000,
      });
      return id;
    },
    clear(id) {
      faults = id === undefined ? [] : faults.filter((fault) => fault.id !== id);
    },
    list: () => faults.map((fault) => ({ ...fault })),
    strike(request) {
      const fault = faults.find((candidate) => fits(candidate.target, request));
      if (!fault) return null;
      if (fault.left !== null) {
        fault.left -= 1;
        if (fault.left <= 0) faults = faults.filter((candidate) => candidate !== fault);
      }
      return { ...fault };
    },
  };
}

function fits(
  target: FaultTarget,
  request: { service: string; part: string; method: string; path: string },
): boolean {
  if (target === '*') return true;
  const colon = target.indexOf(':');
  const rest = target.slice(colon + 1);
  if (target.slice(0, colon) !== request.service) return false;
  const space = rest.indexOf(' ');
  if (space < 0) return rest === 'all' || rest === request.part;
  const method = rest.slice(0, space);
  return (method === '*' || method === request.method) && matchesPath(rest.slice(space + 1), request.path);
}

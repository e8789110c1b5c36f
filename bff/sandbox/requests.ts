import type { Service } from './state.ts';

export type Part = 'web' | 'token' | 'api';

/** One request that reached the sandbox. Holds no query, header or body: those carry codes, tokens and secrets. */
export interface SeenRequest {
  service: Service | 'ssh';
  part: Part | 'ssh';
  method: string;
  path: string;
  /** null while it is being answered, and for good when no answer was given. */
  status: number | null;
  /** Whether an `Authorization: Bearer` header came with it. */
  bearer: boolean;
  /** `grant_type` of a token request. */
  grantType: string | null;
  /** The fault it met. */
  fault: string | null;
  at: number;
}

export type RequestFilter = Partial<
  Pick<SeenRequest, 'service' | 'part' | 'method' | 'path' | 'status' | 'bearer' | 'grantType' | 'fault'>
>;

export interface RequestLog {
  /** Requests that match every field given, oldest first; `path` may hold `*` for anything. */
  (filter?: RequestFilter): SeenRequest[];
  add(request: SeenRequest): void;
  clear(): void;
}

const KEPT = 20_000;

/** A log of the last 20,000 requests; the sandbox's own pages are not in it. */
export function createRequestLog(): RequestLog {
  const seen: SeenRequest[] = [];
  const log = (filter: RequestFilter = {}) =>
    seen.filter((request) =>
      Object.entries(filter).every(([field, wanted]) =>
        field === 'path'
          ? matchesPath(String(wanted), request.path)
          : request[field as keyof SeenRequest] === wanted,
      ),
    );
  return Object.assign(log, {
    add(request: SeenRequest) {
      seen.push(request);
      if (seen.length > KEPT) seen.shift();
    },
    clear() {
      seen.length = 0;
    },
  });
}

/** Whether `path` is `pattern`, where `*` stands for any characters. */
export function matchesPath(pattern: string, path: string): boolean {
  const expression = pattern
    .split('*')
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`).test(path);
}

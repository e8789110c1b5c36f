import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { authorizeAs } from './journey.ts';
import type { MountedSandbox } from './mount.ts';
import { mountSandbox } from './mount.ts';
import { newPublicKey } from './play-keys-and-hooks.ts';
import type { OAuthClient, Service } from './state.ts';
import { clientOf, createWorld } from './world.ts';

export interface Bench {
  sandbox: MountedSandbox;
  /** The test's own clock, in epoch milliseconds. */
  clock: { now: number };
  client(service?: Service): OAuthClient;
  authorizeUrl(params?: Record<string, string>): string;
  /** Posts a form to Bitbucket's token endpoint as the client. */
  token(form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** Everything from log-in to tokens for a person at Bitbucket, by nickname. */
  tokensFor(person: string): Promise<{ access: string; refresh: string }>;
  /** A call of Bitbucket's API; `path` begins behind `/2.0`. */
  api(token: string | null, path: string, init?: RequestInit & { json?: unknown }): Promise<Answer>;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into foreign JSON
  body: any;
  headers: Headers;
}

export const basic = (client: { id: string; secret: string }) =>
  `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;

/** Reads an answer whole; JSON where it says so. */
export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    body: isJson && text !== '' ? JSON.parse(text) : text,
    headers: response.headers,
  };
}

/** A fresh sandbox mounted through msw for each test. */
export function useBench(): Bench {
  const server = setupServer();
  const bench = { clock: { now: 0 } } as Bench;
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
  beforeEach(() => {
    bench.clock = { now: Date.parse('2026-11-22T12:00:00Z') };
    bench.sandbox = mountSandbox({ world: createWorld({ clock: () => bench.clock.now }) });
    server.resetHandlers(...bench.sandbox.handlers);
  });
  afterEach(() => bench.sandbox.close());
  afterAll(() => server.close());

  bench.client = (service = 'bitbucket') => clientOf(bench.sandbox.world, service);
  bench.authorizeUrl = (params = {}) =>
    `https://bitbucket.test/site/oauth2/authorize?${new URLSearchParams({
      client_id: bench.client().id,
      response_type: 'code',
      state: 'a-state',
      ...params,
    })}`;
  bench.token = async (form, headers = { authorization: basic(bench.client()) }) =>
    read(
      await fetch('https://bitbucket.test/site/oauth2/access_token', {
        method: 'POST',
        headers,
        body: new URLSearchParams(form),
      }),
    );
  bench.tokensFor = async (person) => {
    const back = await authorizeAs(bench.sandbox, 'bitbucket', person, bench.authorizeUrl());
    const { body } = await bench.token({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
    });
    return { access: body.access_token, refresh: body.refresh_token };
  };
  bench.api = async (token, path, { json, ...init } = {}) =>
    read(
      await fetch(`https://api.bitbucket.test/2.0${path}`, {
        redirect: 'manual',
        ...init,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      }),
    );
  return bench;
}

/** A new OpenSSH public key line of the ed25519 kind. */
export const publicKeyLine = (comment = 'test'): string => `${newPublicKey()} ${comment}`;

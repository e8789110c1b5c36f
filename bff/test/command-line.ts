/** Somebody at a terminal: requests with an API token, as the command line's client sends them. */
import { createApiToken } from '../src/api-tokens/api-token.ts';
import { PUBLIC_URL } from './address.ts';
import { expectSafeAnswer } from './answer-rules.ts';
import type { Product } from './product.ts';

export type Terminal = {
  /** `body` as it is sent, or to be sent as JSON. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string; headers: Headers }>;
  /** The same on another replica, or below an organization's address. */
  at(place: { product?: Product; organization?: string }): Terminal;
};

/** With a token of their own. */
export async function openTerminal(
  product: Product,
  { profileId }: { profileId: string },
): Promise<Terminal> {
  const { db, now } = product.deps;
  const made = await createApiToken(db, { profileId, name: 'laptop', now: now() });
  if (made === 'too-many-tokens') throw new Error('Nobody needs that many tokens in a test.');
  return terminal(product, `Token ${made.text}`, '');
}

/** With whatever stands in `authorization`. */
export function terminal(product: Product, authorization: string, prefix: string): Terminal {
  return {
    async send(method, path, body, headers = {}) {
      const asItIs = typeof body === 'string' || body instanceof ArrayBuffer;
      const sent = body === undefined || asItIs ? body : JSON.stringify(body);
      const request = new Request(new URL(`${prefix}/api/v1alpha${path}`, PUBLIC_URL), {
        method,
        headers: {
          'user-agent':
            'SemaphoreCLI/0.35.0 (0.35.0; 9ae83edb668e5b63c2919b57fc76d786627984a5; 2026-04-29T14:52:14Z; linux; amd64)',
          authorization,
          'content-type': 'application/json',
          ...headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
      });
      const response = await product.app.fetch(request);
      expectSafeAnswer(response);
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    at: ({ product: other = product, organization }) =>
      terminal(other, authorization, organization ? `/organizations/${organization}` : prefix),
  };
}

/** What a terminal shows of a refusal: the status, and the sentence of the one line that came. */
export function refusalIn({ status, text }: { status: number; text: string }): [number, string] {
  const { message, ...rest } = JSON.parse(text) as { message: string };
  if (text.includes('\n') || Object.keys(rest).length > 0) throw new Error(`No refusal: ${text}`);
  return [status, message];
}

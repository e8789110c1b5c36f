/** From a raw answer of a provider's API to a value in our words, or to the refusal that it means. */
import type { z } from 'zod';
import type { OutboundResult } from '../http.ts';
import type { Answer, Refusal } from './provider.ts';

/**
 * Reads a JSON answer. 401 is `unauthorized`, 403 `scope-missing` when the body says which; any other status, a
 * foreign content type or a body that does not fit the schema is the provider's fault: none of them proves anything
 * about the grant.
 */
export function readAnswer<T>(
  result: OutboundResult,
  schema: z.ZodType<T>,
  missingScopes: (body: unknown) => string[] | null = () => null,
): Answer<T> {
  if (!result.ok) return refuse({ kind: 'fault', fault: result.fault });
  if (result.status === 401) return refuse({ kind: 'unauthorized' });
  const body = parseJson(result.contentType, result.text);
  if (result.status === 403) {
    const missing = missingScopes(body);
    if (missing) return refuse({ kind: 'scope-missing', missing });
  }
  if (result.status !== 200) return unexpected();
  const parsed = schema.safeParse(body);
  return parsed.success ? { ok: true, value: parsed.data } : unexpected();
}

function refuse(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal };
}

/** An answer that is not what the provider documents. */
export function unexpected(): { ok: false; refusal: Refusal } {
  return refuse({ kind: 'fault', fault: { code: 'provider-unexpected' } });
}

/** The body of a JSON answer; undefined when it is none. */
export function parseJson(contentType: string, text: string): unknown {
  // Bitbucket sends HTML with some statuses; only what is declared as JSON is read as such.
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(contentType)) return undefined;
  try {
    return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
  } catch {
    return undefined;
  }
}

/** PostgreSQL keeps no NUL and an address no half surrogate pair. Replaced, not left out: no text may become another's. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}

/** Whether a text is an e-mail address at all; what it is worth is for the provider to vouch. */
export function isEmailAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}

/** A picture's address if a page may load it: https, or the provider's own origin in an installation without TLS. */
export function safePicture(address: string | null | undefined, webUrl: string): string | null {
  if (!address || address.length > 2_000 || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'https:' || url.origin === new URL(webUrl).origin ? url.href : null;
}

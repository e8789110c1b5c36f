/** From a raw answer about a repository to a value, or to the refusal that it means. */
import type { z } from 'zod';
import type { FaultCode, OutboundResult } from '../http.ts';
import { parseJson } from './answer.ts';
import type { RepositoryAnswer, RepositoryRefusal } from './repository-access.ts';

/** Enough for a sentence or two on a page. */
const LONGEST_WORDS = 300;
// Control characters, and marks that turn the direction of the text around them.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

export type Reading = {
  /** The scopes that a 403 names as missing. */
  missingScopes: (body: unknown) => string[] | null;
  /** The sentences in the body of a refusal. */
  words: (body: unknown) => string[];
  /** What was sent and must not come back in anybody's words. */
  secrets: string[];
};

/** The value of an answer with one of the `good` statuses and a body that fits the schema. */
export function readValue<T>(
  result: OutboundResult,
  good: number[],
  schema: z.ZodType<T>,
  reading: Reading,
): RepositoryAnswer<T> {
  const refusal = readRefusal(result, good, reading);
  if (refusal) return refuse(refusal);
  const parsed = schema.safeParse(result.ok ? parseJson(result.contentType, result.text) : undefined);
  return parsed.success ? { ok: true, value: parsed.data } : refuse(fault('provider-unexpected'));
}

/**
 * Why there is no value: null when the status is one of the `good` ones. A page of HTML below 403, 404 or 410 is not
 * the API speaking (a proxy in between, say), so it proves neither that something is gone nor that it is forbidden.
 */
export function readRefusal(
  result: OutboundResult,
  good: number[],
  reading: Reading,
): RepositoryRefusal | null {
  if (!result.ok) return { kind: 'fault', fault: result.fault };
  const { status, contentType, text } = result;
  if (good.includes(status)) return null;
  if (status === 401) return { kind: 'unauthorized' };
  const isPage = /^(text\/html|application\/xhtml)/i.test(contentType);
  const body = parseJson(contentType, text);
  if (status === 403) {
    const missing = reading.missingScopes(body);
    if (missing) return { kind: 'scope-missing', missing };
    return isPage ? fault('provider-unexpected') : { kind: 'forbidden' };
  }
  if (status === 404 || status === 410) {
    return isPage ? fault('provider-unexpected') : { kind: 'not-found' };
  }
  if (status === 408) return fault('provider-timeout');
  if (status < 400 || status > 499) return fault('provider-unexpected');
  const said = /^text\/plain\b/i.test(contentType) ? [text] : reading.words(body);
  const words = plainWords(said, reading.secrets);
  return {
    kind: 'rejected',
    words: words || `Status ${status}, without a reason.`,
    duplicate: /\balready\b/i.test(words),
  };
}

export function refuse(refusal: RepositoryRefusal): { ok: false; refusal: RepositoryRefusal } {
  return { ok: false, refusal };
}

function fault(code: FaultCode): RepositoryRefusal {
  return { kind: 'fault', fault: { code } };
}

/** One line of plain text; markup is left out altogether rather than taken apart. */
function plainWords(said: string[], secrets: string[]): string {
  const sentences = said
    .map((each) => hide(each.slice(0, 10_000), secrets).replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim())
    .filter((each) => each !== '' && !/<[a-z!/?]/i.test(each))
    .map((each) => (/[.!?…]$/.test(each) ? each : `${each}.`));
  const words = [...[...new Set(sentences)].join(' ')];
  return words.length > LONGEST_WORDS ? `${words.slice(0, LONGEST_WORDS - 1).join('')}…` : words.join('');
}

function hide(text: string, secrets: string[]): string {
  return secrets.filter(Boolean).reduce((rest, secret) => rest.replaceAll(secret, '…'), text.toWellFormed());
}

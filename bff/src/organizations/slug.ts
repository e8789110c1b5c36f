/** Names of organizations: what a person may call one, and how its address looks. Pure. */

import { readVisibleText } from '../visible-text.ts';

const LONGEST_NAME = 80;
const LONGEST_SLUG = 39;
/** Addresses below `/organizations/` that are pages of their own. */
const RESERVED = new Set(['new']);

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export type Checked = { ok: true; value: string } | { ok: false; why: string };

/** A visible name on one line. */
export function checkName(text: string): Checked {
  return readVisibleText(text, LONGEST_NAME);
}

/** Lower-case letters, digits and single hyphens: it stands in addresses and in `sem connect`. */
export function checkSlug(text: string): Checked {
  const value = text.trim();
  if (value === '') return { ok: false, why: 'Enter a URL name.' };
  if (value.length > LONGEST_SLUG) return { ok: false, why: `Use at most ${LONGEST_SLUG} characters.` };
  if (!SLUG.test(value)) {
    return { ok: false, why: 'Use lower-case letters, digits and single hyphens between them.' };
  }
  if (RESERVED.has(value)) return { ok: false, why: `“${value}” is an address of ours. Choose another.` };
  return { ok: true, value };
}

/** Whether an address can name an organization at all; everything else is not looked up (PostgreSQL refuses a NUL). */
export function isSlug(text: string): boolean {
  return text.length <= LONGEST_SLUG && SLUG.test(text);
}

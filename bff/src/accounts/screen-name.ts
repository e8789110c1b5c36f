/** What may stand as a person's name: one line, visible, at most 80 characters. */

const LONGEST = 80;
// Control characters, and marks that turn the direction of the text around them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
const UNWANTED = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The name as it will be stored, or the sentence that says why it cannot be. */
export function readScreenName(value: string): { ok: true; name: string } | { ok: false; why: string } {
  const name = value.trim();
  if (name === '') return { ok: false, why: 'Enter a name.' };
  if ([...name].length > LONGEST) return { ok: false, why: `Use at most ${LONGEST} characters.` };
  if (name.search(UNWANTED) !== -1) return { ok: false, why: 'Use visible characters on one line.' };
  return { ok: true, name };
}

/** A name to begin with, made from what the provider says; always a valid one. */
export function firstScreenName(displayName: string, nickname: string): string {
  const clean = (text: string) => [...text.replace(UNWANTED, '').trim()].slice(0, LONGEST).join('').trim();
  return clean(displayName) || clean(nickname) || 'Someone';
}

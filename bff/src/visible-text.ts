/** Names that people give and others read: one line of text that can be seen, and that leaves its surroundings alone. */

// Control characters, marks that turn the direction of text, and characters that show nothing. The zero-width joiner
// stays: it holds emoji together.
const UNWANTED =
  /\p{Cc}|\u034f|[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** The text as it will be stored, or the sentence that says why it cannot be. */
export function readVisibleText(
  text: string,
  longest: number,
): { ok: true; value: string } | { ok: false; why: string } {
  const value = text.trim();
  if (value === '') return { ok: false, why: 'Enter a name.' };
  if ([...value].length > longest) return { ok: false, why: `Use at most ${longest} characters.` };
  if (value.search(UNWANTED) !== -1 || !VISIBLE.test(value) || !value.isWellFormed()) {
    return { ok: false, why: 'Use visible characters on one line.' };
  }
  return { ok: true, value };
}

/** What is left of a text when all that may not stand in a name is taken out; possibly nothing. */
export function keepVisibleText(text: string, longest: number): string {
  const kept = text.toWellFormed().replace(UNWANTED, '').trim();
  const value = [...kept].slice(0, longest).join('').trim();
  return VISIBLE.test(value) ? value : '';
}

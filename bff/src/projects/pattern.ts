/** Regular expressions that people give: matched in time linear to the text, whatever they are, and not too large. Pure. */
import { RE2JS } from 're2js';

const LONGEST = 512;
const FOREWORD = /^error parsing regexp: /;

/** `size`: how many instructions it is made of; a match takes time in proportion to it and to the text. */
export type Pattern = { size: number; matches: (text: string) => boolean };

/** The expression in the syntax of RE2, which may match anywhere in a text, or what is wrong with it. */
export function readPattern(source: string): { ok: true; value: Pattern } | { ok: false; why: string } {
  if (Buffer.byteLength(source) > LONGEST) return { ok: false, why: `use at most ${LONGEST} bytes` };
  try {
    const pattern = RE2JS.compile(source);
    return { ok: true, value: { size: pattern.programSize(), matches: (text) => pattern.test(text) } };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(FOREWORD, '') : '';
    return { ok: false, why: `not a regular expression that can be used here: ${reason}` };
  }
}

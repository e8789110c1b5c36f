/** Regular expressions that people give: matched in time linear to the text, whatever they are, and not too large. Pure. */
import { RE2JS } from 're2js';

const LONGEST = 512;
/** What is repeated is compiled so many times, which takes longer than anybody may keep a server busy. */
const MOST_STEPS = 2_000;
const FOREWORD = /^error parsing regexp: /;

/** `size`: how many instructions it is made of; a match takes time in proportion to it and to the text. */
export type Pattern = { size: number; matches: (text: string) => boolean };

/** The expression in the syntax of RE2, which may match anywhere in a text, or what is wrong with it. */
export function readPattern(source: string): { ok: true; value: Pattern } | { ok: false; why: string } {
  if (Buffer.byteLength(source) > LONGEST) return { ok: false, why: `use at most ${LONGEST} bytes` };
  if (stepsOf(source) > MOST_STEPS) return { ok: false, why: 'too large: repeat fewer times' };
  try {
    const pattern = RE2JS.compile(source);
    return { ok: true, value: { size: pattern.programSize(), matches: (text) => pattern.test(text) } };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(FOREWORD, '') : '';
    return { ok: false, why: `not a regular expression that can be used here: ${reason}` };
  }
}

/** Quoted text, a character by its number, any other escape, a class, a counted repeat, or one character. */
const TOKEN =
  /\\Q.*?(?:\\E|$)|\\x\{[0-9a-fA-F]+\}|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\{(?<least>\d+)(?:,(?<most>\d*))?\}|./gsu;

/** About as many instructions as it will be made of, known before that is done. */
function stepsOf(source: string): number {
  const groups: number[] = [];
  let steps = 0;
  /** Of what a repeat would repeat. */
  let last = 0;
  for (const { 0: token, groups: counts } of source.matchAll(TOKEN)) {
    if (token === '(') {
      groups.push(steps);
      steps = 0;
    } else if (token === ')') {
      last = steps + 2;
      steps = (groups.pop() ?? 0) + last;
    } else if (counts?.least === undefined) {
      last = 1;
      steps += token.length;
    } else {
      const least = Number(counts.least);
      // What may be there or not takes two.
      const times = Math.max(1, least + 2 * Math.max(0, Number(counts.most ?? 0) - least));
      steps += last * (times - 1);
      last *= times;
    }
  }
  return groups.reduce((sum, each) => sum + each, steps);
}

/** Reading what was sent piece by piece: what is wrong first is what is said. Pure. */
import { readDescription } from '../projects/description.ts';
import { readPipelineFile } from '../projects/pipeline-file.ts';
import { keepVisibleText, readVisibleText } from '../visible-text.ts';

/** Everything but a line's ends, tabs and text is refused in values: PostgreSQL stores no NUL, and nobody sees the others. */
const UNWANTED = /(?![\n\r\t])\p{Cc}/u;
const LONGEST_NAME = 255;
const LONGEST_VALUE = 1_000;
const LONGEST_MESSAGE = 1_000;

export type Reading = ReturnType<typeof startReading>;

/** Each reader returns what can be stored; when it cannot be, something that can, and the reading is refused. */
export function startReading() {
  let first: string | null = null;

  const refuse = (message: string): void => {
    first ??= keepVisibleText(message, LONGEST_MESSAGE) || 'This cannot be read.';
  };

  function line(path: string, text: string): string {
    const read = readVisibleText(text, LONGEST_NAME);
    if (!read.ok) refuse(`${path}: ${read.why}`);
    return read.ok ? read.value : '';
  }

  return {
    refuse,
    /** What is wrong, on one line; null: nothing so far. */
    refused: (): string | null => first,

    /** A name: something visible on one line. */
    line,

    /** The same, or nothing. */
    maybeLine: (path: string, text: string | undefined): string =>
      text === undefined || text.trim() === '' ? '' : line(path, text),

    description(path: string, text: string | undefined): string {
      const read = readDescription(text ?? '');
      if (!read.ok) refuse(`${path}: ${read.why}`);
      return read.ok ? read.value : '';
    },

    file(path: string, text: string): string {
      const read = readPipelineFile(text);
      if (!read.ok) refuse(`${path}: ${read.why}`);
      return read.ok ? read.value : '';
    },

    /** A value is kept in its very letters. */
    value(path: string, text: string | undefined): string {
      const value = text ?? '';
      if ([...value].length > LONGEST_VALUE) refuse(`${path}: use at most ${LONGEST_VALUE} characters`);
      if (UNWANTED.test(value) || !value.isWellFormed()) refuse(`${path}: use visible characters`);
      return value;
    },

    /** One of the words, in letters of any case; nothing is `otherwise`. */
    word<Word extends string, Otherwise>(
      path: string,
      text: string | undefined,
      words: readonly Word[],
      otherwise: Otherwise,
    ): Word | Otherwise {
      const said = (text ?? '').trim();
      if (said === '') return otherwise;
      const found = words.find((each) => each.toLowerCase() === said.toLowerCase());
      if (found === undefined) refuse(`${path}: unknown value ${quote(said)}, use ${words.join(', ')}`);
      return found ?? otherwise;
    },

    /** Some of the words, in the order in which they are always listed. */
    words<Word extends string>(path: string, texts: string[] | undefined, words: readonly Word[]): Word[] {
      const chosen = new Set<Word>();
      for (const [index, text] of (texts ?? []).entries()) {
        const found = words.find((each) => each.toLowerCase() === text.trim().toLowerCase());
        if (found === undefined)
          refuse(`${path}[${index}]: unknown value ${quote(text)}, use ${words.join(', ')}`);
        else chosen.add(found);
      }
      return words.filter((each) => chosen.has(each));
    },
  };
}

/** Something that was sent, fit to stand in a message. */
export function quote(text: string): string {
  return `'${keepVisibleText(text, 80)}'`;
}

/**
 * Which pushes start workflows: what a project's `runOn` and whitelist mean, and what may stand in a whitelist. Pure.
 * People's regular expressions are matched in linear time, and are kept small, so that none of them keeps a server busy.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';
import type { ProjectRow } from '../db/schema.ts';
import type { LeftOut, RefType } from '../hooks/payload.ts';
import type { Whitelist } from './settings.ts';

type Refused = { ok: false; why: string };

const LONGEST_ENTRY = 250;
const MOST_ENTRIES = 100;
const LONGEST_SHOWN = 80;
/** Of one expression, all `{n}` in it together: what is repeated is compiled so many times. */
const MOST_REPEATS = 100;
/** Steps of all expressions of a list together. A name is matched in at most length times steps. */
const MOST_STEPS = 1_000;
/** What Git lets stand in no name. */
const IN_NO_NAME = /[\s~^:?*[\\]|\/$/;

/** Whether a push to this branch or tag starts a workflow. An empty list lets all of them in. */
export function startsWorkflow(
  { runOn, whitelist }: Pick<ProjectRow, 'runOn' | 'whitelist'>,
  { refType, refName }: { refType: RefType; refName: string },
): { ok: true } | { ok: false; why: LeftOut } {
  const kind = refType === 'branch' ? 'branches' : 'tags';
  if (!runOn.includes(kind)) return { ok: false, why: `${kind}-off` };
  const matchers = matchersOf(whitelist)[kind];
  if (matchers.length === 0 || matchers.some((matches) => matches(refName))) return { ok: true };
  return { ok: false, why: 'not-in-whitelist' };
}

type Matcher = (name: string) => boolean;

/** A push may move a thousand branches: what was compiled is kept as long as the settings that were read. */
const compiled = new WeakMap<Whitelist, Record<keyof Whitelist, Matcher[]>>();

function matchersOf(whitelist: Whitelist): Record<keyof Whitelist, Matcher[]> {
  const known = compiled.get(whitelist);
  if (known) return known;
  const matchers = { branches: whitelist.branches.map(matcherOf), tags: whitelist.tags.map(matcherOf) };
  compiled.set(whitelist, matchers);
  return matchers;
}

/** What cannot be read matches nothing: a project's pushes do not wait for a mended expression. */
function matcherOf(entry: string): Matcher {
  const expression = expressionOf(entry);
  if (expression === null) return (name) => name === entry;
  const read = compile(expression);
  return read.ok ? (name) => read.value.test(name) : () => false;
}

/** What stands between the slashes; null: the entry is a name. */
function expressionOf(entry: string): string | null {
  return entry.length > 1 && entry.startsWith('/') && entry.endsWith('/') ? entry.slice(1, -1) : null;
}

function compile(expression: string): { ok: true; value: RE2JS } | Refused {
  let repeats = 0;
  for (const [, least, most] of expression.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    repeats += Number(most || least);
  if (repeats > MOST_REPEATS) return { ok: false, why: `Repeat at most ${MOST_REPEATS} times in all.` };
  try {
    return { ok: true, value: RE2JS.compile(expression) };
  } catch (error) {
    const said = error instanceof RE2JSSyntaxException ? error.getDescription() : 'it is too complex';
    return { ok: false, why: `This cannot be read as a regular expression of RE2: ${said}.` };
  }
}

/** An entry of a whitelist as it will be stored, or the sentence that says why it cannot be. */
export function readWhitelistEntry(text: string): { ok: true; value: string; steps: number } | Refused {
  const value = text.trim();
  const no = (why: string) => ({ ok: false, why }) as const;
  if (value === '') return no('Enter a name or a /regular expression/.');
  if (value.length > LONGEST_ENTRY) return no(`Use at most ${LONGEST_ENTRY} characters.`);
  if (/\p{Cc}/u.test(value) || !value.isWellFormed()) return no('Use visible characters on one line.');
  const expression = expressionOf(value);
  if (expression === '') return no('Enter a regular expression between the slashes.');
  if (expression !== null) {
    const read = compile(expression);
    return read.ok ? { ok: true, value, steps: read.value.programSize() } : read;
  }
  if (value.startsWith('/')) return no('End the regular expression with “/”.');
  if (IN_NO_NAME.test(value))
    return no('No branch or tag is called so. Write a regular expression between slashes, like /^release-/.');
  return { ok: true, value, steps: 0 };
}

/** A list of a whitelist as it will be stored, or the sentence that names its first wrong entry and says why. */
export function readWhitelist(entries: string[]): { ok: true; value: string[] } | Refused {
  if (entries.length > MOST_ENTRIES) return { ok: false, why: `List at most ${MOST_ENTRIES} names.` };
  const value: string[] = [];
  let steps = 0;
  for (const text of entries) {
    const entry = readWhitelistEntry(text);
    if (!entry.ok) return { ok: false, why: `“${shown(text)}”: ${entry.why}` };
    steps += entry.steps;
    if (steps > MOST_STEPS)
      return {
        ok: false,
        why: `“${shown(text)}”: The regular expressions are too large. Use fewer repeats.`,
      };
    value.push(entry.value);
  }
  return { ok: true, value };
}

/** Short, and nothing in it that cannot be seen. */
function shown(text: string): string {
  const visible = [
    ...text
      .trim()
      .toWellFormed()
      .replaceAll(/\p{Cc}/gu, '\ufffd'),
  ];
  return visible.length > LONGEST_SHOWN ? `${visible.slice(0, LONGEST_SHOWN).join('')}…` : visible.join('');
}

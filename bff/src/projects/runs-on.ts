/**
 * Which pushes start workflows: what a project's `runOn` and whitelist mean, and what may stand in a whitelist. Pure.
 */
import type { ProjectRow } from '../db/schema.ts';
import type { LeftOut, RefType } from '../hooks/payload.ts';
import { readPattern } from './pattern.ts';
import type { Whitelist } from './settings.ts';

type Refused = { ok: false; why: string };

const LONGEST_ENTRY = 250;
const MOST_ENTRIES = 100;
const LONGEST_SHOWN = 80;
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
  const read = readPattern(expression);
  return read.ok ? read.value.matches : () => false;
}

/** What stands between the slashes; null: the entry is a name. */
function expressionOf(entry: string): string | null {
  return entry.length > 1 && entry.startsWith('/') && entry.endsWith('/') ? entry.slice(1, -1) : null;
}

/** An entry of a whitelist as it will be stored, or the sentence that says why it cannot be. */
export function readWhitelistEntry(text: string): { ok: true; value: string; steps: number } | Refused {
  const value = text.trim();
  const no = (why: string) => ({ ok: false, why }) as const;
  if (value === '') return no('Enter a name or a /regular expression/.');
  if (Buffer.byteLength(value) > LONGEST_ENTRY) return no(`Use at most ${LONGEST_ENTRY} characters.`);
  if (/\p{Cc}/u.test(value) || !value.isWellFormed()) return no('Use visible characters on one line.');
  const expression = expressionOf(value);
  if (expression === '') return no('Enter a regular expression between the slashes.');
  if (expression !== null) {
    const read = readPattern(expression);
    return read.ok ? { ok: true, value, steps: read.value.size } : no(`This is ${read.why}.`);
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

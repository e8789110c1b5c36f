/** What people write about a project or a task: any number of lines. Pure. */

const LONGEST = 500;
/** Lines and tabs are fine in a description; what could not be seen or stored is not. */
const UNWANTED = /(?![\n\t])\p{Cc}/u;

/** The text as it will be stored, or what is wrong with it. */
export function readDescription(text: string): { ok: true; value: string } | { ok: false; why: string } {
  const value = text.replaceAll('\r\n', '\n').trim();
  if ([...value].length > LONGEST) return { ok: false, why: `use at most ${LONGEST} characters` };
  if (UNWANTED.test(value) || !value.isWellFormed()) return { ok: false, why: 'use visible characters' };
  return { ok: true, value };
}

/** Names of projects: they stand in addresses, so there is little that one may hold. Pure. */

const LONGEST = 80;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Addresses below `/organizations/:org/projects/` that are pages of their own. */
const RESERVED = new Set(['new']);

/** The name as it will be stored, or the sentence that says why it cannot be. */
export function readProjectName(text: string): { ok: true; value: string } | { ok: false; why: string } {
  const value = text.trim();
  if (value === '') return { ok: false, why: 'Enter a name.' };
  if (value.length > LONGEST) return { ok: false, why: `Use at most ${LONGEST} characters.` };
  if (!/^[A-Za-z0-9]/.test(value)) return { ok: false, why: 'Start with a letter or a digit.' };
  if (!NAME.test(value)) return { ok: false, why: 'Use letters, digits, “.”, “_” and “-” only.' };
  if (RESERVED.has(nameKey(value)))
    return { ok: false, why: `“${value}” is an address of ours. Choose another.` };
  return { ok: true, value };
}

/** Two names with the same key are one name. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/** Whether an address can name a project at all; everything else is not looked up (PostgreSQL refuses a NUL). */
export function isProjectName(text: string): boolean {
  return text.length <= LONGEST && NAME.test(text) && !RESERVED.has(nameKey(text));
}

/** Where in its repository a project's pipeline file is: what a person may write there. Pure. */

const LONGEST = 255;

/** The path as it will be stored, or the sentence that says why it cannot be. */
export function readPipelineFile(text: string): { ok: true; value: string } | { ok: false; why: string } {
  const value = text.trim();
  const no = (why: string) => ({ ok: false, why }) as const;
  if (value === '') return no('Enter the path of a file.');
  if (Buffer.byteLength(value) > LONGEST) return no(`Use at most ${LONGEST} characters.`);
  if (/\p{Cc}/u.test(value) || !value.isWellFormed()) return no('Use visible characters on one line.');
  if (value.includes('\\')) return no('Separate directories by “/”.');
  if (value.startsWith('/'))
    return no('Leave out the “/” at the beginning: the path starts in the repository.');
  if (value.endsWith('/')) return no('This is a directory. Enter the path of a file.');
  const parts = value.split('/');
  if (parts.includes('..') || parts.includes('.'))
    return no('Leave out “.” and “..”: the path starts in the repository.');
  if (parts.includes('')) return no('Leave out the second of two “/” in a row.');
  return { ok: true, value };
}

/** Reads the start of what git-upload-pack sends: the list of refs in protocol version 0. Pure. */

export type Advertisement =
  /** A repository that could be read, be it an empty one. */
  | { kind: 'refs' }
  /** git's own refusal, sent in place of the list. */
  | { kind: 'refused'; words: string }
  | { kind: 'not-git' }
  /** The first line is not complete yet. */
  | { kind: 'more' };

/** Judges by the first line, which no more than 65,520 bytes long is; what comes after it adds nothing to the proof. */
export function readAdvertisement(bytes: Buffer): Advertisement {
  // A pkt-line begins with its length, four hexadecimal digits that count themselves.
  const digits = bytes.subarray(0, 4).toString('latin1');
  if (!/^[0-9a-f]*$/i.test(digits)) return { kind: 'not-git' };
  if (digits.length < 4) return { kind: 'more' };
  const length = Number.parseInt(digits, 16);
  // A flush at once: there is nothing in the repository, which could be read nevertheless.
  if (length === 0) return { kind: 'refs' };
  if (length <= 4 || length > 65_520) return { kind: 'not-git' };
  if (bytes.length < length) return { kind: 'more' };
  const line = bytes.subarray(4, length).toString('utf8').replace(/\n$/, '');
  if (line.startsWith('ERR ')) return { kind: 'refused', words: line.slice(4) };
  // Object id (SHA-1 or SHA-256), name, and after a NUL the capabilities. An empty repository names `capabilities^{}`.
  return /^([0-9a-f]{40}|[0-9a-f]{64}) [^\0 ]+\0/.test(line) ? { kind: 'refs' } : { kind: 'not-git' };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAdvertisement } from './ref-advertisement.ts';

const SHA1 = '6d1f5a0c'.repeat(5);
const SHA256 = '6d1f5a0c'.repeat(8);
const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
const read = (text: string) => readAdvertisement(Buffer.from(text, 'latin1'));

describe('a repository that can be read', () => {
  test.each([
    ['refs', `${line(`${SHA1} HEAD\0multi_ack side-band-64k\n`)}${line(`${SHA1} refs/heads/main\n`)}0000`],
    ['refs named by SHA-256', line(`${SHA256} refs/heads/main\0object-format=sha256\n`)],
    ['no refs, as git says it', `${line(`${'0'.repeat(40)} capabilities^{}\0multi_ack\n`)}0000`],
    ['no refs, as a flush', '0000'],
    ['no line feed', line(`${SHA1} HEAD\0multi_ack`)],
    ['more behind it that is not complete', `${line(`${SHA1} HEAD\0x\n`)}00`],
    ['more behind it that is not git at all', `${line(`${SHA1} HEAD\0x\n`)}zzzz`],
  ])('%s', (_name, text) => {
    expect(read(text)).toEqual({ kind: 'refs' });
  });

  test('nothing is judged before the first line is whole, wherever it is cut', () => {
    const whole = line(`${SHA1} HEAD\0multi_ack\n`);
    for (let end = 0; end < whole.length; end += 1) {
      expect(read(whole.slice(0, end))).toEqual({ kind: 'more' });
    }
  });
});

test("git's refusal in place of the list gives its words", () => {
  expect(read(line('ERR Repository not found.\n'))).toEqual({
    kind: 'refused',
    words: 'Repository not found.',
  });
});

test.each([
  ['a greeting', 'authenticated via a deploy key.\n'],
  ['a length that does not count itself', '0003'],
  ['a line without content', '0004'],
  ['a length beyond what a line may have', 'fff1'],
  ['a line that names no object', line('hello world\0x')],
  ['an object id cut short', line(`${SHA1.slice(1)} HEAD\0x`)],
  ['a ref without capabilities', line(`${SHA1} HEAD\n`)],
  ['protocol version 2, which nobody asked for', line('version 2\n')],
])('not from git: %s', (_name, text) => {
  expect(read(text)).toEqual({ kind: 'not-git' });
});

test('whatever bytes come, an answer is given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['refs', 'refused', 'not-git', 'more']).toContain(readAdvertisement(Buffer.from(bytes)).kind);
    }),
  );
});

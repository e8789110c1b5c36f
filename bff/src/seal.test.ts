import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EncryptionKey, parseEncryptionKeys } from './config.ts';
import { createSealer, type Place, SealError } from './seal.ts';

function newKey(): EncryptionKey {
  const [key] = parseEncryptionKeys(randomBytes(32).toString('base64')) as EncryptionKey[];
  if (!key) throw new Error('No key.');
  return key;
}

const key = newKey();
const sealer = createSealer([key]);
const place: Place = 'grant/4f6c/access_token';

/** Opens the envelope, changes its bytes and closes it again. */
function withBytes(sealed: string, change: (bytes: Buffer) => Buffer): string {
  const [version, id, payload = ''] = sealed.split('.');
  return `${version}.${id}.${change(Buffer.from(payload, 'base64url')).toString('base64url')}`;
}

describe('KS-01 a sealed text', () => {
  test('opens at its place, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), fc.string(), (text, row) => {
        const where = `grant/${row}/refresh_token` as const;
        expect(sealer.open(sealer.seal(text, where), where)).toBe(text);
      }),
    );
  });

  test('holds tokens of four kilobytes and more', () => {
    const token = randomBytes(4_096).toString('base64url');
    expect(sealer.open(sealer.seal(token, place), place)).toBe(token);
  });

  test('is another one each time, so equal secrets do not show', () => {
    const sealed = Array.from({ length: 50 }, () => sealer.seal('same', place));
    expect(new Set(sealed).size).toBe(50);
  });

  test('says its version and key, and nothing of its content', () => {
    const sealed = sealer.seal('a very recognisable secret', place);
    expect(sealed).toMatch(new RegExp(`^v1\\.${key.id}\\.[A-Za-z0-9_-]+$`));
    expect(sealed.startsWith(sealer.newestPrefix)).toBe(true);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain(
      'recognisable',
    );
  });

  test.each<[string, Place]>([
    ['another row', 'grant/4f6d/access_token'],
    ['another column', 'grant/4f6c/refresh_token'],
    ['another table', 'sign_in_attempt/4f6c/access_token'],
    ['a place that only begins alike', 'grant/4f6c/access_token2'],
  ])('does not open in %s', (_name, elsewhere) => {
    const sealed = sealer.seal('secret', place);
    expect(() => sealer.open(sealed, elsewhere)).toThrow(SealError);
  });

  test('two that swap places both fail, and only they', () => {
    const other: Place = 'grant/77aa/access_token';
    const [mine, theirs, third] = [
      sealer.seal('mine', place),
      sealer.seal('theirs', other),
      sealer.seal('x', place),
    ];
    expect(() => sealer.open(theirs, place)).toThrow(SealError);
    expect(() => sealer.open(mine, other)).toThrow(SealError);
    expect(sealer.open(third, place)).toBe('x');
  });

  test('does not open when any byte of it is changed', () => {
    const sealed = sealer.seal('a secret of some length', place);
    const length = Buffer.from(sealed.split('.')[2] ?? '', 'base64url').length;
    for (let index = 0; index < length; index += 1) {
      const changed = withBytes(sealed, (bytes) => {
        bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
        return bytes;
      });
      expect(() => sealer.open(changed, place), `byte ${index}`).toThrow(SealError);
    }
  });

  test('does not open when it is cut off anywhere, or longer than it was', () => {
    const sealed = sealer.seal('secret', place);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => sealer.open(sealed.slice(0, length), place), `${length} characters`).toThrow(SealError);
    }
    const longer = withBytes(sealed, (bytes) => Buffer.concat([bytes, Buffer.from([0])]));
    expect(() => sealer.open(longer, place)).toThrow(SealError);
  });

  test.each([
    'plain text',
    '',
    '...',
    'v1',
    'v2.00000000.AAAA',
    `v1.${key.id}`,
    `v1.${key.id}.`,
    `v1.${key.id}.AAAA.AAAA`,
    `v1.${key.id}.!!!`,
    'v1.__proto__.AAAA',
  ])('is told from what is not one: %j', (text) => {
    expect(() => sealer.open(text, place)).toThrow(SealError);
  });

  test('any text that is not one is refused with the same kind of error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => sealer.open(text, place)).toThrow(SealError);
        expect(() => sealer.open(`v1.${key.id}.${text}`, place)).toThrow(SealError);
      }),
    );
  });

  test('the error names the place and neither content nor key', () => {
    const sealed = sealer.seal('a very recognisable secret', place);
    const error = catchError(() => createSealer([newKey()]).open(sealed, place));
    expect(error.message).toContain(place);
    expect(error.message).not.toContain(sealed.split('.')[2]);
    expect(error.message).not.toContain('recognisable');
    expect(error.message).not.toContain(key.bytes.toString('base64'));
  });
});

describe('keys', () => {
  test('the first seals, all of them open', () => {
    const newer = newKey();
    const old = sealer.seal('secret', place);
    const both = createSealer([newer, key]);
    expect(both.open(old, place)).toBe('secret');
    expect(both.seal('secret', place).startsWith(`v1.${newer.id}.`)).toBe(true);
  });

  test('what another key sealed does not open, not even under a claimed id', () => {
    const other = createSealer([newKey()]);
    const foreign = other.seal('secret', place);
    expect(() => sealer.open(foreign, place)).toThrow(/not among ENCRYPTION_KEYS/);
    const claimed = `${sealer.newestPrefix}${foreign.split('.')[2]}`;
    expect(() => sealer.open(claimed, place)).toThrow(SealError);
  });

  test('there is no sealer without a key', () => {
    expect(() => createSealer([])).toThrow();
  });
});

function catchError(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not throw.');
}

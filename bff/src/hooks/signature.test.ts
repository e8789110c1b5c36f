import { describe, expect, test } from 'vitest';
import { isSignedWith, readSignature, sign } from './signature.ts';

/** The second test case of RFC 4231. */
const SECRET = 'Jefe';
const BODY = 'what do ya want for nothing?';
const HEX = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';

describe('WH-01 the signature', () => {
  test('is HMAC-SHA256 as the RFC has it', () => {
    expect(sign(SECRET, BODY)).toBe(`sha256=${HEX}`);
    expect(isSignedWith(SECRET, Buffer.from(BODY), HEX)).toBe(true);
  });

  test('of every bit of body, secret and digits', () => {
    expect(isSignedWith(SECRET, Buffer.from(`${BODY}\n`), HEX)).toBe(false);
    expect(isSignedWith('jefe', Buffer.from(BODY), HEX)).toBe(false);
    for (let at = 0; at < HEX.length; at += 1) {
      const other = `${HEX.slice(0, at)}${HEX[at] === '0' ? '1' : '0'}${HEX.slice(at + 1)}`;
      expect(isSignedWith(SECRET, Buffer.from(BODY), other)).toBe(false);
    }
  });

  test('WH-03 made without a secret proves nothing', () => {
    expect(isSignedWith('', Buffer.from(BODY), sign('', BODY).slice(7))).toBe(false);
  });

  test.each([null, undefined, '', 'sha256=', HEX, `sha256=${HEX}\n`, ` sha256=${HEX}`, `sha1=${HEX}`])(
    'in the header %j is none',
    (header) => {
      expect(readSignature(header)).toBeNull();
    },
  );
});

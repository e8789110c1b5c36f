import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstScreenName, readScreenName } from './screen-name.ts';

test.each([
  ['  Nora  ', 'Nora'],
  ['Zoë 🌊', 'Zoë 🌊'],
  ['n'.repeat(80), 'n'.repeat(80)],
])('%j is kept as %j', (given, kept) => {
  expect(readScreenName(given)).toEqual({ ok: true, value: kept });
});

test.each([
  ['', 'Enter a name.'],
  [' \n ', 'Enter a name.'],
  ['🌊'.repeat(81), 'Use at most 80 characters.'],
  ['a\nb', 'Use visible characters on one line.'],
  ['abc\u202edef', 'Use visible characters on one line.'],
  ['\u200b', 'Use visible characters on one line.'],
  ['\u3164', 'Use visible characters on one line.'],
])('%j is refused: %s', (given, why) => {
  expect(readScreenName(given)).toEqual({ ok: false, why });
});

test('whatever a provider calls a person, the first screen name is a valid one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (displayName, nickname) => {
      const name = firstScreenName(displayName, nickname);
      expect(readScreenName(name)).toEqual({ ok: true, value: name });
    }),
  );
});

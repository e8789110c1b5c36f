import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPattern } from './pattern.ts';

const why = (source: string) => {
  const read = readPattern(source);
  return read.ok ? `read, of size ${read.value.size}` : read.why;
};

describe('an expression', () => {
  test.each([
    ['^release/\\d+$', 'release/12', true],
    ['feature-.*', 'my-feature-x', true],
    ['^[a-z0-9_-]{1,128}$', 'abc', true],
    ['^[^]a]{2}$', 'bc', true],
    ['^\\Q(a\\E{3}$', '(aaa', true],
    ['^\\x{1f600}$', '\u{1f600}', true],
    ['^[[:alpha:]]{3}$', 'ab1', false],
  ])('%s matches %s: %s', (source, text, matches) => {
    const read = readPattern(source);
    expect(read.ok && read.value.matches(text)).toBe(matches);
  });

  test.each(['(', '[', '(?=a)', '(?<=a)b', '\\1', 'a**', '\\p{Foo}', '(?P<n>a)(?P<n>b)'])(
    '%s is none that can be used',
    (source) => expect(why(source)).toMatch(/^not a regular expression/),
  );

  test.each([
    '[^a]{0,1000}'.repeat(20),
    '(?:(?:[^a]{10}){10}){10}'.repeat(10),
    '(?:[^a]{0,100}[](]){10}'.repeat(10),
    '(?:[^a]{0,100}\\Q(\\E){10}'.repeat(10),
    '(?:[^a]{100}\\(){10}'.repeat(10),
    '(?:[^a]{100}[[:alpha:](]){10}'.repeat(10),
  ])('%s would take too long to make, which is known before it is begun', (source) => {
    expect(why(source)).toMatch(/^too large/);
  });
});

test('whatever is written is refused or small, and matches or does not, without a throw', () => {
  const piece = fc.constantFrom(
    ...['a', '.', '(', '(?:', ')', ')', '[^a]', '[](]', '[[:alpha:]]', '\\Q(\\E', '\\(', '\\pL', '\\x{28}'],
    ...['{3}', '{10}', '{0,9}', '{2,}', '{99}', '*', '+', '?', '|', '^', '$', '(?i)', '\\b', '\u{1f600}'],
  );
  const source = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(source, fc.string({ unit: 'binary', maxLength: 300 }), (given, text) => {
      const read = readPattern(given);
      if (!read.ok) return;
      expect(read.value.size).toBeLessThan(5_000);
      expect(typeof read.value.matches(text)).toBe('boolean');
    }),
    { numRuns: 2_000 },
  );
});

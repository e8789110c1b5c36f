import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { suggestSlug } from './slug.ts';

/** The BFF's rule for URL names; the page cannot import it. */
const isAccepted = (slug: string) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug) && slug.length <= 39;

describe('the URL name that a name suggests', () => {
  test.each([
    ['Acme', 'acme'],
    ['Acme Rockets & Sons, Ltd.', 'acme-rockets-sons-ltd'],
    ['  spaced  out  ', 'spaced-out'],
    ['Café Müller', 'cafe-muller'],
    ['ﬁve ①②', 'five-12'],
    ['under_score.dot', 'under-score-dot'],
    ['日本', ''],
    ['---', ''],
    ['', ''],
    ['a'.repeat(60), 'a'.repeat(39)],
    [`${'a'.repeat(38)} b`, 'a'.repeat(38)],
  ])('%j suggests %j', (name, slug) => {
    expect(suggestSlug(name)).toBe(slug);
  });

  test('is one that the service accepts, or none at all, whatever is typed', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('a', 'Z', '7', '-', ' ', '_', 'é', 'ß', '\u0301'), maxLength: 80 }),
    );
    fc.assert(
      fc.property(anything, (name) => {
        const slug = suggestSlug(name);
        return slug === '' || isAccepted(slug);
      }),
    );
  });

  test('one that is fine already stays as it is', () => {
    const fine = fc.stringMatching(/^[a-z0-9]+(-[a-z0-9]+)*$/).filter((slug) => slug.length <= 39);
    fc.assert(fc.property(fine, (slug) => suggestSlug(slug) === slug));
  });
});

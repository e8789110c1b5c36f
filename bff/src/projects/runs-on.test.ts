import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWhitelist, readWhitelistEntry, startsWorkflow } from './runs-on.ts';
import { RUN_ON, type RunOn, type Whitelist } from './settings.ts';

const settings = (runOn: RunOn[], whitelist: Partial<Whitelist> = {}) => ({
  runOn,
  whitelist: { branches: [], tags: [], ...whitelist },
});
const branch = (refName: string) => ({ refType: 'branch', refName }) as const;
const tag = (refName: string) => ({ refType: 'tag', refName }) as const;
const anywhere = (refName: string, ...branches: string[]) =>
  startsWorkflow(settings(['branches'], { branches }), branch(refName)).ok;

describe('a push starts a workflow', () => {
  test('where its kind is switched on', () => {
    expect(startsWorkflow(settings(['branches']), branch('main'))).toEqual({ ok: true });
    expect(startsWorkflow(settings(['tags']), tag('v1'))).toEqual({ ok: true });
    expect(startsWorkflow(settings(['tags']), branch('main'))).toEqual({ ok: false, why: 'branches-off' });
    expect(startsWorkflow(settings(['branches']), tag('v1'))).toEqual({ ok: false, why: 'tags-off' });
  });

  test('never for what only speaks of pull requests', () => {
    const others = settings(RUN_ON.filter((kind) => kind !== 'branches' && kind !== 'tags'));
    expect(startsWorkflow(others, branch('main')).ok).toBe(false);
    expect(startsWorkflow(others, tag('v1')).ok).toBe(false);
  });

  test('when the list of its own kind is empty or has it', () => {
    const both = settings(['branches', 'tags'], { branches: ['main'] });
    expect(startsWorkflow(both, branch('main'))).toEqual({ ok: true });
    expect(startsWorkflow(both, branch('maine'))).toEqual({ ok: false, why: 'not-in-whitelist' });
    expect(startsWorkflow(both, tag('v1'))).toEqual({ ok: true });
  });

  test('for an exact name, in its very letters', () => {
    expect(anywhere('main', 'main')).toBe(true);
    expect(anywhere('Main', 'main')).toBe(false);
    expect(anywhere('feature.x', 'feature.x')).toBe(true);
    expect(anywhere('featurexx', 'feature.x')).toBe(false);
  });

  test('for a regular expression that matches anywhere in the name, or where it says', () => {
    expect(anywhere('my-feature-1', '/feature-.*/')).toBe(true);
    expect(anywhere('my-feature-1', '/^feature-/')).toBe(false);
    expect(anywhere('release/1.2', 'main', '/^release/\\d+\\.\\d+$/')).toBe(true);
    expect(anywhere('release/1.2.3', 'main', '/^release/\\d+\\.\\d+$/')).toBe(false);
    expect(anywhere('größe/überall', '/^\\pL+/ü/')).toBe(true);
    expect(anywhere('FIX-1', '/(?i)^fix-/')).toBe(true);
  });

  test('not for an expression that came to be stored and cannot be read', () => {
    expect(anywhere('(', '/(/', 'main')).toBe(false);
    expect(anywhere('main', '/(/', 'main')).toBe(true);
  });

  test('decided in a moment, however an expression is meant', () => {
    const hostile = [
      '/(a+)+$/',
      '/(a|aa)+$/',
      '/(a|b)*a[ab]{90}$/',
      '/^(.*)*(.*)*(.*)*!!$/',
      '/(?:a?){90}a{9}$/',
    ];
    expect(readWhitelist(hostile).ok).toBe(true);
    // An engine that tries every way does not come back.
    expect(anywhere(`${'ab'.repeat(500)}!`, ...hostile)).toBe(false);
  });
});

describe('an entry', () => {
  const why = (text: string) => {
    const read = readWhitelistEntry(text);
    return read.ok ? `read as ${read.value}` : read.why;
  };

  test.each([
    ['main', 'main'],
    [' release/1.0\t', 'release/1.0'],
    ['/feature-.*/', '/feature-.*/'],
    ['/^a/b$/', '/^a/b$/'],
    ['Größe@2x', 'Größe@2x'],
  ])('%j is read as %s', (text, value) => {
    expect(readWhitelistEntry(text)).toMatchObject({ ok: true, value });
  });

  test.each([
    ['', /^Enter a name/],
    ['  ', /^Enter a name/],
    ['//', /between the slashes/],
    ['/', /^End the regular expression/],
    ['/feature', /^End the regular expression/],
    ['feature/', /No branch or tag is called so/],
    ['feature/*', /No branch or tag is called so/],
    ['a b', /No branch or tag is called so/],
    ['a\nb', /visible characters/],
    ['a\u0000b', /visible characters/],
    ['/a\u0000b/', /visible characters/],
    ['a\ud800', /visible characters/],
    ['x'.repeat(251), /at most 250/],
    ['/(/', /no.* regular expression.*missing closing \)/],
    ['/(?=a)/', /regular expression/],
    ['/\\1/', /regular expression/],
    ['/(?:(?:a{10}){10}b{100}){10}/', /too large/],
    ['/(a{5000})/', /too large/],
  ])('%j is refused, and the sentence says why', (text, words) => {
    expect(why(text)).toMatch(words);
  });
});

describe('a list', () => {
  test('keeps its order, and its first wrong entry is named', () => {
    expect(readWhitelist(['main', ' /^v/ '])).toEqual({ ok: true, value: ['main', '/^v/'] });
    expect(readWhitelist(['main', '/[/', ''])).toMatchObject({
      why: expect.stringMatching(/^“\/\[\/”: This/),
    });
    expect(readWhitelist(['a\u0000'])).toMatchObject({ why: expect.stringMatching(/^“a\ufffd”/) });
  });

  test('is of a length and a weight that can be matched at every push', () => {
    expect(readWhitelist(Array.from({ length: 100 }, (_, index) => `/^release-${index}/`)).ok).toBe(false);
    expect(readWhitelist(Array.from({ length: 100 }, (_, index) => `release-${index}`)).ok).toBe(true);
    expect(readWhitelist(Array.from({ length: 101 }, () => 'main')).ok).toBe(false);
    expect(readWhitelist(Array.from({ length: 30 }, () => '/[^a]{0,100}[^b]{0,100}/')).ok).toBe(false);
  });
});

test('whatever is written and whatever is pushed, it is read or refused, and decided, without a throw', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      'b',
      '(',
      ')',
      '[',
      ']',
      '{2,9}',
      '{99}',
      '*',
      '+',
      '?',
      '|',
      '^',
      '$',
      '.',
      '\\',
      '\\pL',
      '/',
      '\\b',
      '(?i)',
      '(?:',
      '[^a]',
      '\u{1f600}',
      'ß',
    ],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.array(piece, { maxLength: 40 }).map((parts) => `/${parts.join('')}/`),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, fc.oneof(text, fc.string({ maxLength: 1_000 })), (entry, refName) => {
      const read = readWhitelistEntry(entry);
      const accepted = read.ok ? [read.value] : [entry];
      const decision = startsWorkflow(settings(['branches'], { branches: accepted }), branch(refName));
      if (read.ok) expect(readWhitelistEntry(read.value)).toEqual(read);
      if (read.ok && !read.value.startsWith('/')) expect(decision.ok).toBe(refName === read.value);
    }),
    { numRuns: 1_000 },
  );
});

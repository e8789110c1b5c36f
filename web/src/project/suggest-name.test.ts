import { expect, test } from 'vitest';
import { suggestName } from './suggest-name.ts';

test.each([
  ['acme/api', 'api'],
  ['acme/.github', 'github'],
  ['acme/new', 'new-project'],
  ['acme/New', 'New-project'],
  ['acme/ünder grund', 'nder-grund'],
  [`acme/${'x'.repeat(100)}`, 'x'.repeat(80)],
  ['', ''],
])('%s suggests %s', (fullName, name) => expect(suggestName(fullName)).toBe(name));

import { expect, test } from 'vitest';
import { emailKey } from './email.ts';

test('case does not make another address', () => {
  expect(emailKey('JÖRG@Harbour.example')).toBe(emailKey('jörg@harbour.example'));
  expect(emailKey('Greta.Vogel@Harbour.Example')).toBe('greta.vogel@harbour.example');
});

test.each(['\u212Aate@harbour.example', 'kate\uFF20harbour.example', 'kate@harbour.example '])(
  'a look-alike stays a different address: %j',
  (address) => {
    expect(emailKey(address)).not.toBe('kate@harbour.example');
  },
);

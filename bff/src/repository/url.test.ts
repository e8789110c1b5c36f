import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRepositoryUrl } from './url.ts';

const cloud = { web: 'bitbucket.org', ssh: 'ssh.bitbucket.org' };
const sandbox = { web: 'localhost:4001', ssh: '127.0.0.1' };
const why = (text: string, hosts = cloud) => {
  const read = parseRepositoryUrl(text, hosts);
  return read.ok ? `read as ${read.fullName}` : read.why;
};

describe('a URL names its repository', () => {
  test.each([
    'git@bitbucket.org:acme/api.git',
    'git@bitbucket.org:acme/api',
    'git@bitbucket.org:/acme/api.git',
    'git@ssh.bitbucket.org:acme/api.git',
    'bitbucket.org:acme/api.git',
    'ssh://git@ssh.bitbucket.org/acme/api.git',
    'ssh://git@ssh.bitbucket.org:22/acme/api.git',
    'ssh://git@altssh.bitbucket.org:443/acme/api',
    'ssh://git@bitbucket.org/acme/api/',
    'ssh://bitbucket.org/acme/api',
    'https://bitbucket.org/acme/api',
    'https://bitbucket.org/acme/api.git',
    'https://bitbucket.org/acme/api/',
    'https://bitbucket.org/acme/api.git/',
    'https://bitbucket.org/acme/api//',
    'https://bitbucket.org:443/acme/api',
    'https://mika@bitbucket.org/acme/api.git',
    'https://mika-%40work@bitbucket.org/acme/api.git',
    'http://bitbucket.org/acme/api',
    'bitbucket.org/acme/api',
    'mika@bitbucket.org/acme/api',
    'HTTPS://Bitbucket.org/Acme/API.git',
    'GIT@BITBUCKET.ORG:ACME/API.GIT',
    '  git@bitbucket.org:acme/api.git\n',
    '\u00a0https://bitbucket.org/acme/api\t',
  ])('in the form %j', (url) => {
    expect(parseRepositoryUrl(url, cloud)).toEqual({ ok: true, fullName: 'acme/api' });
  });

  test.each([
    'https://bitbucket.org/acme/api/src/main/',
    'https://bitbucket.org/acme/api/src/9f0c/.semaphore/semaphore.yml#lines-3',
    'https://bitbucket.org/acme/api/src/main/?at=feature%2Ftides',
    'https://bitbucket.org/acme/api/pull-requests/12/diff?w=1',
    'https://bitbucket.org/acme/api/branch/release/v1..v2',
    'https://bitbucket.org/acme/api/admin/access-keys/',
    'https://bitbucket.org/acme/api?',
    'https://bitbucket.org/acme/api#readme',
  ])('when it is the page %j', (url) => {
    expect(parseRepositoryUrl(url, cloud)).toEqual({ ok: true, fullName: 'acme/api' });
  });

  test.each([
    ['https://bitbucket.org/a-b_c/d.e-f_1', 'a-b_c/d.e-f_1'],
    ['https://bitbucket.org/acme/my.git.git', 'acme/my.git'],
    ['https://bitbucket.org/acme/.dotfiles', 'acme/.dotfiles'],
    ['git@bitbucket.org:acme/workspace.git', 'acme/workspace'],
  ])('whatever is usual in names: %s', (url, fullName) => {
    expect(parseRepositoryUrl(url, cloud)).toEqual({ ok: true, fullName });
  });

  test.each([
    'http://localhost:4001/acme/api',
    'localhost:4001/acme/api.git',
    'http://mika@LOCALHOST:4001/acme/api.git',
    'ssh://someone@127.0.0.1:2222/acme/api.git',
    'someone@127.0.0.1:acme/api.git',
    'git@localhost:acme/api.git',
    'git@bitbucket.org:acme/api.git',
    'https://bitbucket.org/acme/api',
  ])("on this installation's hosts as on Bitbucket's: %s", (url) => {
    expect(parseRepositoryUrl(url, sandbox)).toEqual({ ok: true, fullName: 'acme/api' });
  });
});

describe('a URL is refused, and told why', () => {
  test.each(['', ' ', '\n\t'])('when there is none: %j', (url) =>
    expect(why(url)).toMatch(/^Enter the URL of a repository/),
  );

  test('when it is longer than any URL of a repository', () => {
    expect(why(`https://bitbucket.org/acme/api/${'a'.repeat(2_000)}`)).toBe('The URL is too long.');
    expect(why(`https://bitbucket.org/acme/${'a'.repeat(101)}`)).toMatch(/names no repository/);
  });

  test.each([
    '/home/mika/api',
    './api',
    '../api.git',
    '..',
    '~/api',
    'file:///srv/git/acme/api.git',
    'FILE://bitbucket.org/acme/api',
    'C:\\work\\api',
    'c:/work/api',
    '\\\\server\\acme\\api',
    '//bitbucket.org/acme/api',
  ])('when it is a path: %s', (url) => expect(why(url)).toMatch(/path on a computer/));

  test.each([
    'https://github.com/acme/api',
    'git@github.com:acme/api.git',
    'github.com/acme/api',
    'https://bitbucket.org.evil.example/acme/api',
    'https://bitbucket.org@evil.example/acme/api',
    'https://evil.example?@bitbucket.org/acme/api',
    'https://evil.example#@bitbucket.org/acme/api',
    'https://evilbitbucket.org/acme/api',
    'https://www.bitbucket.org/acme/api',
    'https://bitbucket.org./acme/api',
    'https://bitbucket.org:8443/acme/api',
    'http://bitbucket.org:443/acme/api',
    'https://ssh.bitbucket.org/acme/api',
    'http://localhost:4001/acme/api',
    'git@127.0.0.1:acme/api.git',
    'ssh://git@[::1]:22/acme/api',
    'javascript:alert(1)',
  ])('when another host has it: %s', (url) => {
    expect(why(url)).toBe('The URL leads to another host than bitbucket.org.');
  });

  test('when it is on another port than this installation has', () => {
    expect(why('http://localhost:4003/acme/api', sandbox)).toBe(
      'The URL leads to another host than localhost:4001.',
    );
  });

  test.each([
    'git://bitbucket.org/acme/api.git',
    'ftp://bitbucket.org/acme/api',
    'git+ssh://git@bitbucket.org/acme/api.git',
  ])('when it is neither for SSH nor for HTTPS: %s', (url) => {
    expect(why(url)).toBe('Enter a URL for SSH or HTTPS.');
  });

  test.each([
    'https://mika:hunter2@bitbucket.org/acme/api.git',
    'https://x-token-auth:hunter2@bitbucket.org/acme/api.git',
    'https://:hunter2@bitbucket.org/acme/api.git',
    'https://mika%3Ahunter2@bitbucket.org/acme/api.git',
    'https://mika:hunter2@evil.example/acme/api.git',
    'https://mika:hunt@er2@bitbucket.org/acme/api.git',
    'https://mika:hunt/hunter2@bitbucket.org/acme/api.git',
    'ssh://git:hunter2@bitbucket.org/acme/api.git',
    'git:hunter2@bitbucket.org:acme/api.git',
    'ftp://mika:hunter2@bitbucket.org/acme/api',
  ])('when it holds a password, which is never repeated: %s', (url) => {
    const sentence = why(url);
    expect(sentence).toMatch(/holds a password|another host/);
    expect(sentence).not.toMatch(/hunt|er2|mika/);
  });

  test.each([
    'https://bitbucket.org/acme/a pi',
    'https://bitbucket.org/acme/a\u0000pi',
    'https://bitbucket.org/acme/api\r\nHost: evil.example',
    'https:\\\\bitbucket.org\\acme\\api',
    'https://bitbuc\u212aet.org/acme/api',
    'https://b\u0130tbucket.org/acme/api',
    'https://bitbucket.org/\u0430cme/api',
    'https://bitbucket\uff0eorg/acme/api',
    'https://bitbucket.org/acme/\u202eipa',
    'https://bitbucket.org/acme/\u200bapi',
    'https://bitbucket.org/acme/\ud800',
    'https://bitbucket.org/acme/<script>',
    'https://bitbucket.org/acme/api"',
  ])('when it has characters that no such URL has: %j', (url) => {
    expect(why(url)).toMatch(/has characters/);
  });

  test.each([
    'https://bitbucket.org/../api',
    'https://bitbucket.org/acme/..',
    'https://bitbucket.org/acme/api/../../evil/other',
    'https://bitbucket.org/acme/%2e%2E/other/api',
    'https://bitbucket.org/acme/./api',
    'git@bitbucket.org:../acme/api.git',
    'git@bitbucket.org:acme/...',
  ])('when a part of it leads elsewhere: %s', (url) => expect(why(url)).toMatch(/part of dots/));

  test.each([
    'https://bitbucket.org/acme',
    'https://bitbucket.org/acme/',
    'https://bitbucket.org/acme/workspace/repositories/',
    'bitbucket.org/acme/workspace/projects/CORE',
  ])('when it is that of a workspace: %s', (url) => expect(why(url)).toMatch(/URL of a workspace/));

  test.each([
    'https://bitbucket.org',
    'https://bitbucket.org/',
    'https://bitbucket.org//acme/api',
    'https://bitbucket.org/acme/.git',
    'https://bitbucket.org/acme/a%2Fpi',
    'https://bitbucket.org/acme/api%00',
    'https://bitbucket.org/%7B%7D/%7B9f1b2c3d-0a4e-4f5b-8c6d-7e8f90a1b2c3%7D',
    'git@bitbucket.org:api.git',
    'git@bitbucket.org:acme/api/src/main',
    'git@bitbucket.org:22/acme/api.git',
    'git@bitbucket.org:acme/api?x=1',
    'git@bitbucket.org:',
    'ssh://git@bitbucket.org',
  ])('when it names no repository: %s', (url) => expect(why(url)).toMatch(/names no repository/));

  test.each([
    'acme/api',
    'api',
    'origin',
    'https',
    ':',
    '@',
    '???',
    'git clone',
    'https://a@b@bitbucket.org/acme/api',
  ])('when it is no URL at all: %s', (url) => {
    expect(why(url)).toMatch(/not the URL of a repository|has characters|another host/);
  });
});

describe('whatever is typed', () => {
  const pieces = fc.constantFrom(
    ...['https://', 'ssh://', 'git@', 'user:pw@', 'bitbucket.org', 'localhost:4001', ':', '/', '//', '..'],
    ...['%2e', '.git', 'acme', 'api', '?', '#', '@', '\\', '\u0000', '\u212a', ' ', '\ud800', '[', 'src'],
  );
  const typed = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc
      .array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
      .map((all) => all.join('')),
  );

  test('it never throws, and what it reads is a plain name', () => {
    fc.assert(
      fc.property(typed, fc.constantFrom(cloud, sandbox), (text, hosts) => {
        const read = parseRepositoryUrl(text, hosts);
        if (!read.ok) {
          expect(read.why).toMatch(/^[A-Z].{10,120}\.$/);
          return;
        }
        expect(read.fullName).toMatch(/^[a-z0-9_.-]+\/[a-z0-9_.-]+$/);
        expect(read.fullName.split('/').some((name) => /^\.+$/.test(name))).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a name in any form comes back as it is', () => {
    const name = fc
      .stringMatching(/^[a-z0-9_-][a-z0-9_.-]{0,40}$/)
      .filter((each) => !/\.git$|^workspace$/.test(each));
    const forms = fc.constantFrom(
      (n: string) => `git@bitbucket.org:${n}.git`,
      (n: string) => `ssh://git@ssh.bitbucket.org/${n}.git`,
      (n: string) => `https://bitbucket.org/${n}`,
      (n: string) => `HTTPS://BITBUCKET.ORG/${n.toUpperCase()}/src/main/`,
    );
    fc.assert(
      fc.property(name, name, forms, (workspace, slug, form) => {
        const fullName = `${workspace}/${slug}`;
        expect(parseRepositoryUrl(form(fullName), cloud)).toEqual({ ok: true, fullName });
      }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { readPipelineFile } from './pipeline-file.ts';
import { isProjectName, nameKey, readProjectName } from './project-name.ts';

describe('a project’s name', () => {
  test.each(['api', 'Pilot-API', '2nd', 'a.b_c-d', 'a'.repeat(80), 'news', 'x..y'])('can be %j', (name) => {
    expect(readProjectName(` ${name} `)).toEqual({ ok: true, value: name });
    expect(isProjectName(name)).toBe(true);
  });

  test.each([
    ['', 'Enter a name.'],
    ['   ', 'Enter a name.'],
    ['a'.repeat(81), 'Use at most 80 characters.'],
    ['.git', 'Start with a letter or a digit.'],
    ['..', 'Start with a letter or a digit.'],
    ['-x', 'Start with a letter or a digit.'],
    ['élan', 'Start with a letter or a digit.'],
    ['a b', 'Use letters, digits, “.”, “_” and “-” only.'],
    ['a/b', 'Use letters, digits, “.”, “_” and “-” only.'],
    ['a%2fb', 'Use letters, digits, “.”, “_” and “-” only.'],
    ['a\nb', 'Use letters, digits, “.”, “_” and “-” only.'],
    ['a\u0000', 'Use letters, digits, “.”, “_” and “-” only.'],
    ['new', '“new” is an address of ours. Choose another.'],
    ['NEW', '“NEW” is an address of ours. Choose another.'],
  ])('cannot be %j: %s', (name, why) => {
    expect(readProjectName(name)).toEqual({ ok: false, why });
    expect(isProjectName(name)).toBe(false);
  });

  test('is the same in any case', () => {
    expect(nameKey('Pilot-API')).toBe(nameKey('pilot-api'));
  });
});

describe('the path of a pipeline file', () => {
  test.each(['.semaphore/semaphore.yml', 'ci.yml', 'a b/ü.yml', '...', '..a/b..', 'a/.b'])(
    'can be %j',
    (path) => {
      expect(readPipelineFile(` ${path} `)).toEqual({ ok: true, value: path });
    },
  );

  test.each([
    ['', 'Enter the path of a file.'],
    [`${'a'.repeat(252)}.yml`, 'Use at most 255 characters.'],
    ['a\nb', 'Use visible characters on one line.'],
    ['a\u0000b', 'Use visible characters on one line.'],
    ['\ud800', 'Use visible characters on one line.'],
    ['a\\b', 'Separate directories by “/”.'],
    ['/a.yml', 'Leave out the “/” at the beginning: the path starts in the repository.'],
    ['a/', 'This is a directory. Enter the path of a file.'],
    ['../a.yml', 'Leave out “.” and “..”: the path starts in the repository.'],
    ['a/../b.yml', 'Leave out “.” and “..”: the path starts in the repository.'],
    ['./a.yml', 'Leave out “.” and “..”: the path starts in the repository.'],
    ['a//b.yml', 'Leave out the second of two “/” in a row.'],
  ])('cannot be %j: %s', (path, why) => {
    expect(readPipelineFile(path)).toEqual({ ok: false, why });
  });
});

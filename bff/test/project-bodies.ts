/** Projects as people may send them, for tests of whatever reads them: all of these are valid. */
import fc from 'fast-check';
import {
  ATTACH_PERMISSIONS,
  DEBUG_PERMISSIONS,
  PIPELINE_LEVELS,
  RUN_ON,
  SCHEDULE_STATES,
  VISIBILITIES,
} from '../src/projects/settings.ts';

const anyCase = (words: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...words), fc.boolean())
    .map(([word, turned]) =>
      turned ? (word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase()) : word,
    );

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}x$/);
const label = fc.oneof(
  name,
  fc.constantFrom(
    'Nightly build',
    'größe & <höhe>',
    '夜の実行',
    'a: b',
    '- x',
    '"quoted"',
    "it's",
    '#1',
    'null',
    'true',
  ),
);
const file = fc.oneof(
  fc.constantFrom('.semaphore/semaphore.yml', 'ci/a b.yml', 'ü.yml'),
  name.map((each) => `.semaphore/${each}.yml`),
);
const description = fc.oneof(
  fc.constantFrom('', 'One line.', 'Two\nlines\tand a tab', ' spaces around ', 'a\r\nb', '<b> & "c" \u2028'),
  label,
);
const value = fc.oneof(
  fc.constantFrom('', ' ', '1.0.0', 'a\nb', 'a\r\nb', '\t', 'yes', '0x1F', '\u{1f600}', '<&>'),
  label,
);
const branch = fc.oneof(
  fc.constantFrom('', 'main', 'refs/heads/main', 'refs/tags/v1.0', 'refs/tags/größe', 'feature/x'),
  name,
);
const cron = fc.constantFrom(
  '5 4 * * *',
  '*/15 0-6 * * 1-5',
  '0 0 1 JAN,jul mon',
  '0 0 L * *',
  '  5  4 * * 7 ',
);

/** A pattern, and a value that it matches. */
const PATTERNS = [
  { pattern: '^\\d+\\.\\d+\\.\\d+$', match: '1.0.0' },
  { pattern: '^[a-z0-9-]{1,63}$', match: 'web-shop' },
  { pattern: '(a|b)+', match: 'xxabba' },
  { pattern: '^(?i)YES|no$', match: 'yes' },
  { pattern: '<.*>&', match: '<b>&' },
];

const options = fc.array(value, { maxLength: 3 });
const parameter = fc.oneof(
  fc.record(
    { name, description, default_value: value, options, required: fc.boolean() },
    { requiredKeys: ['name'] },
  ),
  fc
    .tuple(
      fc.record({ name, description, options }, { requiredKeys: ['name'] }),
      fc.constantFrom(...PATTERNS),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([rest, { pattern, match }, required, validated]) => ({
      ...rest,
      required,
      default_value: match,
      regex_pattern: pattern,
      validate_input_format: validated,
    })),
);

const saidBranch = fc.oneof(
  branch.map((each) => ({ branch: each })),
  fc.record({
    reference: fc.record({ type: anyCase(['branch', 'tag']), name }, { requiredKeys: ['name'] }),
  }),
  fc.record({ reference_type: anyCase(['branch', 'tag']), reference_name: name }),
  fc.constant({}),
);
const schedule = fc
  .tuple(
    fc.record(
      { name: label, pipeline_file: file, status: anyCase(SCHEDULE_STATES) },
      { requiredKeys: ['name', 'pipeline_file'] },
    ),
    saidBranch,
  )
  .map(([rest, said]) => ({ ...rest, ...said }));
const scheduler = fc.tuple(schedule, cron).map(([rest, at]) => ({ ...rest, at }));
const task = fc
  .tuple(
    schedule,
    fc.record({ description, parameters: listOf(parameter, 4, (each) => each.name) }, { requiredKeys: [] }),
    fc.oneof(
      fc.record({ at: cron, scheduled: fc.constant(true) }, { requiredKeys: ['at'] }),
      fc.record(
        { at: fc.constantFrom('', '5 4 * * *', 'whenever'), scheduled: fc.constant(false) },
        { requiredKeys: ['scheduled'] },
      ),
    ),
  )
  .map(([first, second, third]) => ({ ...first, ...second, ...third }));

function listOf<Item>(item: fc.Arbitrary<Item>, maxLength: number, selector: (item: Item) => string) {
  return fc.uniqueArray(item, { maxLength, selector });
}

const lines = fc.array(label, { maxLength: 3 });
const entries = fc.array(
  fc.oneof(
    name,
    fc.constantFrom('main', 'release/1.0', '/^release-/', '/feature-.*/', '/^v\\d+$/', '/<(a|b)>&/'),
  ),
  { maxLength: 4 },
);
const someOf = (words: readonly string[]) => fc.array(anyCase(words), { maxLength: words.length });

/** With `url`, or without when it is to be left as it is. */
export function projectBodies({ url }: { url?: string } = {}) {
  const optional = { requiredKeys: [] as [] };
  return fc.record(
    {
      apiVersion: fc.constant('v1alpha'),
      kind: fc.constant('Project'),
      metadata: fc.record({ name, description }, { requiredKeys: ['name'] }),
      spec: fc.record(
        {
          visibility: anyCase(VISIBILITIES),
          repository: fc
            .record(
              {
                run_on: someOf(RUN_ON),
                forked_pull_requests: fc.record(
                  { allowed_secrets: lines, allowed_contributors: lines },
                  optional,
                ),
                pipeline_file: file,
                status: fc.record(
                  {
                    pipeline_files: fc.array(
                      fc.record({ path: file, level: anyCase(PIPELINE_LEVELS) }, { requiredKeys: ['path'] }),
                      { maxLength: 3 },
                    ),
                  },
                  optional,
                ),
                whitelist: fc.record({ branches: entries, tags: entries }, optional),
                integration_type: fc.constantFrom('', 'bitbucket', 'github_token', 'github_app'),
              },
              optional,
            )
            .map((repository) => (url === undefined ? repository : { url, ...repository })),
          schedulers: listOf(scheduler, 3, (each) => each.name),
          tasks: listOf(task, 4, (each) => each.name),
          custom_permissions: fc.boolean(),
          debug_permissions: someOf(DEBUG_PERMISSIONS),
          attach_permissions: someOf(ATTACH_PERMISSIONS),
        },
        { requiredKeys: url === undefined ? [] : ['repository'] },
      ),
    },
    { requiredKeys: url === undefined ? ['metadata'] : ['metadata', 'spec'] },
  );
}

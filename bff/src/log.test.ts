import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { createLogger } from './log.ts';

const CANARY = 'cAnArY-51d0';

function listen(level: Config['logLevel'] = 'info') {
  const lines: string[] = [];
  const log = createLogger(level, { write: (line) => void lines.push(line) });
  const last = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, Record<string, unknown>>;
  return { log, last, text: () => lines.join('') };
}

test('a line is one JSON object with level, time and message', () => {
  const { log, last, text } = listen();
  log.info({ connection: '7' }, 'connection\nended');
  expect(text().trimEnd().split('\n')).toHaveLength(1);
  expect(last()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    connection: '7',
    msg: 'connection\nended',
  });
});

test('LOG_LEVEL holds back what is below it', () => {
  const { log, text } = listen('warn');
  log.info('quiet');
  log.debug('quieter');
  expect(text()).toBe('');
  log.warn('heard');
  expect(text()).toContain('heard');
});

test.each([
  'authorization',
  'cookie',
  'set-cookie',
  'access_token',
  'refresh_token',
  'accessToken',
  'refreshToken',
  'client_secret',
  'clientSecret',
  'code',
  'state',
  'verifier',
  'secret',
  'password',
  'privateKey',
])('KS-05 a field called %s is censored at the top, one and two steps down', (field) => {
  const { log, text } = listen();
  log.info({ [field]: CANARY }, 'top');
  log.info({ headers: { [field]: CANARY } }, 'one');
  log.info({ request: { headers: { [field]: CANARY } } }, 'two');
  expect(text()).not.toContain(CANARY);
  expect(text().match(/\[redacted\]/g)).toHaveLength(3);
});

test('an error is logged with its name, message, code and place', () => {
  const { log, last } = listen();
  const error = Object.assign(new TypeError('the database went away'), { code: 'ECONNREFUSED' });
  log.error({ err: error }, 'request failed');
  expect(last().err).toEqual({
    name: 'TypeError',
    message: 'the database went away',
    errorCode: 'ECONNREFUSED',
    stack: expect.stringContaining('log.test.ts'),
  });
});

test('KS-05 what hangs on an error stays out: causes, details, queries, inputs, headers', () => {
  const { log, text } = listen();
  const database = Object.assign(
    new Error('duplicate key value violates unique constraint "profile_email"'),
    {
      code: '23505',
      detail: `Key (email)=(${CANARY}) already exists.`,
      where: CANARY,
      query: `insert into profile values ('${CANARY}')`,
      parameters: [CANARY],
    },
  );
  log.error({ err: database }, 'request failed');
  log.error({ err: new Error('outer', { cause: new Error(CANARY) }) }, 'request failed');
  log.error(
    { err: Object.assign(new Error('x'), { input: CANARY, headers: { a: CANARY } }) },
    'request failed',
  );
  log.error({ err: new AggregateError([new Error(CANARY)], 'several') }, 'request failed');
  log.error(database);
  expect(text()).not.toContain(CANARY);
  expect(text()).toContain('duplicate key value');
});

test('KS-05 an address loses its user and password wherever it stands', () => {
  const { log, last, text } = listen();
  for (const address of [`postgres://ci:${CANARY}@db.example.com/ci`, `https://${CANARY}@api.example.com`]) {
    log.error({ err: new Error(`cannot reach ${address} (tried ${address} twice)`) }, 'request failed');
    log.error(new Error(`cannot reach ${address}`));
  }
  log.info({ address: `https://ci:${CANARY}@db.example.com`, email: 'nora@harbour.example' }, 'listening');
  expect(text()).not.toContain(CANARY);
  expect(last()).toMatchObject({
    address: 'https://[redacted]@db.example.com',
    email: 'nora@harbour.example',
  });
});

test('what is thrown without being an error is named by its type alone', () => {
  const { log, last, text } = listen();
  log.error({ err: CANARY }, 'request failed');
  expect(last().err).toEqual({ name: 'string' });
  log.error({ err: { token: CANARY } }, 'request failed');
  expect(text()).not.toContain(CANARY);
});

/** Structured logs, one JSON object a line on standard output, with secrets censored wherever they may stand. */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

const SECRET_FIELDS = [
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
];

/** Makes the logger. Callers log names and ids, never bodies; the censoring is the second line of defence. */
export function createLogger(level: Config['logLevel'], destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => path(field)), censor: '[redacted]' },
      serializers: { err: describeError },
      // Over the whole line: the address can stand in a message, a field or an error alike.
      hooks: { streamWrite: withoutCredentials },
    },
    destination,
  );
}

function path(field: string): string[] {
  const step = `["${field}"]`;
  return [step, `*${step}`, `*.*${step}`];
}

/** Name, code, stack: enough to find the place. Database errors also carry values (`detail`), which stay out. */
function describeError(error: unknown) {
  if (!(error instanceof Error)) return { name: typeof error };
  // Not called `code`: a field of that name is censored, since it may hold an authorization code.
  const errorCode = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, errorCode, stack: stackOf(error) };
}

function stackOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 12).join('\n');
}

/** Errors of URL parsing and of connections quote the address, user and password included. */
function withoutCredentials(line: string): string {
  // A quote ends the JSON string that the address stands in.
  return line.replace(/\/\/[^/\s@"]+@/g, '//[redacted]@');
}

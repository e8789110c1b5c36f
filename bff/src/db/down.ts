/** Whether it is the database that cannot answer. */

/** Connection refused, reset or timed out: SQLSTATE classes 08, 53 and 57, and what the driver throws itself. */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/timeout exceeded when trying to connect|Connection terminated|Query read timeout/.test(error.message))
    return true;
  return 'code' in error && /^(ECONN|EPIPE|08|53|57)/.test(String(error.code));
}

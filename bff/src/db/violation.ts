/** What the database says about a statement that met another one's. */

/** Whether an error is PostgreSQL's word that a unique value is taken (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}

/** Whether the same transaction, run again, may find the other one's result and go through: also after a deadlock. */
export function isConflict(error: unknown): boolean {
  const codes = ['40P01', '40001'];
  return (
    isUniqueViolation(error) ||
    (error instanceof Error && 'code' in error && codes.includes(String(error.code)))
  );
}

/** Whether a value itself was refused (SQLSTATE class 22, or a check): trying again changes nothing. */
export function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|23514)/.test(String(error.code));
}

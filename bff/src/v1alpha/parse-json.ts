/** Reads a body as JSON, whatever its content type says: `sem` names it on requests without one, `curl` names another. */
export function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

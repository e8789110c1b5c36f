const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a body as JSON, whatever its content type says: `sem` names it on requests without one, `curl` names another. Bytes
 * in another encoding are refused, since their letters would be lost without a word. `empty`: what no body at all says.
 */
export function parseJson(
  bytes: ArrayBuffer,
  { empty }: { empty?: unknown } = {},
): { ok: true; value: unknown } | { ok: false } {
  try {
    const text = UTF8.decode(bytes);
    return { ok: true, value: empty !== undefined && text.trim() === '' ? empty : JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

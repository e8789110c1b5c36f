/** The exact bytes of a request, within a limit and a time: what is signed is the bytes and nothing made of them. */

export type RawBody =
  | { ok: true; bytes: Uint8Array }
  | { ok: false; why: 'too-large' | 'too-slow' | 'broken' };

/** Counts what really arrives: a `Content-Length` may be missing, or lie. Stops reading as soon as the answer is known. */
export async function readRawBody(
  request: Request,
  limits: { bytes: number; milliseconds: number },
): Promise<RawBody> {
  if (Number(request.headers.get('content-length') ?? 0) > limits.bytes)
    return { ok: false, why: 'too-large' };
  if (!request.body) return { ok: true, bytes: new Uint8Array() };
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, limits.milliseconds, 'late');
  });
  try {
    for (;;) {
      const step = await Promise.race([reader.read(), late]);
      if (step === 'late') return { ok: false, why: 'too-slow' };
      if (step.done) return { ok: true, bytes: Buffer.concat(chunks) };
      size += step.value.byteLength;
      if (size > limits.bytes) return { ok: false, why: 'too-large' };
      chunks.push(step.value);
    }
  } catch {
    return { ok: false, why: 'broken' };
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => undefined);
  }
}

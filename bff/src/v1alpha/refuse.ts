/** How this API says no. The command line prints the body as it is, so it is one line with a sentence in it. */
import type { Context } from 'hono';

type Status = 400 | 401 | 404 | 413 | 422 | 429 | 500 | 503;

/** Answers `{"message": …}`; the sentence is for a person at a terminal and never holds anything from inside. */
export function refuse<S extends Status>(c: Context, status: S, message: string) {
  return c.json({ message }, status);
}

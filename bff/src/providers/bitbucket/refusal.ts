/** What Bitbucket says when it refuses. */
import { ErrorEnvelope, MissingScopes, RefusedFields } from './schema.ts';

/** The scopes that a 403 says are missing; null when it is about something else. */
export function missingScopes(body: unknown): string[] | null {
  const parsed = MissingScopes.safeParse(body);
  if (!parsed.success) return null;
  const { granted, required } = parsed.data.error.detail;
  return required.filter((scope) => !granted.includes(scope));
}

/** The sentences of an error's body, in the usual envelope or as the bare map of fields that deploy keys send. */
export function refusalWords(body: unknown): string[] {
  const envelope = ErrorEnvelope.safeParse(body);
  if (!envelope.success) {
    const fields = RefusedFields.safeParse(body);
    return fields.success ? fieldWords(fields.data) : [];
  }
  const { message, detail, fields } = envelope.data.error;
  return [message ?? '', detail ?? '', ...fieldWords(fields ?? {})];
}

function fieldWords(fields: RefusedFields): string[] {
  return Object.values(fields)
    .flat()
    .map((each) => (typeof each === 'string' ? each : each.message));
}

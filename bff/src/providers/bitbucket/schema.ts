/** The fields of Bitbucket's answers that we need; everything else in them is ignored. */
import { z } from 'zod';

export const User = z.object({
  // With braces: "{1c2d…}". Opaque to us; only its being there matters.
  uuid: z.string().min(1).max(200),
  // The rest decorates; what is odd in it must not keep a person out.
  nickname: z.string().min(1).max(500).nullish().catch(null),
  display_name: z.string().max(500).nullish().catch(null),
  links: z
    .object({ avatar: z.object({ href: z.string() }) })
    .nullish()
    .catch(null),
});

export const Emails = z.object({
  values: z.array(
    z.object({ email: z.string().max(320), is_primary: z.boolean(), is_confirmed: z.boolean() }),
  ),
  // Opaque and absolute; followed only below the API's own address.
  next: z.string().optional(),
});

/** A 403 names what the token has and what the call needs; in `detail`, which elsewhere is a plain string. */
export const MissingScopes = z.object({
  error: z.object({ detail: z.object({ granted: z.array(z.string()), required: z.array(z.string()) }) }),
});

const FieldMessages = z.union([
  z.string(),
  z.array(z.union([z.string(), z.object({ message: z.string() })])).max(50),
]);
/** Which field was refused, and why. Deploy keys send such a map bare, everything else in `error.fields`. */
export const RefusedFields = z.record(z.string(), FieldMessages);
export type RefusedFields = z.infer<typeof RefusedFields>;
/** The usual envelope of an error. */
export const ErrorEnvelope = z.object({
  error: z.object({
    message: z.string().nullish().catch(null),
    detail: z.string().nullish().catch(null),
    fields: RefusedFields.nullish().catch(null),
  }),
});

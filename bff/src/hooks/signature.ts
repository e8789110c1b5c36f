/** Whether a delivery is Bitbucket's own: HMAC-SHA256 of the exact bytes, keyed with the webhook's secret. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The hex digits of `X-Hub-Signature`, or null when it is not written exactly as Bitbucket writes it. */
export function readSignature(header: string | null | undefined): string | null {
  // Two headers arrive joined by a comma, and so are none of this form.
  return /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1] ?? null;
}

/** Compares in constant time. A webhook without a secret vouches for nothing. */
export function isSignedWith(secret: string, body: Uint8Array, signature: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected) && secret.length > 0;
}

/** The signature of a body that we send ourselves, in the same form. */
export function sign(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

import { createHmac } from 'node:crypto';

/** What Bitbucket sends as `X-Hub-Signature`. */
export const signatureOf = (secret: string, body: string | Uint8Array) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

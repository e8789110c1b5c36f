/** The certificate and key that the server speaks https with. Pure: files are read by whoever calls. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** PEM: the server's certificate, those that lead to a root after it, and the private key of the first. */
export type Tls = { cert: string; key: string };

type Given = {
  value(name: string): string | undefined;
  /** The text of the file that a variable names; null: there is none, and the mistakes say why. */
  file(name: string): string | null;
  now: Date;
};

/** Reads TLS_CERT and TLS_KEY; null: plain http, or a mistake that was added to the list (never with the key in it). */
export function readTls({ value, file, now }: Given, mistakes: string[]): Tls | null {
  const given = (['TLS_CERT', 'TLS_KEY'] as const).filter((name) => value(name));
  if (given.length === 1) {
    const missing = given[0] === 'TLS_CERT' ? 'TLS_KEY' : 'TLS_CERT';
    mistakes.push(`${given[0]} is set but ${missing} is not: set both or neither.`);
  }
  const cert = file('TLS_CERT');
  const key = file('TLS_KEY');
  const certificate = cert === null ? null : readCertificate(cert, now, mistakes);
  const privateKey = key === null ? null : readPrivateKey(key, mistakes);
  if (cert === null || key === null || !certificate || !privateKey) return null;
  if (!certificate.checkPrivateKey(privateKey)) {
    mistakes.push('TLS_KEY is not the private key of the first certificate in TLS_CERT.');
    return null;
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    // A broken certificate after the first, or a key so weak that nobody would accept it.
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    mistakes.push(`TLS_CERT and TLS_KEY cannot be used${code}.`);
    return null;
  }
  return { cert, key };
}

function readCertificate(text: string, now: Date, mistakes: string[]): X509Certificate | null {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch {
    mistakes.push('TLS_CERT must name a file with a certificate in PEM form.');
    return null;
  }
  const { validFromDate: from, validToDate: to } = certificate;
  if (to < now) mistakes.push(`TLS_CERT names a certificate that expired on ${to.toISOString()}.`);
  if (from > now)
    mistakes.push(`TLS_CERT names a certificate that is not valid before ${from.toISOString()}.`);
  return certificate;
}

function readPrivateKey(text: string, mistakes: string[]): KeyObject | null {
  try {
    return createPrivateKey(text);
  } catch {
    mistakes.push(
      text.includes('ENCRYPTED')
        ? 'TLS_KEY names a private key with a passphrase: give one without.'
        : 'TLS_KEY must name a file with a private key in PEM form.',
    );
    return null;
  }
}

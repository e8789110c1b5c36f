/** Certificates for tests, self-signed and made anew each time, so that none of them ever expires and no key lies about. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const DAY = 86_400_000;

/** DER of the identifiers that are needed, type and length included. */
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const ECDSA_WITH_SHA256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));

/** A certificate for host names and IPv4 addresses and its key, as PEM; valid from yesterday to tomorrow unless said otherwise. */
export function selfSigned(
  options: {
    names?: string[];
    from?: Date;
    to?: Date;
    key?: { publicKey: KeyObject; privateKey: KeyObject };
  } = {},
): { cert: string; key: string } {
  const {
    names = ['localhost', '127.0.0.1'],
    from = new Date(Date.now() - DAY),
    to = new Date(Date.now() + DAY),
  } = options;
  const { publicKey, privateKey } = options.key ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from('Test')))));
  const all = names.map((each) =>
    /^[\d.]+$/.test(each)
      ? der(0x87, Buffer.from(each.split('.').map(Number)))
      : der(0x82, Buffer.from(each)),
  );
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    // A serial number is positive.
    der(0x02, Buffer.of(1), randomBytes(8)),
    ECDSA_WITH_SHA256,
    name,
    der(0x30, time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      der(
        0x30,
        der(0x30, BASIC_CONSTRAINTS, der(0x04, der(0x30, der(0x01, Buffer.of(0xff))))),
        der(0x30, SUBJECT_ALT_NAME, der(0x04, der(0x30, ...all))),
      ),
    ),
  );
  // A key of another kind than the algorithm says makes a certificate that nobody can check: good enough to be refused.
  const signature = sign('sha256', body, privateKey);
  const certificate = der(0x30, body, ECDSA_WITH_SHA256, der(0x03, Buffer.of(0), signature));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Type, length, value. */
function der(type: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(type, ...size), value]);
}

/** UTCTime, which is what certificates hold for the years before 2050. */
function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

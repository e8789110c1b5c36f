/** Which keys a host may present: Bitbucket's published ones, or those of a known_hosts file. Pure. */
import { createHash, createHmac } from 'node:crypto';

/** A key type as SSH names it, and the key's fingerprint as OpenSSH prints it: `SHA256:…` without padding. */
export type HostKey = { type: string; fingerprint: string };

// Published at https://bitbucket.org/site/ssh since 2023.
const PUBLISHED: readonly HostKey[] = [
  { type: 'ssh-ed25519', fingerprint: 'SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM' },
  { type: 'ecdsa-sha2-nistp256', fingerprint: 'SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0' },
  { type: 'ssh-rsa', fingerprint: 'SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E' },
];
const BITBUCKET_HOSTS = ['ssh.bitbucket.org', 'bitbucket.org', 'altssh.bitbucket.org'];

/** The types that the SSH client can check, in the order in which it asks for them. */
export const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const;

/** Bitbucket's published keys when the host is Bitbucket's; else none. */
export function publishedHostKeys(host: string): HostKey[] {
  return BITBUCKET_HOSTS.includes(host) ? [...PUBLISHED] : [];
}

/**
 * The keys that a known_hosts file gives a host, in the format that sshd(8) describes: lists of names, `[host]:port`,
 * hashed names, wildcards, negation. What stands under @revoked is taken out, certificate authorities are not used.
 * As in OpenSSH, on another port than 22 the lines without a port count when no line names the port.
 */
export function readKnownHosts(text: string, host: string, port: number): HostKey[] {
  const lines = text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
  const find = (name: string) => {
    const found = lines.filter(({ hosts }) => matches(hosts, name));
    const revoked = new Set(found.filter(({ marker }) => marker === '@revoked').map(fingerprintOfLine));
    const keys = found.filter(({ marker }) => marker === null);
    return {
      revoked,
      keys: keys.map((line) => ({ type: line.type, fingerprint: fingerprintOfLine(line) })),
    };
  };
  const plain = find(host);
  const ported = port === 22 ? plain : find(`[${host}]:${port}`);
  const keys = ported.keys.length > 0 ? ported.keys : plain.keys;
  const revoked = new Set([...ported.revoked, ...plain.revoked]);
  const unique = new Map(keys.map((key) => [key.fingerprint, key]));
  return [...unique.values()].filter(({ fingerprint }) => !revoked.has(fingerprint));
}

/** The fingerprint of a key in SSH's wire format, as OpenSSH prints it. */
export function fingerprintOfBlob(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

type Line = { marker: string | null; hosts: string; type: string; blob: Buffer };

const fingerprintOfLine = ({ blob }: Line) => fingerprintOfBlob(blob);

function parseLine(line: string): Line | null {
  const fields = line.trim().split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? (fields.shift() ?? null) : null;
  const [hosts, type, base64] = fields;
  if (!hosts || hosts.startsWith('#') || !type || !base64) return null;
  if (!(KEY_TYPES as readonly string[]).includes(type)) return null;
  const blob = Buffer.from(base64, 'base64');
  // A key names its own type; what does not is cut short or no key.
  const named = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : '';
  return named === type ? { marker, hosts, type, blob } : null;
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  let found = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!wildcard(negated ? pattern.slice(1) : pattern).test(name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** `|1|salt|hash`: the HMAC-SHA1 of the name, keyed with the salt. */
function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || !salt || !hash) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

function wildcard(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
}

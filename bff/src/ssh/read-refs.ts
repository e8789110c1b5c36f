/**
 * Proves a deploy key by using it: logs in over SSH and has the repository's refs read out, as `git ls-remote` does.
 * The private key stays in memory, and the server is known by its host key before anything is said about ours.
 */
import { connect } from 'node:net';
import type { Logger } from 'pino';
import type { Counter, Histogram } from 'prom-client';
// Its default export: Node.js finds not every name in a CommonJS module.
import ssh2, { type ClientErrorExtensions } from 'ssh2';
import type { SshConfig } from '../config.ts';
import { fingerprintOfBlob, KEY_TYPES } from './host-keys.ts';
import { readAdvertisement } from './ref-advertisement.ts';

export type SshProof =
  | { kind: 'reads' }
  /** The login or the repository was refused; `words` as git would show them. */
  | { kind: 'refused'; words: string }
  /** `presented`: the `SHA256:…` fingerprint of the key that is not pinned; words where the server had none to show. */
  | { kind: 'host-key-mismatch'; presented: string }
  /** Network, time, protocol: proves nothing about the key. */
  | { kind: 'unreachable'; words: string };

export type Ssh = {
  /** `fullName`: `workspace/slug`; `privateKey`: PEM without a passphrase. Throws only for a key that is none. */
  readRefs(ask: { fullName: string; privateKey: string }): Promise<SshProof>;
  /** What one gives to `git clone`. */
  cloneUrl(fullName: string): string;
};

export type SshOptions = {
  log: Logger;
  calls: Counter<'provider' | 'what' | 'outcome'>;
  seconds: Histogram<'provider' | 'what'>;
  /** Milliseconds from the first packet to the proof. */
  deadline?: number;
};

/** Bytes of everything that a command may say before it has named a ref. */
const MAX_OUTPUT = 65_536;
/** Characters of a server's words that are kept. */
const MAX_WORDS = 500;
/** Milliseconds that a server gets to end a finished conversation from its side. */
const GOODBYE = 500;
/** How ssh2 says that the server has host keys of other types only. */
const NO_COMMON_KEY_TYPE = /^Handshake failed: no matching host key/;
const CALL = { provider: 'bitbucket', what: 'SSH git-upload-pack' };

/** Makes the reader of refs. */
export function createSsh(config: SshConfig, options: SshOptions): Ssh {
  const { log, calls, seconds, deadline = 8_000 } = options;
  return {
    async readRefs({ fullName, privateKey }) {
      const stop = seconds.startTimer(CALL);
      const proof = await prove(config, fullName, privateKey, deadline);
      const ms = Math.round(stop() * 1000);
      calls.inc({ ...CALL, outcome: proof.kind });
      const level = proof.kind === 'reads' || proof.kind === 'refused' ? 'debug' : 'warn';
      log[level]({ ...CALL, outcome: proof.kind, ms }, 'outbound call');
      return proof;
    },
    cloneUrl: (fullName) => cloneUrlOf(config, fullName),
  };
}

/** Short as git users know it; with its port as a URL, for the short form has no place for one. */
function cloneUrlOf({ user, host, port }: SshConfig, fullName: string): string {
  return port === 22 ? `${user}@${host}:${fullName}.git` : `ssh://${user}@${host}:${port}/${fullName}.git`;
}

function prove(config: SshConfig, fullName: string, privateKey: string, deadline: number): Promise<SshProof> {
  const { user, host, port } = config;
  // Node.js finds no named export of it: the package is CommonJS.
  const parsed = ssh2.utils.parseKey(privateKey);
  // Not the parser's own words: nothing that has seen a private key is quoted.
  if (parsed instanceof Error || !parsed.isPrivateKey()) throw new Error('The private key cannot be read.');

  return new Promise((resolve) => {
    const client = new ssh2.Client();
    // Our own, because the client gives up its socket only while it can still write to it.
    const socket = connect({ host, port });
    const timer = setTimeout(
      () => end({ kind: 'unreachable', words: `No complete answer within ${deadline / 1000} s` }),
      deadline,
    );
    let ended = false;
    function end(proof: SshProof) {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      if (proof.kind === 'reads') {
        client.end();
        const goodbye = setTimeout(() => socket.destroy(), GOODBYE);
        socket.once('close', () => clearTimeout(goodbye));
      } else socket.destroy();
      resolve(proof);
    }
    const unreachable = (words: string) => end({ kind: 'unreachable', words });

    // Stays on after the end: a connection that is torn down may still have something to say.
    client.on('error', (error) => {
      if (NO_COMMON_KEY_TYPE.test(error.message))
        end({ kind: 'host-key-mismatch', presented: 'no key of a type in use' });
      else unreachable(wordsFor(error));
    });
    client.on('close', () => unreachable('The server closed the connection'));
    client.on('end', () => unreachable('The server closed the connection'));
    client.on('ready', () => {
      client.exec(`git-upload-pack ${quoted(`${fullName}.git`)}`, (error, channel) => {
        if (error) return unreachable('The server did not run git-upload-pack');
        let output = Buffer.alloc(0);
        let complaints = Buffer.alloc(0);
        let status: number | null = null;
        const tooMuch = () => output.length + complaints.length > MAX_OUTPUT;
        channel.on('error', () => unreachable('The connection broke'));
        channel.stderr.on('error', () => unreachable('The connection broke'));
        channel.on('data', (chunk: Buffer) => {
          if (ended) return;
          output = Buffer.concat([output, chunk]);
          const read = readAdvertisement(output);
          if (read.kind === 'refs') {
            // A flush says that nothing is wanted; without it git on the other side calls it a broken connection.
            channel.end('0000');
            end({ kind: 'reads' });
          } else if (read.kind === 'refused') refuse(read.words);
          else if (read.kind === 'not-git') unreachable('What the server sent is not from git');
          else if (tooMuch()) unreachable('The server sent too much');
        });
        channel.stderr.on('data', (chunk: Buffer) => {
          if (ended) return;
          complaints = Buffer.concat([complaints, chunk]);
          if (tooMuch()) unreachable('The server sent too much');
        });
        channel.on('exit', (code: number | null) => {
          status = code;
        });
        // Comes after the exit status and the last of the output.
        channel.on('close', () => {
          if (status) refuse(complaints.toString('utf8'));
          else unreachable('git-upload-pack ended without an answer');
        });
      });
    });
    function refuse(said: string) {
      const words = printable(said);
      if (!words) return unreachable('git-upload-pack ended without an answer');
      end(soundsLikeFault(words) ? { kind: 'unreachable', words } : { kind: 'refused', words });
    }

    let asked = false;
    client.connect({
      sock: socket,
      username: user,
      readyTimeout: 0,
      algorithms: { serverHostKey: hostKeyAlgorithms(config) },
      hostVerifier: (blob: Buffer) => {
        const presented = fingerprintOfBlob(blob);
        const known = config.hostKeys.some(({ fingerprint }) => fingerprint === presented);
        if (!known) end({ kind: 'host-key-mismatch', presented });
        return known;
      },
      authHandler: (_left, _partial, next) => {
        // Asked a second time means that the server answered with a refusal: a connection that only ended does not.
        if (asked) {
          return end({ kind: 'refused', words: `${user}@${host}: Permission denied (publickey).` });
        }
        asked = true;
        next({ type: 'publickey', username: user, key: parsed });
      },
    });
  });
}

/** Pinned types first. The others after them, so that a server which has none of those shows what it has, and is refused. */
function hostKeyAlgorithms({ hostKeys }: SshConfig) {
  const pinned = new Set(hostKeys.map(({ type }) => type));
  const types = [...KEY_TYPES].sort((a, b) => Number(pinned.has(b)) - Number(pinned.has(a)));
  // An RSA key signs with SHA-2; what bears the key type's own name is SHA-1.
  return types.flatMap((type) =>
    type === 'ssh-rsa' ? (['rsa-sha2-512', 'rsa-sha2-256'] as const) : ([type] as const),
  );
}

/** As git quotes it for the shell on the other side. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A server's words without control characters and not too long; lines become one. */
function printable(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, MAX_WORDS);
}

/** Words by which a server owns up to a fault of its own: no proof against the key. */
function soundsLikeFault(words: string): boolean {
  return /internal (server )?error|unavailable|maintenance|try again|timed? ?out|overload|too many|rate limit/i.test(
    words,
  );
}

const NETWORK_WORDS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset',
  ETIMEDOUT: 'Connection timed out',
  ENOTFOUND: 'The host name was not found',
  EAI_AGAIN: 'The host name could not be looked up',
  EHOSTUNREACH: 'No route to the host',
  ENETUNREACH: 'The network is unreachable',
  EPIPE: 'Connection reset',
};

/** Words of our own: an error's message can hold whatever the other side sent. */
function wordsFor(error: Error & ClientErrorExtensions): string {
  const code = 'code' in error ? String(error.code) : '';
  if (NETWORK_WORDS[code]) return NETWORK_WORDS[code];
  if (error.level === 'client-socket') return 'The connection broke';
  return 'The server did not answer as SSH servers do';
}

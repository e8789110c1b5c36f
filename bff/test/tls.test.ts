/** The real process with a certificate of its own. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { selfSigned } from './certificate.ts';
import { type Copy, copyProduct, freePort, type RunningProcess } from './process.ts';

let copy: Copy;
beforeEach(async () => {
  copy = await copyProduct();
});
afterEach(() => copy.remove());

async function start(files: { cert: string; key: string }, more: Record<string, string> = {}) {
  const [cert, key] = [join(copy.folder, 'cert.pem'), join(copy.folder, 'key.pem')];
  await Promise.all([writeFile(cert, files.cert), writeFile(key, files.key)]);
  const port = await freePort();
  const process = copy.start({
    PORT: String(port),
    DATA_DIR: join(copy.folder, 'data'),
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    TLS_CERT: cert,
    TLS_KEY: key,
    ...more,
  });
  return { process, port, ca: files.cert };
}

type Running = { process: RunningProcess; port: number; ca: string };

async function get({ port, ca }: Running, path: string): Promise<{ answer: IncomingMessage; body: string }> {
  const asked = request({ host: 'localhost', port, path, ca, agent: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { answer, body: await text(answer) };
}

test('it serves https, nothing older than TLS 1.2 and no plain http, and leaves in order', async () => {
  const running = await start(selfSigned());
  const { process, port, ca } = running;
  await process.says('"listening"');
  expect(process.output()).toContain(`"address":"https://localhost:${port}"`);

  const { answer, body } = await get(running, '/health/ready');
  expect(answer.statusCode).toBe(200);
  expect(body).toContain('ready');
  // Browsers would hold every other program on localhost to it, for two years.
  expect(answer.headers['strict-transport-security']).toBeUndefined();

  const agreed = async (version: SecureVersion) => {
    // So that it is not the client that refuses.
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const only = { minVersion: version, maxVersion: version };
    const socket = connectTls({ host: 'localhost', port, ca, ciphers, ...only });
    const how = await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve(socket.getProtocol()));
      socket.once('error', () => resolve('refused'));
    });
    socket.destroy();
    return how;
  };
  expect(await agreed('TLSv1.1')).toBe('refused');
  expect(await agreed('TLSv1.2')).toBe('TLSv1.2');
  expect(await agreed('TLSv1.3')).toBe('TLSv1.3');
  await expect(fetch(`http://localhost:${port}/health/ready`)).rejects.toThrow();

  // Somebody who connected and never said a word of TLS, and somebody who agreed on it and then asked for nothing.
  const mute = connect(port, 'localhost');
  const idle = connectTls({ host: 'localhost', port, ca });
  for (const socket of [mute, idle]) socket.on('error', () => undefined).resume();
  await Promise.all([once(mute, 'connect'), once(idle, 'secureConnect')]);
  process.signal('SIGTERM');
  expect(await process.ended).toBe(0);
  expect(process.output()).toContain('"stopped"');
  expect(process.output()).not.toContain('did not finish in time');
});

test('a certificate that has run out stops the start with the reason, and the key is not shown', async () => {
  const files = selfSigned({ to: new Date(Date.now() - 1_000), from: new Date(Date.now() - 60_000) });
  const { process } = await start(files, { LOG_LEVEL: 'loud' });
  expect(await process.ended).toBe(1);
  expect(process.output()).toMatch(/^The configuration has 2 mistake\(s\):\n/);
  expect(process.output()).toContain('TLS_CERT names a certificate that expired on ');
  expect(process.output()).toContain('LOG_LEVEL must be one of');
  expect(process.output()).not.toContain(files.key.split('\n')[1]);
});

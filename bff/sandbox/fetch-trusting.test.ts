import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { selfSigned } from '../test/certificate.ts';
import { fetchTrusting } from './fetch-trusting.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Says what it was asked, and where to go. */
async function serve(tls: { cert: string; key: string }): Promise<string> {
  const server = createServer(tls, async (request, response) => {
    const said = { method: request.method, type: request.headers['content-type'], body: await text(request) };
    response.writeHead(303, [
      ['location', '/elsewhere'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    response.end(JSON.stringify(said));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the certificate that is trusted may have any name; the answer comes whole and redirects are not followed', async () => {
  const tls = selfSigned({ names: ['ci.example.com'] });
  const ask = fetchTrusting(tls.cert);
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(
    new Request(`${await serve(tls)}/in`, { method: 'POST', headers, body: '{"a":1}' }),
  );
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/elsewhere');
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await answer.json()).toEqual({ method: 'POST', type: 'application/json', body: '{"a":1}' });
});

test('another certificate is not believed, also one of the same name', async () => {
  const ask = fetchTrusting(selfSigned().cert);
  const url = await serve(selfSigned());
  await expect(ask(new Request(url))).rejects.toMatchObject({
    code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO|SIGNATURE/),
  });
});

test('who asks may stop waiting', async () => {
  const tls = selfSigned();
  const request = new Request(await serve(tls), { signal: AbortSignal.abort() });
  await expect(fetchTrusting(tls.cert)(request)).rejects.toMatchObject({ name: 'AbortError' });
});

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { checkServerIdentity, getCACertificates } from 'node:tls';
import type { Send } from './bitbucket/deliveries.ts';

/**
 * `fetch` that also believes whoever shows this one certificate (PEM), under any name: the product is asked at
 * 127.0.0.1 whatever its certificate is called. Everybody else has to prove themselves as usual. Follows no redirects.
 */
export function fetchTrusting(pem: string): Send {
  const own = new X509Certificate(pem).fingerprint256;
  const agent = new Agent({
    ca: [...getCACertificates(), pem],
    // Also when somebody else's root signed it: it is this certificate that we know.
    allowPartialTrustChain: true,
    checkServerIdentity: (host, peer) =>
      peer.fingerprint256 === own ? undefined : checkServerIdentity(host, peer),
  });
  return async (asked) => {
    if (!asked.url.startsWith('https:')) return fetch(asked);
    const { method, headers, signal } = asked;
    const body = Buffer.from(await asked.arrayBuffer());
    const outgoing = request(asked.url, { agent, method, headers: Object.fromEntries(headers), signal });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const content = await buffer(incoming);
    const answer = new Headers();
    for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
      for (const value of values) answer.append(name, value);
    }
    return new Response(content.length > 0 ? content : null, {
      status: incoming.statusCode ?? 0,
      headers: answer,
    });
  };
}

/**
 * Live reload: Vite serves the sources of the page, everything else comes from the BFF behind it (BFF_URL). A page is
 * the source's index.html with the first data that the BFF put into its own.
 */
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Connect, Plugin, ViteDevServer } from 'vite';

/** Where index.html wants the first data; the BFF fills the same place in the built page. */
const place = '<!--first-data-->';
const firstData = /<script\b[^>]*\bid="first-data"[^>]*>[\s\S]*?<\/script>/;

/** A Vite plugin that puts the BFF behind the dev server; without BFF_URL (tests, build) it does nothing. */
export function devServer(): Plugin {
  const bff = process.env.BFF_URL;
  const hostname = process.env.PUBLIC_URL ? new URL(process.env.PUBLIC_URL).hostname : 'localhost';
  return {
    name: 'bff-behind-dev-server',
    apply: (_config, { command }) => command === 'serve' && bff !== undefined,
    config: () => ({
      // Vite's own answer to a page address would come before the BFF's.
      appType: 'custom',
      server: {
        host: process.env.VITE_HOST ?? '127.0.0.1',
        allowedHosts: [hostname],
        // The BFF decides which origins may do what.
        cors: false,
      },
    }),
    configureServer(server) {
      // `npm run dev` is gone, even if by force: so is this.
      process.once('disconnect', () => void server.close().finally(() => process.exit()));
      return () => {
        server.middlewares.use((incoming, outgoing) =>
          forward(server, new URL(bff ?? ''), incoming, outgoing),
        );
      };
    },
  };
}

/** Hands a request to the BFF as it came (Host and Origin too), and its answer back. */
function forward(
  server: ViteDevServer,
  bff: URL,
  incoming: Connect.IncomingMessage,
  outgoing: ServerResponse,
) {
  // Vite's middlewares change the address on their way; Connect keeps what was asked for.
  const path = incoming.originalUrl ?? incoming.url ?? '/';
  const wantsPage = incoming.headers.accept?.includes('text/html') ?? false;
  const headers = wantsPage ? { ...incoming.headers, 'accept-encoding': 'identity' } : incoming.headers;
  const asked = request(new URL(path, bff), { method: incoming.method, headers }, async (answer) => {
    try {
      const isPage = wantsPage && answer.headers['content-type']?.startsWith('text/html');
      if (!isPage || incoming.method === 'HEAD') {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      const page = await text(answer);
      const block = firstData.exec(page)?.[0];
      const headers = withoutBodyHeaders(answer.headers);
      // Vite's own scripts and styles are inline: the policy of the real page would stop them.
      if (block) delete headers['content-security-policy'];
      outgoing.writeHead(answer.statusCode ?? 502, headers);
      outgoing.end(block ? await livePage(server, path, block) : page);
    } catch (error) {
      outgoing.destroy(error as Error);
    }
  });
  asked.on('error', () => {
    if (outgoing.headersSent) return outgoing.destroy();
    outgoing.writeHead(502, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' });
    outgoing.end(
      'The BFF does not answer: it is restarting, or it stopped with an error (see the terminal).',
    );
  });
  outgoing.on('close', () => asked.destroy());
  incoming.pipe(asked);
}

/** The source's page with the BFF's first data in it. */
async function livePage(server: ViteDevServer, path: string, block: string): Promise<string> {
  const source = await readFile(join(server.config.root, 'index.html'), 'utf8');
  return await server.transformIndexHtml(
    path,
    source.replace(place, () => block),
  );
}

/** The headers without what was true only of the body as it was sent. */
function withoutBodyHeaders(headers: IncomingMessage['headers']) {
  const { 'content-length': _length, 'transfer-encoding': _encoding, etag: _etag, ...rest } = headers;
  return rest;
}

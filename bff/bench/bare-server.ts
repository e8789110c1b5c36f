/** The least that a receiver can do: read the body, verify it, insert it into one table, answer. */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';

const { PORT, DATA_DIR = '', DATABASE_URL, HOOK_SECRET = '' } = process.env;
const database = DATABASE_URL
  ? new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
  : await PGlite.create(join(DATA_DIR, 'postgres', 'cluster'));
const query = (sql: string, values: unknown[] = []): Promise<unknown> =>
  database instanceof PGlite ? database.query(sql, values) : database.query(sql, values);
await query('create table bare (id uuid primary key, request text unique, body bytea not null)');

createServer(async (incoming, outgoing) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const expected = `sha256=${createHmac('sha256', HOOK_SECRET).update(body).digest('hex')}`;
  const given = Buffer.from(String(incoming.headers['x-hub-signature']));
  if (given.length !== expected.length || !timingSafeEqual(given, Buffer.from(expected))) {
    outgoing.writeHead(401).end();
    return;
  }
  const values = [randomUUID(), incoming.headers['x-request-uuid'], body];
  await query('insert into bare (id, request, body) values ($1, $2, $3) on conflict do nothing', values);
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"stored"}');
}).listen(Number(PORT), '127.0.0.1', () => process.stdout.write('listening\n'));

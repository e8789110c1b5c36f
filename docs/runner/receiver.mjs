// A runner's door: checks the signature, takes each workflow once. PORT and RUNNER_SECRET come from the environment.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const { PORT = '4000', RUNNER_SECRET = '' } = process.env;
const taken = new Set(); // A real runner keeps these where a restart does not lose them.

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const expected = Buffer.from(`sha256=${createHmac('sha256', RUNNER_SECRET).update(body).digest('hex')}`);
  const given = Buffer.from(String(request.headers['x-semaphore-signature']));
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return response.writeHead(401).end();
  const { id, ref, commit } = JSON.parse(body.toString());
  if (!taken.has(id)) console.log(`workflow ${id}: ${ref.type} ${ref.name} at ${commit.hash}`);
  taken.add(id);
  response.writeHead(200).end();
}).listen(Number(PORT), '127.0.0.1', () => console.log('listening'));

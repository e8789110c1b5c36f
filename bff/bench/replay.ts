/**
 * Replays a folder of payloads, signed, through the running product, and says what became of each:
 *
 *     node bench/replay.ts FOLDER [EXPECTATIONS]
 *
 * Every file gets a project of its own, with a webhook for the repository that the file names. EXPECTATIONS is a JSON
 * file that says of some files, by their path in the folder, what has to become of them; then only those are replayed,
 * and the exit status is 1 when one of them became something else.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivityView, DeliveryItem } from '../src/activity/view.ts';
import { copyProduct, freePort } from '../test/process.ts';
import { deliverTo, type Rig, seedWebhooks } from '../test/webhook-rig.ts';

type Payload = { name: string; bytes: Buffer; event: string; repository: string };

const PATIENCE = 60_000;
/** Digits of a commit's hash that are enough to know it by. */
const DIGITS = 12;

const [folder, expectationsFile] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('Usage: replay.ts FOLDER [EXPECTATIONS]\n');
  process.exit(2);
}
const expected = expectationsFile
  ? (JSON.parse(await readFile(expectationsFile, 'utf8')) as Record<string, string>)
  : null;
process.exitCode = await replay(resolve(folder), expected);

async function replay(root: string, wanted: Record<string, string> | null): Promise<number> {
  const payloads = await readPayloads(root, wanted ? Object.keys(wanted) : await jsonFiles(root));
  const copy = await copyProduct();
  try {
    const env = {
      PORT: String(await freePort()),
      PUBLIC_URL: 'http://localhost:3000',
      DATA_DIR: join(copy.folder, 'data'),
      ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    };
    const { rigs, cookie } = await seedWebhooks(
      env,
      payloads.map(({ repository }) => repository),
    );
    const product = copy.start(env);
    await product.says('"listening"');
    let wrong = 0;
    for (const [index, payload] of payloads.entries()) {
      const rig = rigs[index] as Rig;
      const status = await deliverTo(env.PORT, rig, payload.bytes, randomUUID(), payload.event);
      const became = status === 200 ? await outcome(env.PORT, cookie, rig) : `refused: ${status}`;
      const should = wanted?.[payload.name];
      const fits = should === undefined || should === became;
      if (!fits) wrong += 1;
      process.stdout.write(
        `${fits ? ' ' : '✗'} ${payload.name}: ${became}${fits ? '' : ` (expected ${should})`}\n`,
      );
    }
    process.stdout.write(`${payloads.length} payloads, ${wrong} not as expected\n`);
    product.signal('SIGTERM');
    await product.ended;
    return wrong === 0 ? 0 : 1;
  } finally {
    await copy.remove();
  }
}

async function jsonFiles(root: string): Promise<string[]> {
  const files = await readdir(root, { recursive: true });
  return files.filter((name) => name.endsWith('.json')).sort();
}

async function readPayloads(root: string, names: string[]): Promise<Payload[]> {
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(root, name));
      const body = parse(bytes);
      // A payload that names none can be for any.
      const repository = body?.repository?.uuid ?? `{${randomUUID()}}`;
      return { name, bytes, event: eventOf(body), repository };
    }),
  );
}

type Body = { push?: unknown; pullrequest?: unknown; changes?: unknown; repository?: { uuid?: string } };

function parse(bytes: Buffer): Body | null {
  try {
    return JSON.parse(bytes.toString()) as Body | null;
  } catch {
    return null;
  }
}

/** The event that a body looks like: files carry no headers. */
function eventOf(body: Body | null): string {
  if (body?.push) return 'repo:push';
  if (body?.pullrequest) return 'pullrequest:updated';
  return body?.changes ? 'repo:updated' : 'repo:commit_status_updated';
}

/** What the Activity page says became of the project's one delivery. */
async function outcome(port: string, cookie: string, { project }: Rig): Promise<string> {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    const address = `http://127.0.0.1:${port}/api/organizations/harbour/projects/${project}/activity`;
    const response = await fetch(address, { headers: { cookie } });
    if (response.status !== 200) return `the Activity page says ${response.status}`;
    const { items } = (await response.json()) as ActivityView;
    const delivery = items.find((item): item is DeliveryItem => item.kind === 'delivery');
    if (delivery && delivery.state !== 'received') return describe(delivery);
    await sleep(50);
  }
  return 'nothing, in a minute';
}

function describe({ state, reason, moves, workflows }: DeliveryItem): string {
  if (state === 'ignored') return `ignored: ${reason}`;
  if (workflows.length === 0) return 'look';
  const lines = workflows.map(({ ref }) => {
    const move = moves.find(({ refType, refName }) => refType === ref.type && refName === ref.name);
    return `${ref.type} ${ref.name} ${move?.newHash?.slice(0, DIGITS)}`;
  });
  return lines.join(', ');
}

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { Gauge, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { dump } from '../../test/dump.ts';
import { addWebhook, deliver, type Hooked, hookedProject, type Webhook, work } from '../../test/hooked.ts';
import { type Product, startProduct } from '../../test/product.ts';
import { hash, moved, push } from '../../test/push-payload.ts';
import { signatureOf } from '../../test/signature.ts';
import { createApp } from '../app.ts';
import { sendDueJobs } from '../jobs/due.ts';
import { exposeQueues } from '../jobs/gauges.ts';
import { workOnDeliveries } from './work.ts';

async function setUp(): Promise<Hooked & { body: string }> {
  const hooked = await hookedProject(await startProduct());
  return { ...hooked, body: JSON.stringify(push(hooked.repository, moved('a', 'b'))) };
}

const deliveries = ({ deps: { db } }: Product) =>
  db.selectFrom('delivery').selectAll().orderBy('seq').execute();

describe('WH-01 only a signature of the exact bytes opens the door', () => {
  test('a delivery as Bitbucket signs it is stored and answered with 200, without a cookie', async () => {
    const { product, webhook, body } = await setUp();
    const answer = await deliver(product, webhook, body);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'stored' }]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const [stored, ...others] = await deliveries(product);
    expect(others).toEqual([]);
    expect(stored).toMatchObject({ credentialId: webhook.id, event: 'repo:push', state: 'received' });
    expect(Buffer.from(stored?.payload ?? '', stored?.encoding).toString()).toBe(body);
  });

  test.each<[string, (given: { body: string; secret: string; good: string }) => string | null]>([
    ['none', () => null],
    ['an empty one', () => ''],
    ['short', ({ good }) => good.slice(0, -1)],
    ['long', ({ good }) => `${good}0`],
    ['upper case', ({ good }) => good.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase())],
    ['an upper case name', ({ good }) => good.replace('sha256', 'SHA256')],
    ['not hexadecimal', ({ good }) => good.replace(/.$/, 'g')],
    ['sha1', () => `sha1=${'a'.repeat(40)}`],
    ['without its name', ({ good }) => good.replace('sha256=', '')],
    ['two in one', ({ good }) => `${good}, ${good}`],
    ['of other bytes', ({ secret, body }) => signatureOf(secret, `${body} `)],
    ['with another secret', ({ body }) => signatureOf('another', body)],
    ['with no secret', ({ body }) => signatureOf('', body)],
    ['base64', ({ good }) => `sha256=${Buffer.from(good.slice(7), 'hex').toString('base64')}`],
  ])('%s is refused with 401, and nothing is written', async (_name, make) => {
    const { product, webhook, body } = await setUp();
    const before = await dump(product);
    const signature = make({ body, secret: webhook.secret, good: signatureOf(webhook.secret, body) });
    const answer = await deliver(product, webhook, body, { signature });
    expect(answer.status).toBe(401);
    expect(await dump(product)).toEqual(before);
  });

  test('two signature headers are none, even when one is right', async () => {
    const { product, webhook, body } = await setUp();
    const headers = new Headers({ 'x-event-key': 'repo:push' });
    headers.append('x-hub-signature', signatureOf(webhook.secret, body));
    headers.append('x-hub-signature', signatureOf('another', body));
    const answer = await product.app.request(webhook.path, { method: 'POST', headers, body });
    expect(answer.status).toBe(401);
    expect(await deliveries(product)).toEqual([]);
  });

  test('whatever stands in the header but the one right signature is refused', async () => {
    const { product, webhook, body } = await setUp();
    const before = await dump(product);
    const good = signatureOf(webhook.secret, body);
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), maxLength: 70 });
    const header = fc.oneof(
      hex.map((digits) => `sha256=${digits}`),
      fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
      fc
        .nat(good.length - 1)
        .map((at) => `${good.slice(0, at)}${good[at] === '0' ? '1' : '0'}${good.slice(at + 1)}`),
    );
    await fc.assert(
      fc.asyncProperty(header, async (signature) => {
        fc.pre(signature !== good);
        expect((await deliver(product, webhook, body, { signature })).status).toBe(401);
      }),
      { numRuns: 300 },
    );
    expect(await dump(product)).toEqual(before);
  });

  test.each([
    ['a byte order mark', (body: string) => Buffer.concat([Buffer.from('\ufeff'), Buffer.from(body)])],
    ['letters beyond ASCII', (body: string) => Buffer.from(body.replace('Nora', 'Ñöra 🌊'))],
    ['escapes and spaces', (body: string) => Buffer.from(` ${body.replaceAll(':', ' : ')}\n`)],
    ['bytes that are no text', () => Buffer.from([0xff, 0x00, 0xfe, 0x22])],
  ])('a body with %s is signed as the bytes that it is', async (_name, make) => {
    const { product, webhook, body } = await setUp();
    const bytes = make(body);
    expect((await deliver(product, webhook, bytes)).status).toBe(200);
    const [stored] = await deliveries(product);
    expect(Buffer.compare(Buffer.from(stored?.payload ?? '', stored?.encoding), bytes)).toBe(0);
  });

  test.each(['gzip', 'br', 'GZIP', 'x-anything'])(
    'a body with Content-Encoding %s is not unpacked',
    async (encoding) => {
      const { product, webhook, body } = await setUp();
      const answer = await deliver(product, webhook, body, { headers: { 'content-encoding': encoding } });
      expect(answer.status).toBe(415);
      expect(await deliveries(product)).toEqual([]);
    },
  );
});

describe('WH-02 a secret opens its own address, for its own repository, and no other', () => {
  test('an address of nobody and a wrong signature are answered alike', async () => {
    const { product, webhook, body } = await setUp();
    const told = async (address: Webhook) => {
      const answer = await deliver(product, address, body, { signature: signatureOf('wrong', body) });
      const headers = Object.fromEntries(answer.headers);
      return [answer.status, await answer.text(), { ...headers, 'x-request-id': '' }];
    };
    const refused = await told(webhook);
    expect(refused[0]).toBe(401);
    const nobody = (id: string) => ({ ...webhook, path: `/hooks/bitbucket/${id}` });
    expect(await told(nobody(randomUUID()))).toEqual(refused);
    expect(await told(nobody('no-id'))).toEqual(refused);
  });

  test("a project's signature does not open another one's address", async () => {
    const product = await startProduct();
    const { repository, webhook } = await hookedProject(product);
    const other = await addWebhook(await hookedProject(product, 'harbour-works/charts'));
    const body = JSON.stringify(push(repository, moved('a', 'b')));
    const answer = await deliver(product, other, body, { signature: signatureOf(webhook.secret, body) });
    expect(answer.status).toBe(401);
  });

  test('a payload about another repository is refused with 400, and nothing is written', async () => {
    const { product, webhook } = await setUp();
    const before = await dump(product);
    const foreign = push({ uuid: `{${randomUUID()}}` }, moved('a', 'b'));
    expect((await deliver(product, webhook, foreign)).status).toBe(400);
    expect(await dump(product)).toEqual(before);
  });

  test.each(['intended', 'present', 'active', 'retiring'] as const)(
    'a webhook that is %s is heard: the change of webhooks loses nothing',
    async (state) => {
      const { body, ...hooked } = await setUp();
      const webhook = await addWebhook(hooked, state);
      expect((await deliver(hooked.product, webhook, body)).status).toBe(200);
    },
  );

  test('WH-03 one that is gone has no secret left, and nothing opens it', async () => {
    const { product, webhook, body } = await setUp();
    const { db } = product.deps;
    await db
      .updateTable('credential')
      .set({ state: 'gone', material: null })
      .where('id', '=', webhook.id)
      .execute();
    for (const secret of [webhook.secret, '', 'null', 'undefined']) {
      const answer = await deliver(product, webhook, body, { signature: signatureOf(secret, body) });
      expect(answer.status).toBe(401);
    }
  });
});

describe('WH-04 however often it is told, it is one delivery', () => {
  test("Bitbucket's second try is answered with 200 and changes nothing", async () => {
    const { product, webhook, body } = await setUp();
    const requestId = randomUUID();
    await deliver(product, webhook, body, { requestId });
    const before = await dump(product);
    const again = await deliver(product, webhook, body, { requestId, headers: { 'x-attempt-number': '2' } });
    expect([again.status, await again.json()]).toEqual([200, { status: 'known' }]);
    expect(await dump(product)).toEqual(before);
  });

  test('without an id the content is the id', async () => {
    const { product, webhook, body } = await setUp();
    for (let round = 0; round < 3; round += 1) await deliver(product, webhook, body, { requestId: null });
    expect(await deliveries(product)).toHaveLength(1);
  });

  test('tries that come at once on two replicas are stored once', async () => {
    const { product, webhook, body } = await setUp();
    const replicas = [product, await product.replica(), await product.replica()];
    const requestId = randomUUID();
    const answers = await Promise.all(
      replicas.flatMap((replica) => [1, 2, 3].map(() => deliver(replica, webhook, body, { requestId }))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await deliveries(product)).toHaveLength(1);
    await work(product);
    expect(await product.deps.db.selectFrom('workflow').select('id').execute()).toHaveLength(1);
  });
});

describe('WH-05 stored means committed, whatever becomes of the job', () => {
  test('when the delivery cannot be written the answer says so', async () => {
    const { product, webhook, body } = await setUp();
    const { db } = product.deps;
    await sql`alter table delivery add constraint full_disk check (size < 0) not valid`.execute(db);
    const answer = await deliver(product, webhook, body);
    await sql`alter table delivery drop constraint full_disk`.execute(db);
    expect(answer.status).toBe(500);
    expect(await deliveries(product)).toEqual([]);
  });

  test('when its job cannot be written it is stored, and worked on by the round that finds it', async () => {
    const { product, webhook, body } = await setUp();
    const jobs = { ...product.deps.jobs, send: () => Promise.reject(new Error('no room')) };
    const deps = { ...product.deps, jobs, metrics: new Registry() };
    expect((await deliver({ app: createApp(deps, null) }, webhook, body)).status).toBe(200);
    await deps.background.settled();
    const waiting = () => sql`select id from jobs.job where state = 'created'`.execute(product.deps.db);
    expect((await waiting()).rows).toEqual([]);
    product.travel(30_000);
    await sendDueJobs(product.deps);
    expect((await waiting()).rows).not.toEqual([]);
    await work(product);
    expect(await deliveries(product)).toMatchObject([{ state: 'done' }]);
  });

  test('many that arrive at once are one job, and all of them are worked on', async () => {
    const { product, webhook, repository } = await setUp();
    const bodies = Array.from({ length: 30 }, (_, n) =>
      push(repository, { old: null, new: { name: `branch-${n}`, hash: hash('b') } }),
    );
    const answers = await Promise.all(bodies.map((body) => deliver(product, webhook, body)));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    await product.deps.background.settled();
    const jobs = await sql`select id from jobs.job where name = 'deliveries'`.execute(product.deps.db);
    expect(jobs.rows.length).toBeLessThan(bodies.length);
    await work(product);
    const made = await product.deps.db.selectFrom('workflow').select('refName').execute();
    expect(made.map(({ refName }) => refName).sort()).toEqual(bodies.map((_, n) => `branch-${n}`).sort());
  });
});

describe('WH-07 large and slow bodies', () => {
  const big = (hooked: Hooked, bytes: number) => {
    const payload = { ...push(hooked.repository, moved('a', 'b')), filler: '' };
    const rest = bytes - JSON.stringify(payload).length;
    return JSON.stringify({ ...payload, filler: 'x'.repeat(rest) });
  };

  test('a megabyte is taken, four times what Bitbucket sends', async () => {
    const hooked = await setUp();
    expect((await deliver(hooked.product, hooked.webhook, big(hooked, 1_048_576))).status).toBe(200);
  });

  test('one byte more is refused with 413, whatever the length that was announced', async () => {
    const hooked = await setUp();
    const body = big(hooked, 1_048_577);
    for (const length of [null, '1', String(body.length)]) {
      const headers: Record<string, string> = length ? { 'content-length': length } : {};
      const stream = new ReadableStream({
        start(controller) {
          for (let at = 0; at < body.length; at += 65_536) {
            controller.enqueue(Buffer.from(body.slice(at, at + 65_536)));
          }
          controller.close();
        },
      });
      const request = new Request(`https://product.test${hooked.webhook.path}`, {
        method: 'POST',
        headers: { ...headers, 'x-hub-signature': signatureOf(hooked.webhook.secret, body) },
        body: stream,
        duplex: 'half',
      });
      expect((await hooked.product.app.fetch(request)).status).toBe(413);
    }
    expect(await deliveries(hooked.product)).toEqual([]);
  });

  test('a body that breaks off is refused, and nothing is written', async () => {
    const { product, webhook, body } = await setUp();
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.from(body.slice(0, 20)));
        controller.error(new Error('reset'));
      },
    });
    const request = new Request(`https://product.test${webhook.path}`, {
      method: 'POST',
      headers: { 'x-hub-signature': signatureOf(webhook.secret, body) },
      body: stream,
      duplex: 'half',
    });
    expect((await product.app.fetch(request)).status).toBe(400);
    expect(await deliveries(product)).toEqual([]);
  });
});

describe('WH-06 the answer waits for nobody', () => {
  test('with Bitbucket down a delivery is stored and answered', async () => {
    const { product, webhook, body } = await setUp();
    product.sandbox.faults.set('bitbucket:all', 'hang');
    product.sandbox.requests.clear();
    expect((await deliver(product, webhook, body)).status).toBe(200);
    expect(product.sandbox.requests({ service: 'bitbucket' })).toEqual([]);
  });
});

describe('what operators see', () => {
  test('how many deliveries are not worked on yet, and how many workflows are unfinished', async () => {
    const { product, webhook, body } = await setUp();
    const seen = async () => {
      const text = await product.deps.metrics.metrics();
      return text.split('\n').filter((line) => /^(hook_deliveries_unworked|workflows_unfinished)/.test(line));
    };
    await deliver(product, webhook, body);
    expect(await seen()).toContain('hook_deliveries_unworked 1');
    await workOnDeliveries(product.deps, (await deliveries(product))[0]?.projectId ?? '');
    expect(await seen()).toEqual([
      'hook_deliveries_unworked 0',
      'workflows_unfinished{state="created"} 1',
      'workflows_unfinished{state="reading"} 0',
      'workflows_unfinished{state="waiting"} 0',
      'workflows_unfinished{state="handing-over"} 0',
    ]);
  });

  test('while the database is away the other numbers are still told', async () => {
    const registry = new Registry();
    const db = {
      selectFrom() {
        throw new Error('away');
      },
    };
    exposeQueues(registry, db as never);
    new Gauge({ name: 'another', help: 'One that needs no database', registers: [registry] }).set(7);
    const text = await registry.metrics();
    expect(text).toContain('another 7');
    expect(text).not.toMatch(/^(hook_deliveries_unworked|workflows_unfinished)/m);
  });
});

describe('what is logged', () => {
  test('neither secret nor signature nor payload', async () => {
    const { product, webhook, body } = await setUp();
    await deliver(product, webhook, body);
    await deliver(product, webhook, body, { signature: signatureOf('wrong', body) });
    await work(product);
    expect(product.logs()).not.toContain(webhook.secret);
    expect(product.logs()).not.toContain(signatureOf(webhook.secret, body).slice(7));
    expect(product.logs()).not.toContain(hash('b'));
  });
});

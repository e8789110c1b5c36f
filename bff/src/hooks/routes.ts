/**
 * Where Bitbucket delivers. The order is the point: nothing is stored before the signature and the repository are
 * proved, and nothing is answered with success before it is stored. What a delivery means is worked out afterwards.
 */
import { isUtf8 } from 'node:buffer';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { Counter } from 'prom-client';
import type { Deps } from '../deps.ts';
import { parsePayload, repositoryOf } from './payload.ts';
import { readRawBody } from './raw-body.ts';
import { isSignedWith, readSignature } from './signature.ts';
import { createWaking } from './wake.ts';

/** Four times what Bitbucket sends at most. */
const LIMITS = { bytes: 1_048_576, milliseconds: 10_000 };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The answers, each with what an operator has to know and nothing about which webhooks there are. */
const REFUSALS = {
  compressed: [415, 'Send the body as it is, without a Content-Encoding.'],
  'too-large': [413, `A delivery may have at most ${LIMITS.bytes} bytes.`],
  'too-slow': [408, 'The body did not arrive in time.'],
  broken: [400, 'The body did not arrive whole.'],
  unsigned: [401, 'There is no webhook at this address that made this signature.'],
  'other-repository': [400, 'This webhook belongs to another repository.'],
} as const;
type Outcome = keyof typeof REFUSALS | 'stored' | 'known';

type Webhook = { id: string; projectId: string; repositoryUuid: string; secret: string };

/** `POST /hooks/bitbucket/:id`, `:id` being the webhook's generation. */
export function hookRoutes(deps: Deps) {
  const { metrics, log } = deps;
  const outcomes = new Counter({
    name: 'hook_deliveries_total',
    help: 'Deliveries of webhooks by how they were answered',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const decoy = createDecoy(deps);
  const wake = createWaking(deps);

  return new Hono().post('/hooks/bitbucket/:id', async (c) => {
    const answer = (outcome: Outcome) => {
      outcomes.inc({ outcome });
      if (outcome === 'stored' || outcome === 'known') return c.json({ status: outcome }, 200);
      const [status, title] = REFUSALS[outcome];
      const body = { type: `urn:semaphore:problem:${outcome}`, title, status, code: outcome };
      return c.json(body, status, { 'Content-Type': 'application/problem+json' });
    };
    // A signature is over bytes that everybody saw: unpacking comes first nowhere.
    const encoding = c.req.header('content-encoding');
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return answer('compressed');
    const signature = readSignature(c.req.header('x-hub-signature'));
    if (!signature) return answer('unsigned');
    const body = await readRawBody(c.req.raw, LIMITS);
    if (!body.ok) return answer(body.why);

    const webhook = await findWebhook(deps, c.req.param('id'));
    // Without a webhook the same work is done for nothing, so that the time tells as little as the answer.
    const proved =
      isSignedWith(webhook ? webhook.secret : decoy(), body.bytes, signature) && webhook !== null;
    if (!proved) return answer('unsigned');

    const named = repositoryOf(parsePayload(body.bytes));
    if (named !== null && named !== webhook.repositoryUuid.toLowerCase()) {
      log.warn({ credential: webhook.id }, 'a signed delivery is about another repository');
      return answer('other-repository');
    }
    const outcome = await store(deps, webhook, c, body.bytes);
    if (outcome === 'stored') wake(webhook.projectId);
    return answer(outcome);
  });
}

/** The webhook as long as there is a secret to prove it by: also one that is coming, and one that is going. */
async function findWebhook({ db, sealer }: Deps, id: string): Promise<Webhook | null> {
  if (!UUID.test(id)) return null;
  const row = await db
    .selectFrom('credential')
    .select(['id', 'projectId', 'repositoryUuid', 'material'])
    .where('id', '=', id)
    .where('kind', '=', 'webhook')
    .where('state', 'in', ['intended', 'present', 'active', 'retiring'])
    .executeTakeFirst();
  if (!row?.material) return null;
  const secret = sealer.open(row.material, `credential/${row.id}/material`);
  return { id: row.id, projectId: row.projectId, repositoryUuid: row.repositoryUuid, secret };
}

/** A secret of nobody, opened as slowly as a real one. */
function createDecoy({ sealer }: Deps): () => string {
  const place = 'credential/none/material';
  const sealed = sealer.seal(randomBytes(32).toString('base64url'), place);
  return () => sealer.open(sealed, place);
}

/** A second delivery of the same request finds the first. */
async function store(
  { db, now }: Deps,
  webhook: Webhook,
  c: Context,
  bytes: Uint8Array,
): Promise<'stored' | 'known'> {
  const row = {
    id: randomUUID(),
    projectId: webhook.projectId,
    credentialId: webhook.id,
    requestId: readId(c.req.header('x-request-uuid')) ?? createHash('sha256').update(bytes).digest('hex'),
    hookId: readId(c.req.header('x-hook-uuid')),
    event: readId(c.req.header('x-event-key')) ?? '',
    attempt: readAttempt(c.req.header('x-attempt-number')),
    receivedAt: now(),
    ...storable(bytes),
    size: bytes.byteLength,
    state: 'received' as const,
  };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('delivery')
    .values(row)
    .onConflict((conflict) => conflict.columns(['credentialId', 'requestId']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 0n ? 'known' : 'stored';
}

/** Columns of bytes cost the embedded database more than the rest together. */
function storable(bytes: Uint8Array): { payload: string; encoding: 'utf8' | 'base64' } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // PostgreSQL's text holds no NUL, and reading drops a byte order mark.
  const isText = isUtf8(buffer) && !buffer.includes(0) && !(buffer[0] === 0xef && buffer[1] === 0xbb);
  return isText
    ? { payload: buffer.toString('utf8'), encoding: 'utf8' }
    : { payload: buffer.toString('base64'), encoding: 'base64' };
}

/** Visible characters, at most a hundred. */
function readId(value: string | undefined): string | null {
  return value !== undefined && /^[\x21-\x7e]{1,100}$/.test(value) ? value : null;
}

function readAttempt(value: string | undefined): number {
  return value !== undefined && /^[1-9]\d{0,2}$/.test(value) ? Number(value) : 1;
}

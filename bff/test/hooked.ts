/** A project with a webhook, made without asking anybody, and what Bitbucket sends to it. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { repositoryNamed } from '../sandbox/world.ts';
import type { JobName } from '../src/jobs/jobs.ts';
import { jobHandlers } from '../src/jobs/start.ts';
import type { RunOn, Whitelist } from '../src/projects/settings.ts';
import { type Browser, createBrowser } from './browser.ts';
import { type Product, PUBLIC_URL } from './product.ts';
import { signatureOf } from './signature.ts';

export type Hooked = {
  product: Product;
  /** Of the owner, whose grant the project uses. */
  browser: Browser;
  projectId: string;
  /** Address of the project in the API. */
  path: string;
  repository: { uuid: string; fullName: string };
  webhook: Webhook;
};
export type Webhook = { id: string; secret: string; path: string };

let made = 0;

/** Nora's project of one of the sandbox's repositories; Bitbucket delivers to it. */
export async function hookedProject(product: Product, fullName = 'harbour-works/pilot-api'): Promise<Hooked> {
  made += 1;
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', 'nora', 'sign-up');
  const slug = `org-${made}`;
  await browser.api('POST', '/api/organizations', { name: 'Harbour', slug });
  const { db, now } = product.deps;
  const { id: organizationId } = await db
    .selectFrom('organization')
    .select('id')
    .where('slug', '=', slug)
    .executeTakeFirstOrThrow();
  const { profileId } = await db
    .selectFrom('membership')
    .select('profileId')
    .where('organizationId', '=', organizationId)
    .executeTakeFirstOrThrow();
  const repository = repositoryNamed(product.sandbox.world, fullName);
  const projectId = randomUUID();
  await db
    .insertInto('project')
    .values({
      id: projectId,
      organizationId,
      name: 'pilot',
      nameKey: 'pilot',
      createdBy: profileId,
      createdAt: now(),
      state: 'ready',
      provider: 'bitbucket',
      repositoryUuid: repository.uuid,
      repositoryName: fullName,
      seenName: fullName,
      defaultBranch: 'main',
      tokenOwnerId: profileId,
      lookDueAt: now(),
    })
    .execute();
  const hooked = {
    product,
    browser,
    projectId,
    path: `/api/organizations/${slug}/projects/pilot`,
    repository: { uuid: repository.uuid, fullName },
  };
  return { ...hooked, webhook: await addWebhook(hooked, 'active') };
}

/** Another generation of the project's webhook, here and at Bitbucket. */
export async function addWebhook(
  { product, projectId, repository }: Pick<Hooked, 'product' | 'projectId' | 'repository'>,
  state: 'intended' | 'present' | 'active' | 'retiring' = 'active',
): Promise<Webhook> {
  const { db, sealer, now } = product.deps;
  const id = randomUUID();
  const secret = `secret-${id}`;
  const path = `/hooks/bitbucket/${id}`;
  const match = `${PUBLIC_URL}${path}`;
  if (state === 'active') {
    await db
      .updateTable('credential')
      .set({ state: 'retiring' })
      .where('projectId', '=', projectId)
      .where('state', '=', 'active')
      .execute();
  }
  await db
    .insertInto('credential')
    .values({
      id,
      projectId,
      kind: 'webhook',
      repositoryUuid: repository.uuid,
      state,
      match,
      remoteId: `{${randomUUID()}}`,
      title: 'Semaphore · harbour/pilot',
      material: sealer.seal(secret, `credential/${id}/material`),
      createdAt: now(),
    })
    .execute();
  const { world } = product.sandbox;
  world.data.hooks.push({
    uuid: `{${randomUUID()}}`,
    repository: repository.uuid,
    description: 'Semaphore · harbour/pilot',
    url: match,
    active: true,
    events: ['repo:push', 'repo:updated', 'repo:transfer', 'repo:deleted'],
    secret,
    skipCertVerification: false,
    createdAt: now().toISOString(),
  });
  world.changed();
  return { id, secret, path };
}

/** Sets what starts workflows; what is not given stays. */
export async function runsOn(
  { product, projectId }: Pick<Hooked, 'product' | 'projectId'>,
  { runOn, whitelist }: { runOn?: RunOn[]; whitelist?: Whitelist },
): Promise<void> {
  await product.deps.db
    .updateTable('project')
    .set({ ...(runOn && { runOn }), ...(whitelist && { whitelist: JSON.stringify(whitelist) }) })
    .where('id', '=', projectId)
    .execute();
}

/** Lets the sandbox deliver to the product. */
export function connectDeliveries({ app, sandbox }: Product): void {
  sandbox.deliveries.sendBy(async (request) => app.fetch(request));
}

export type Parcel = {
  event?: string;
  requestId?: string | null;
  signature?: string | null;
  headers?: Record<string, string>;
};

/** Delivers a body as Bitbucket does. */
export async function deliver(
  product: Pick<Product, 'app'>,
  webhook: Webhook,
  body: object | string | Uint8Array,
  { event = 'repo:push', requestId = randomUUID(), signature, headers = {} }: Parcel = {},
): Promise<Response> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const signed = signature === undefined ? signatureOf(webhook.secret, bytes) : signature;
  return product.app.request(webhook.path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Bitbucket-Webhooks/2.0',
      'x-event-key': event,
      'x-attempt-number': '1',
      ...(requestId ? { 'x-request-uuid': requestId } : {}),
      ...(signed ? { 'x-hub-signature': signed } : {}),
      ...headers,
    },
    body: bytes as string,
  });
}

/**
 * Does what is due by the product's clock, one job after the other, until nothing is. What was delivered is due, also
 * when its job is still on its way.
 */
export async function work({ deps }: Product): Promise<number> {
  const handlers = jobHandlers(deps);
  for (let done = 0; ; done += 1) {
    const { rows } = await sql<{ name: JobName; data: never }>`
      update jobs.job set state = 'completed', completed_on = now() where id = (
        select id from jobs.job where state < 'active' and start_after <= ${deps.now()}
        order by created_on, id limit 1)
      returning name, data`.execute(deps.db);
    const job = rows[0];
    if (job) {
      await handlers[job.name](job.data);
      continue;
    }
    const delivery = await deps.db
      .selectFrom('delivery')
      .select('projectId')
      .where('state', '=', 'received')
      .executeTakeFirst();
    if (!delivery) return done;
    await handlers.deliveries(delivery);
  }
}

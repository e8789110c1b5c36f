/** A store with a project and its webhook in it, for tests of the whole process. */
import { randomUUID } from 'node:crypto';
import { parseEncryptionKeys } from '../src/config.ts';
import { openDatabase } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { checkKeys } from '../src/encryption-keys.ts';
import { signatureOf } from './signature.ts';

export type Rig = {
  projectId: string;
  repository: string;
  /** Path of the webhook, and its secret. */
  path: string;
  secret: string;
};

/** Nobody owns the project, so that nothing is asked of anybody. */
export async function seedWebhook(env: Record<string, string>): Promise<Rig> {
  const { db, close } = await openDatabase({ url: env.DATABASE_URL ?? null, dataDir: env.DATA_DIR ?? null });
  try {
    await migrate(db);
    const keys = parseEncryptionKeys(env.ENCRYPTION_KEYS ?? '');
    if (typeof keys === 'string') throw new Error(keys);
    const sealer = await checkKeys(db, keys);
    const [organizationId, projectId, id] = [randomUUID(), randomUUID(), randomUUID()];
    const createdAt = new Date();
    const repository = `{${randomUUID()}}`;
    const secret = `secret-${id}`;
    const path = `/hooks/bitbucket/${id}`;
    await db
      .insertInto('organization')
      .values({ id: organizationId, name: 'Harbour', slug: 'harbour', createdAt })
      .execute();
    await db
      .insertInto('project')
      .values({
        id: projectId,
        organizationId,
        name: 'pilot',
        nameKey: 'pilot',
        createdAt,
        state: 'ready',
        provider: 'bitbucket',
        repositoryUuid: repository,
        repositoryName: 'harbour/pilot',
        seenName: 'harbour/pilot',
        lookDueAt: new Date(createdAt.getTime() + 86_400_000),
      })
      .execute();
    await db
      .insertInto('credential')
      .values({
        id,
        projectId,
        kind: 'webhook',
        repositoryUuid: repository,
        state: 'active',
        match: path,
        title: 'Semaphore',
        material: sealer.seal(secret, `credential/${id}/material`),
        createdAt,
      })
      .execute();
    return { projectId, repository, path, secret };
  } finally {
    await close();
  }
}

/** Delivers to the process at `port`; null: there was no answer. */
export async function deliverTo(
  port: string | number,
  { path, secret }: Rig,
  body: string,
  requestId: string,
): Promise<number | null> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-event-key': 'repo:push',
      'x-request-uuid': requestId,
      'x-hub-signature': signatureOf(secret, body),
    },
    body,
  }).then(
    async (response) => {
      // The status counts, also when the rest does not arrive.
      await response.arrayBuffer().catch(() => undefined);
      return response.status;
    },
    () => null,
  );
}

/** A store with a project and its webhook in it, for tests of the whole process. */
import { randomUUID } from 'node:crypto';
import { parseEncryptionKeys } from '../src/config.ts';
import { openDatabase } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { checkKeys } from '../src/encryption-keys.ts';
import { startSession } from '../src/session/session.ts';
import { signatureOf } from './signature.ts';

export type Rig = {
  projectId: string;
  /** Name of the project in the organization `harbour`. */
  project: string;
  repository: string;
  /** Path of the webhook, and its secret. */
  path: string;
  secret: string;
};

/** One project and its webhook. Nobody's grant is used, so that nothing is asked of anybody. */
export async function seedWebhook(env: Record<string, string>): Promise<Rig> {
  const { rigs } = await seedWebhooks(env, [`{${randomUUID()}}`]);
  return rigs[0] as Rig;
}

/** A project with a webhook for each of the repositories; `cookie` is that of a member who may look at them. */
export async function seedWebhooks(
  env: Record<string, string>,
  repositories: string[],
): Promise<{ rigs: Rig[]; cookie: string }> {
  const { db, close } = await openDatabase({ url: env.DATABASE_URL ?? null, dataDir: env.DATA_DIR ?? null });
  try {
    await migrate(db);
    const keys = parseEncryptionKeys(env.ENCRYPTION_KEYS ?? '');
    if (typeof keys === 'string') throw new Error(keys);
    const sealer = await checkKeys(db, keys);
    const [organizationId, profileId] = [randomUUID(), randomUUID()];
    const createdAt = new Date();
    await db
      .insertInto('organization')
      .values({ id: organizationId, name: 'Harbour', slug: 'harbour', createdAt })
      .execute();
    const email = 'nora@harbour.example';
    await db
      .insertInto('profile')
      .values({ id: profileId, screenName: 'Nora', email, emailKey: email, avatarUrl: null, createdAt })
      .execute();
    await db
      .insertInto('membership')
      .values({ organizationId, profileId, role: 'member', createdAt })
      .execute();
    const rigs: Rig[] = [];
    for (const [index, repository] of repositories.entries()) {
      const [projectId, id] = [randomUUID(), randomUUID()];
      const secret = `secret-${id}`;
      const path = `/hooks/bitbucket/${id}`;
      const name = `project-${index}`;
      await db
        .insertInto('project')
        .values({
          id: projectId,
          organizationId,
          name,
          nameKey: name,
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
      rigs.push({ projectId, project: name, repository, path, secret });
    }
    const cookie = `__Host-session=${await startSession(db, profileId, createdAt)}`;
    return { rigs, cookie };
  } finally {
    await close();
  }
}

/** Delivers to the process at `port`; null: there was no answer. */
export async function deliverTo(
  port: string | number,
  { path, secret }: Rig,
  body: string | Buffer,
  requestId: string,
  event = 'repo:push',
): Promise<number | null> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-event-key': event,
      'x-request-uuid': requestId,
      'x-hub-signature': signatureOf(secret, body),
    },
    body: body as string,
  }).then(
    async (response) => {
      // The status counts, also when the rest does not arrive.
      await response.arrayBuffer().catch(() => undefined);
      return response.status;
    },
    () => null,
  );
}

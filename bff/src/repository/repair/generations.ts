/** The rows behind keys and webhooks. Each is written, with its secret sealed, before anything is asked of the provider. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Tx } from '../../db/connect.ts';
import type { CredentialRow } from '../../db/schema.ts';
import type { Deps } from '../../deps.ts';
import { createKeyPair, fingerprintOf } from '../../ssh/key-pair.ts';
import type { Repairable } from '../finding.ts';

const WEBHOOK_SECRET_BYTES = 32;

/** Where the deliveries of every webhook of this installation go, up to the credential's id. */
export function webhookBase({ config }: Pick<Deps, 'config'>): string {
  return `${config.hooksUrl}/hooks/bitbucket/`;
}

/** Writes down what is going to be made, and returns its id. */
export async function intend(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'sealer' | 'now'>,
  what: { projectId: string; kind: Repairable; repositoryUuid: string },
): Promise<string> {
  const id = randomUUID();
  const { match, material } = kinds[what.kind](deps, id);
  await tx
    .insertInto('credential')
    .values({
      ...what,
      id,
      match,
      state: 'intended',
      title: await readTitle(tx, what.projectId),
      material: deps.sealer.seal(material, placeOf(id)),
      createdAt: deps.now(),
    })
    .execute();
  return id;
}

/** The private key, or the webhook's secret. */
export function openMaterial({ sealer }: Pick<Deps, 'sealer'>, { id, material }: CredentialRow): string {
  if (material === null) throw new Error(`Credential ${id} is gone, and its secret with it.`);
  return sealer.open(material, placeOf(id));
}

/** What a person knows it by: a key's fingerprint, a webhook's address. */
export function nameOf({ kind, match }: Pick<CredentialRow, 'kind' | 'match'>): string {
  return kind === 'deploy-key' ? fingerprintOf(match) : match;
}

function placeOf(id: string) {
  return `credential/${id}/material` as const;
}

const kinds: Record<
  Repairable,
  (deps: Pick<Deps, 'config'>, id: string) => { match: string; material: string }
> = {
  'deploy-key': () => {
    const { publicKey, privateKey } = createKeyPair();
    return { match: publicKey, material: privateKey };
  },
  webhook: (deps, id) => ({
    match: webhookBase(deps) + id,
    material: randomBytes(WEBHOOK_SECRET_BYTES).toString('base64url'),
  }),
};

/** What stands beside it at the provider, for people to read; nothing is ever recognised by it. */
export function titleOf(organization: string, project: string): string {
  return `Semaphore · ${organization}/${project}`;
}

async function readTitle(tx: Tx, projectId: string): Promise<string> {
  const { slug, name } = await tx
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organizationId')
    .select(['organization.slug', 'project.name'])
    .where('project.id', '=', projectId)
    .executeTakeFirstOrThrow();
  return titleOf(slug, name);
}

/**
 * Projects that are ready, put straight into the database and the sandbox: as creating one would leave them, for tests
 * of what comes after that.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { DeployKey, Hook, Person, Repository } from '../sandbox/state.ts';
import { clientOf, personNamed, repositoryNamed } from '../sandbox/world.ts';
import type { ProjectRow, Role } from '../src/db/schema.ts';
import type { Subject } from '../src/repository/finding.ts';
import { readRepositoryView } from '../src/repository/read-view.ts';
import type { RepositoryView, RowView } from '../src/repository/view.ts';
import { createKeyPair } from '../src/ssh/key-pair.ts';
import { PUBLIC_URL } from './address.ts';
import { type Browser, createBrowser } from './browser.ts';
import type { Product } from './product.ts';

/** Somebody who signed up with Bitbucket. */
export type Someone = { profileId: string; browser: Browser; person: Person };

export type ReadyProject = {
  id: string;
  organization: { id: string; slug: string; name: string };
  name: string;
  owner: Someone;
  repository: Repository;
  /** What the sandbox lists for it; null when it was made without. */
  key: DeployKey | null;
  hook: Hook | null;
};

/** Signs somebody up with Bitbucket and tells their profile's id. */
export async function signUp(product: Product, nickname: string): Promise<Someone> {
  const browser = createBrowser(product);
  await browser.signIn('bitbucket', nickname, 'sign-up');
  const person = personNamed(product.sandbox.world, 'bitbucket', nickname);
  const { profileId } = await product.deps.db
    .selectFrom('connection')
    .select('profileId')
    .where('provider', '=', 'bitbucket')
    .where('accountId', '=', person.id)
    .executeTakeFirstOrThrow();
  return { profileId, browser, person };
}

/** An organization with its members by role. */
export async function createOrganization(
  { deps }: Product,
  slug: string,
  members: { profileId: string; role: Role }[],
): Promise<ReadyProject['organization']> {
  const id = randomUUID();
  const createdAt = deps.now();
  const name = `The ${slug}`;
  await deps.db.insertInto('organization').values({ id, slug, name, createdAt }).execute();
  if (members.length > 0) {
    await deps.db
      .insertInto('membership')
      .values(members.map((member) => ({ organizationId: id, ...member, createdAt })))
      .execute();
  }
  return { id, slug, name };
}

/**
 * A project of `owner`, who becomes the owner of its new organization if none is given. Its key and webhook stand at the
 * repository, made through the product's client, unless `bare`.
 */
export async function createReadyProject(
  product: Product,
  options: {
    owner?: Someone;
    repository?: string;
    organization?: ReadyProject['organization'];
    name?: string;
    bare?: boolean;
  } = {},
): Promise<ReadyProject> {
  const { deps, sandbox } = product;
  const { world } = sandbox;
  const owner = options.owner ?? (await signUp(product, 'tomas'));
  const fullName = options.repository ?? 'harbour-works/pilot-api';
  const repository = repositoryNamed(world, fullName);
  const id = randomUUID();
  const name = options.name ?? repository.slug;
  const organization =
    options.organization ??
    (await createOrganization(product, `org-${id.slice(0, 8)}`, [
      { profileId: owner.profileId, role: 'owner' },
    ]));
  const at = deps.now();
  await deps.db
    .insertInto('project')
    .values({
      id,
      organizationId: organization.id,
      name,
      nameKey: name.toLowerCase(),
      createdBy: owner.profileId,
      createdAt: at,
      state: 'ready',
      provider: 'bitbucket',
      repositoryUuid: repository.uuid,
      repositoryName: fullName,
      seenName: fullName,
      defaultBranch: repository.mainbranch,
      tokenOwnerId: owner.profileId,
      lookDueAt: new Date(at.getTime() + deps.config.sweepInterval),
    })
    .execute();
  const bare = options.bare ?? false;
  return {
    id,
    organization,
    name,
    owner,
    repository,
    key: bare ? null : await addKey(product, { id, name, owner, repository, organization }),
    hook: bare ? null : await addHook(product, { id, name, owner, repository, organization }),
  };
}

type Place = Pick<ReadyProject, 'id' | 'name' | 'owner' | 'repository' | 'organization'>;

async function addKey({ deps, sandbox }: Product, place: Place): Promise<DeployKey> {
  const { world } = sandbox;
  const { publicKey, privateKey } = createKeyPair();
  const id = randomUUID();
  const title = titleOf(place);
  const at = deps.now();
  const key: DeployKey = {
    id: world.data.nextKeyId++,
    repository: place.repository.uuid,
    key: publicKey,
    comment: '',
    label: title,
    createdOn: at.toISOString(),
    lastUsed: null,
    addedBy: place.owner.person.id,
    client: clientOf(world, 'bitbucket').id,
    stopped: false,
  };
  world.data.deployKeys.push(key);
  world.changed();
  await insertCredential(deps, place, {
    id,
    kind: 'deploy-key',
    match: publicKey,
    remoteId: String(key.id),
    material: privateKey,
  });
  return key;
}

async function addHook({ deps, sandbox }: Product, place: Place): Promise<Hook> {
  const { world } = sandbox;
  const id = randomUUID();
  const url = `${PUBLIC_URL}/hooks/bitbucket/${id}`;
  const secret = randomBytes(32).toString('base64url');
  const hook: Hook = {
    uuid: `{${randomUUID()}}`,
    repository: place.repository.uuid,
    description: titleOf(place),
    url,
    active: true,
    events: [...(deps.providers.get('bitbucket')?.repositories?.events ?? [])],
    secret,
    skipCertVerification: false,
    createdAt: deps.now().toISOString(),
  };
  world.data.hooks.push(hook);
  world.changed();
  const made = { id, kind: 'webhook', match: url, remoteId: hook.uuid, material: secret } as const;
  await insertCredential(deps, place, made);
  return hook;
}

function titleOf({ organization, name }: Place): string {
  return `Semaphore · ${organization.slug}/${name}`;
}

async function insertCredential(
  deps: Product['deps'],
  place: Place,
  made: {
    id: string;
    kind: 'deploy-key' | 'webhook';
    match: string;
    remoteId: string;
    material: string;
  },
): Promise<void> {
  await deps.db
    .insertInto('credential')
    .values({
      ...made,
      projectId: place.id,
      repositoryUuid: place.repository.uuid,
      state: 'active',
      title: titleOf(place),
      material: deps.sealer.seal(made.material, `credential/${made.id}/material`),
      madeBy: place.owner.profileId,
      createdAt: deps.now(),
    })
    .execute();
}

export function readProject({ deps }: Product, id: string): Promise<ProjectRow> {
  return deps.db.selectFrom('project').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** What the Repository tab shows of it to its owner, or to whoever is given. */
export async function readTab(
  product: Product,
  { id, organization, owner }: ReadyProject,
  viewer: { profileId: string; role: Role } = { profileId: owner.profileId, role: 'owner' },
): Promise<RepositoryView> {
  return readRepositoryView(product.deps, await readProject(product, id), { ...viewer, organization });
}

/** The rows of a tab by what they are about. */
export function rowsOf({ rows }: RepositoryView): Record<Subject, RowView> {
  return Object.fromEntries(rows.map((row) => [row.subject, row])) as Record<Subject, RowView>;
}

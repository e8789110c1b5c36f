/** The fields of Bitbucket's answers about repositories that we need, in our words; everything else is ignored. */
import { z } from 'zod';
import type {
  Page,
  Permission,
  RemoteFile,
  RemoteKey,
  RemoteRepository,
  RemoteWebhook,
} from '../repository-access.ts';

const uuid = z
  .string()
  .regex(/^\{[0-9a-f-]{1,60}\}$/i)
  .transform((text) => text.toLowerCase());
const hash = z.string().regex(/^[0-9a-f]{40,64}$/);
const text = z.string().max(2_000).nullish().catch(null);
const branchName = z.string().min(1).max(1_000);

export const Repository = z
  .object({
    uuid,
    // Stands in clone URLs and links later, so it has to be one.
    full_name: z.string().regex(/^(?!\.+\/)[\w.-]+\/(?!\.+$)[\w.-]+$/),
    name: text,
    is_private: z.boolean(),
    // Null in an empty repository.
    mainbranch: z.object({ name: branchName }).nullish(),
  })
  .transform(
    (each): RemoteRepository => ({
      uuid: each.uuid,
      fullName: each.full_name,
      name: each.name || each.full_name.replace(/^.*\//, ''),
      isPrivate: each.is_private,
      defaultBranch: each.mainbranch?.name ?? null,
    }),
  );

export const WorkspaceAccess = z
  .object({ administrator: z.boolean().nullish(), workspace: z.object({ slug: z.string().min(1).max(200) }) })
  .transform((each) => ({ slug: each.workspace.slug, administrator: each.administrator === true }));

const PERMISSIONS: readonly string[] = ['admin', 'write', 'read'] satisfies Permission[];

export const RepositoryPermission = z
  .object({ permission: z.string(), repository: z.object({ uuid, full_name: z.string() }) })
  .transform(({ permission, repository }) => ({
    uuid: repository.uuid,
    fullName: repository.full_name,
    // A word that came later gives no right that we know of.
    permission: PERMISSIONS.includes(permission) ? (permission as Permission) : null,
  }));

export const DeployKey = z
  .object({
    // An integer today; opaque to us.
    id: z.union([z.int(), z.string().min(1).max(200)]),
    key: z.string().min(1).max(20_000),
    label: text,
    // The published schema says `added_on`, the examples and what was seen `created_on`.
    created_on: text,
    added_on: text,
  })
  .transform(
    (each): RemoteKey => ({
      id: String(each.id),
      publicKey: withoutComment(each.key),
      label: each.label ?? '',
      addedAt: readTime(each.created_on ?? each.added_on),
    }),
  );

export const Webhook = z
  .object({
    uuid,
    url: z.string().max(10_000),
    description: text,
    active: z.boolean(),
    events: z.array(z.string().max(200)).max(500),
    // Required: whether there is a secret decides between healthy and broken, and neither is guessed.
    secret_set: z.boolean(),
  })
  .transform(
    (each): RemoteWebhook => ({
      id: each.uuid,
      url: each.url,
      title: each.description ?? '',
      active: each.active,
      // In no particular order there; sorted here, so that equal sets are equal.
      events: [...new Set(each.events)].sort(),
      secretSet: each.secret_set,
    }),
  );

export const Branch = z
  .object({ name: branchName, target: z.object({ hash }) })
  .transform((each) => ({ name: each.name, commit: each.target.hash }));

export const Entry = z
  .object({
    type: z.string(),
    path: z.string().max(10_000),
    commit: z.object({ hash }),
    size: z.int().nonnegative().nullish(),
    attributes: z
      .union([z.array(z.string()), z.string()])
      .nullish()
      .catch(null),
  })
  .transform((each): RemoteFile & { name: string } => ({
    name: each.path.replace(/\/$/, '').replace(/^.*\//s, ''),
    commit: each.commit.hash,
    size: each.size ?? 0,
    // A submodule is listed among the files.
    isFile: each.type === 'commit_file' && !(each.attributes ?? '').includes('subrepository'),
  }));

/** What stands at a path: of a directory some answers are a list of what is in it. */
export const EntryOrListing = z.union([
  Entry,
  z
    .object({ values: z.array(Entry) })
    .transform(({ values }) => ({ commit: values[0]?.commit ?? '', size: 0, isFile: false })),
]);

/** One page of a list. `next` is opaque and absolute; who follows it looks first where it leads. */
export function pageOf<T>(value: z.ZodType<T>) {
  return z
    .object({ values: z.array(value), next: z.string().nullish() })
    .transform((each): Page<T> => ({ values: each.values, next: each.next || null }));
}

/** Type and base64 of an OpenSSH public key. */
export function withoutComment(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(' ');
}

/** ISO 8601 in UTC, or null for what is no time. */
function readTime(text: string | null | undefined): string | null {
  const time = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

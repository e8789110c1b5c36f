/** What the product asks of a provider that keeps repositories: reading, and the keys and webhooks of its own making. */
import type { Refusal } from './provider.ts';

/**
 * `not-found`: not there, or not for these eyes (providers answer both alike). `forbidden`: seen, but not allowed.
 * `rejected`: refused for what was sent (400, 409, 422 …), with the provider's words; `duplicate` when it says that it
 * has this already. After a write every fault means that nobody knows whether it was done.
 */
export type RepositoryRefusal =
  | Refusal
  | { kind: 'not-found' }
  | { kind: 'forbidden' }
  | { kind: 'rejected'; words: string; duplicate: boolean };

export type RepositoryAnswer<T> = { ok: true; value: T } | { ok: false; refusal: RepositoryRefusal };

/** By UUID (with braces, lower case), which survives renames and transfers; by name only for what a person typed. */
export type RepositoryAddress = { uuid: string } | { fullName: string };

export type RemoteRepository = {
  uuid: string;
  /** `workspace/slug`, as it is now. */
  fullName: string;
  name: string;
  isPrivate: boolean;
  /** Null: the repository is empty. */
  defaultBranch: string | null;
};

export type Permission = 'admin' | 'write' | 'read';
export type Workspace = { slug: string; administrator: boolean };
/** One page of a list; `next` goes back in unchanged. */
export type Page<T> = { values: T[]; next: string | null };

/** `publicKey`: type and base64, without a comment. */
export type RemoteKey = { id: string; publicKey: string; label: string; addedAt: string | null };
export type RemoteWebhook = {
  id: string;
  url: string;
  title: string;
  active: boolean;
  events: string[];
  secretSet: boolean;
};
export type WebhookDraft = { url: string; title: string; events: readonly string[]; secret: string };
/** `isFile` false: a directory stands there. */
export type RemoteFile = { commit: string; size: number; isFile: boolean };

export type RepositoryAccess = {
  /** What the webhooks have to announce. */
  events: readonly string[];
  listWorkspaces(token: string, page?: string): Promise<RepositoryAnswer<Page<Workspace>>>;
  /** Repositories of a workspace that the person sees. */
  listRepositories(
    token: string,
    workspace: string,
    page?: string,
  ): Promise<RepositoryAnswer<Page<RemoteRepository>>>;
  /** Explicit permissions of the person in a workspace. */
  listPermissions(
    token: string,
    workspace: string,
    page?: string,
  ): Promise<RepositoryAnswer<Page<{ uuid: string; permission: Permission }>>>;
  /** The person's explicit right on one repository; null says only that none was given to them by name. */
  readPermission(token: string, fullName: string): Promise<RepositoryAnswer<Permission | null>>;
  readRepository(token: string, at: RepositoryAddress): Promise<RepositoryAnswer<RemoteRepository>>;
  /** All pages. Needs admin right on the repository, and so proves it. */
  listKeys(token: string, at: RepositoryAddress): Promise<RepositoryAnswer<RemoteKey[]>>;
  readKey(token: string, at: RepositoryAddress, id: string): Promise<RepositoryAnswer<RemoteKey>>;
  addKey(
    token: string,
    at: RepositoryAddress,
    key: { publicKey: string; label: string },
  ): Promise<RepositoryAnswer<RemoteKey>>;
  /** `not-found` counts as done: the value says which it was. */
  removeKey(
    token: string,
    at: RepositoryAddress,
    id: string,
  ): Promise<RepositoryAnswer<'removed' | 'was-gone'>>;
  listWebhooks(token: string, at: RepositoryAddress): Promise<RepositoryAnswer<RemoteWebhook[]>>;
  readWebhook(token: string, at: RepositoryAddress, id: string): Promise<RepositoryAnswer<RemoteWebhook>>;
  addWebhook(
    token: string,
    at: RepositoryAddress,
    draft: WebhookDraft,
  ): Promise<RepositoryAnswer<RemoteWebhook>>;
  /** Sends every field, since what leaving one out means is not documented. Repeatable. */
  updateWebhook(
    token: string,
    at: RepositoryAddress,
    id: string,
    draft: WebhookDraft,
  ): Promise<RepositoryAnswer<RemoteWebhook>>;
  removeWebhook(
    token: string,
    at: RepositoryAddress,
    id: string,
  ): Promise<RepositoryAnswer<'removed' | 'was-gone'>>;
  /** The head commit of a branch. */
  readBranch(
    token: string,
    at: RepositoryAddress,
    branch: string,
  ): Promise<RepositoryAnswer<{ commit: string }>>;
  /** The first hundred branches, the most recently changed first. */
  listBranches(
    token: string,
    at: RepositoryAddress,
  ): Promise<RepositoryAnswer<{ name: string; commit: string }[]>>;
  /** A path at a commit, or at a branch whose name has no slash (one with a slash could be read as a path). */
  readFile(
    token: string,
    at: RepositoryAddress,
    ref: string,
    path: string,
  ): Promise<RepositoryAnswer<RemoteFile>>;
  /** Names of the files directly in a directory at a commit. */
  listFiles(
    token: string,
    at: RepositoryAddress,
    commit: string,
    path: string,
  ): Promise<RepositoryAnswer<string[]>>;
};

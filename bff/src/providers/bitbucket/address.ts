/** Which addresses of Bitbucket's API the client goes to. */
import type { RepositoryAddress } from '../repository-access.ts';

/** What `workspace/slug` consists of at Bitbucket. */
const NAME = /^[\w.-]{1,200}$/;

/** The Bearer header goes to the configured API and nowhere else, whatever address an answer holds. */
export function isBelow(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  const api = new URL(apiUrl);
  return (
    url.origin === api.origin &&
    url.pathname.startsWith(`${api.pathname.replace(/\/$/, '')}/`) &&
    !url.username &&
    !url.password
  );
}

/**
 * Parts of a path, encoded and joined. Null when one of them could not stand for itself: an empty part or a dot
 * segment would lead to another address, and half a surrogate pair cannot be written in one.
 */
export function joinPath(...parts: string[]): string | null {
  const sound = parts.every((part) => part !== '' && part !== '.' && part !== '..' && part.isWellFormed());
  return sound ? parts.map((part) => `/${encodeURIComponent(part)}`).join('') : null;
}

/** The path of a repository. By UUID the workspace stays empty, so the address survives renames and transfers. */
export function repositoryPath(at: RepositoryAddress): string | null {
  if ('uuid' in at) return joinPath('repositories', '{}', at.uuid);
  const names = splitFullName(at.fullName);
  return names && joinPath('repositories', names.workspace, names.slug);
}

/** Takes `workspace/slug` apart; null when nothing at Bitbucket can be called that. */
export function splitFullName(fullName: string): { workspace: string; slug: string } | null {
  const [workspace = '', slug = '', ...more] = fullName.split('/');
  const sound =
    more.length === 0 && [workspace, slug].every((name) => NAME.test(name) && !/^\.+$/.test(name));
  return sound ? { workspace, slug } : null;
}

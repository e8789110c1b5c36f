/** What people type or paste to name a repository at Bitbucket. Nothing is fetched from it: only the name is taken out. */

export type RepositoryUrl = { ok: true; fullName: string } | { ok: false; why: string };

/** Longer than any page of a repository. */
const LONGEST = 2_000;
const NAME = /^[a-z0-9_.-]{1,100}$/;
const WEB_HOST = 'bitbucket.org';
// `altssh` listens on port 443 for networks that let nothing else through.
const SSH_HOSTS = [WEB_HOST, 'ssh.bitbucket.org', 'altssh.bitbucket.org'];

const EXAMPLE = 'git@bitbucket.org:workspace/repository.git';
const WHY = {
  empty: `Enter the URL of a repository, for example ${EXAMPLE}.`,
  long: 'The URL is too long.',
  characters: 'The URL has characters that cannot stand in the URL of a repository.',
  path: `This is a path on a computer. Enter the URL of a repository, for example ${EXAMPLE}.`,
  scheme: 'Enter a URL for SSH or HTTPS.',
  password: 'The URL holds a password. Enter it without: access is given by the connected account.',
  parent: 'The URL has a part of dots, which leads to somewhere else.',
  workspace: 'This is the URL of a workspace. Enter that of a repository.',
  name: 'The URL names no repository. It should end like this: workspace/repository.',
  unreadable: `This is not the URL of a repository, which looks like this: ${EXAMPLE}.`,
};

/**
 * Reads the URL for SSH or HTTPS of a repository, or of a page of it. `hosts` are those of this installation, beside
 * Bitbucket's own: `web` with its port if it has an unusual one. Never repeats what was typed: it can hold a password.
 */
export function parseRepositoryUrl(text: string, hosts: { web: string; ssh: string }): RepositoryUrl {
  const url = text.trim();
  if (url === '') return refused('empty');
  if (url.length > LONGEST) return refused('long');
  if (/^(file:|[a-z]:[\\/]|[\\/]|\.{1,2}([\\/]|$)|~)/i.test(url)) return refused('path');
  // No letter beyond ASCII: some turn into plain ones when their case changes, others only look like them.
  if (!/^[\x21-\x7e]+$/.test(url) || /[\\<>"`^|]/.test(url)) return refused('characters');
  const parts = takeApart(url.toLowerCase(), hosts.web.toLowerCase());
  if (parts === null) return refused('unreadable');
  const { kind, user, host } = parts;
  if (user.includes(':') || user.includes('%3a')) return refused('password');
  if (kind === 'other') return refused('scheme');
  if (user.includes('@')) return refused('unreadable');
  const known =
    kind === 'web' ? [WEB_HOST, hosts.web] : [...SSH_HOSTS, hosts.ssh, hosts.web].map(withoutPort);
  if (!known.some((each) => each.toLowerCase() === host)) {
    return { ok: false, why: `The URL leads to another host than ${hosts.web}.` };
  }
  return readName(parts.path, kind);
}

type Parts = { kind: 'web' | 'ssh' | 'other'; user: string; host: string; path: string };

/** The parts of a URL in lower case, or of the form of SSH that is none: `user@host:path`. */
function takeApart(url: string, webHost: string): Parts | null {
  const [, scheme, address] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/.exec(url) ?? [undefined, undefined, url];
  const end = address.search(/[/?#]/);
  const authority = end < 0 ? address : address.slice(0, end);
  const path = end < 0 ? '' : address.slice(end);
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  const host = authority.slice(at + 1);
  if (scheme === 'ssh') return { kind: 'ssh', user, host: withoutPort(host), path };
  if (scheme === 'https' || scheme === 'http') {
    return { kind: 'web', user, host: host.replace(scheme === 'https' ? /:443$/ : /:80$/, ''), path };
  }
  if (scheme !== undefined) return { kind: 'other', user, host, path };
  // As browsers show it: without a scheme.
  if (host === webHost || host === WEB_HOST) return { kind: 'web', user, host, path };
  const colon = host.indexOf(':');
  if (colon < 1) return host.includes('.') || at >= 0 ? { kind: 'web', user, host, path } : null;
  return { kind: 'ssh', user, host: host.slice(0, colon), path: host.slice(colon + 1) + path };
}

/** Workspace and repository are the first two parts of the path. Pages have more of them behind; SSH has none. */
function readName(path: string, kind: 'web' | 'ssh'): RepositoryUrl {
  const [names = ''] = kind === 'web' ? path.split(/[?#]/) : [path];
  const parts = names.replace(/^\//, '').replace(/\/+$/, '').split('/');
  if (parts.some((part) => /^(\.|%2e)+$/.test(part))) return refused('parent');
  const [workspace = '', last = '', ...page] = parts;
  const slug = last.replace(/\.git$/, '');
  // Below a workspace, `workspace` is the word before its own pages.
  if (kind === 'web' && workspace !== '' && (last === '' || last === 'workspace'))
    return refused('workspace');
  const sound = [workspace, slug].every((name) => NAME.test(name) && !/^\.+$/.test(name));
  if (!sound || (kind === 'ssh' && page.length > 0)) return refused('name');
  return { ok: true, fullName: `${workspace}/${slug}` };
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

function refused(why: keyof typeof WHY): { ok: false; why: string } {
  return { ok: false, why: WHY[why] };
}

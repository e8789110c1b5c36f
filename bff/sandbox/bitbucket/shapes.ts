import type { GitCommit } from '../git.ts';
import type { Place } from '../place.ts';
import type { DeployKey, Hook, Person, Repository, Workspace } from '../state.ts';
import { fullName, workspaceOf } from '../world.ts';

const DEFAULT_CREATED = '2025-01-01T00:00:00.000000+00:00';

/** A person as other objects carry them. */
export function userOf(place: Place, person: Person) {
  const { api, bitbucket } = place.origins;
  const id = encodeURIComponent(person.id);
  return {
    type: 'user',
    uuid: person.id,
    account_id: person.accountId,
    nickname: person.nickname,
    display_name: person.name,
    links: {
      self: { href: `${api}/2.0/users/${id}` },
      avatar: { href: `${bitbucket}/sandbox/avatars/${id}.svg` },
      html: { href: `${bitbucket}/${id}/` },
    },
  };
}

/** A person as `/2.0/user` shows them to themselves; addresses are not part of it. */
export function selfOf(place: Place, person: Person) {
  return {
    ...userOf(place, person),
    created_on: person.createdOn,
    account_status: 'active',
    is_staff: false,
    has_2fa_enabled: null,
    location: null,
  };
}

/** A workspace as lists and repositories carry it; only its own address tells more. */
export function workspaceShape(place: Place, workspace: Workspace, detail: 'base' | 'named' | 'full') {
  const { api, bitbucket } = place.origins;
  const self = { href: `${api}/2.0/workspaces/${workspace.slug}` };
  const avatar = { href: `${bitbucket}/workspaces/${workspace.slug}/avatar/` };
  const base = { slug: workspace.slug, uuid: workspace.uuid };
  if (detail === 'base') return { type: 'workspace_base', ...base, links: { self, avatar } };
  const named = {
    type: 'workspace',
    ...base,
    name: workspace.name,
    links: { self, avatar, html: { href: `${bitbucket}/${workspace.slug}/` } },
  };
  return detail === 'named' ? named : { ...named, is_private: true, created_on: DEFAULT_CREATED };
}

/** The API's address of a repository, by its present name. */
export const repositoryUrl = (place: Place, repository: Repository) =>
  `${place.origins.api}/2.0/repositories/${fullName(place.world, repository)}`;

/** A repository as other objects carry it. */
export function repositoryRef(place: Place, repository: Repository) {
  return {
    type: 'repository',
    uuid: repository.uuid,
    name: repository.name,
    full_name: fullName(place.world, repository),
    links: {
      self: { href: repositoryUrl(place, repository) },
      html: { href: `${place.origins.bitbucket}/${fullName(place.world, repository)}` },
      avatar: { href: `${place.origins.bitbucket}/sandbox/ravatar/${encodeURIComponent(repository.uuid)}` },
    },
  };
}

export function repositoryShape(place: Place, repository: Repository) {
  const name = fullName(place.world, repository);
  const self = repositoryUrl(place, repository);
  const web = new URL(place.origins.bitbucket);
  const ref = repositoryRef(place, repository);
  const link = (tail: string) => ({ href: `${self}/${tail}` });
  return {
    ...ref,
    slug: repository.slug,
    scm: 'git',
    description: repository.description,
    is_private: repository.isPrivate,
    mainbranch: repository.mainbranch === null ? null : { type: 'branch', name: repository.mainbranch },
    workspace: workspaceShape(place, workspaceOf(place.world, repository), 'named'),
    parent: null,
    fork_policy: 'no_public_forks',
    language: '',
    has_issues: false,
    has_wiki: false,
    size: 48_611,
    created_on: repository.createdOn,
    updated_on: repository.updatedOn,
    links: {
      ...ref.links,
      branches: link('refs/branches'),
      tags: link('refs/tags'),
      commits: link('commits'),
      source: link('src'),
      hooks: link('hooks'),
      // The web host, also for SSH: what real answers show since git moved to a host of its own is not known.
      clone: [
        { name: 'https', href: `${web.origin}/${name}.git` },
        { name: 'ssh', href: `git@${web.hostname}:${name}.git` },
      ],
    },
  };
}

export function keyShape(place: Place, repository: Repository, key: DeployKey) {
  const { type, uuid, name, full_name } = repositoryRef(place, repository);
  return {
    type: 'deploy_key',
    id: key.id,
    key: key.key,
    label: key.label,
    comment: key.comment,
    created_on: key.createdOn,
    last_used: key.lastUsed,
    repository: { type, uuid, name, full_name },
    links: { self: { href: `${repositoryUrl(place, repository)}/deploy-keys/${key.id}` } },
  };
}

/** A hook; the secret itself is never part of it. */
export function hookShape(place: Place, repository: Repository, hook: Hook) {
  return {
    type: 'webhook_subscription',
    uuid: hook.uuid,
    description: hook.description,
    url: hook.url,
    active: hook.active,
    skip_cert_verification: hook.skipCertVerification,
    // Not in the order they were given.
    events: [...hook.events].sort((a, b) => (a.split(':')[1] ?? '').localeCompare(b.split(':')[1] ?? '')),
    created_at: hook.createdAt,
    subject: repositoryRef(place, repository),
    source: null,
    read_only: false,
    history_enabled: false,
    secret_set: hook.secret !== null,
    links: {
      self: { href: `${repositoryUrl(place, repository)}/hooks/${encodeURIComponent(hook.uuid)}` },
    },
  };
}

export function commitShape(place: Place, repository: Repository, commit: GitCommit) {
  const mail = /<([^>]*)>$/.exec(commit.author)?.[1]?.toLowerCase();
  const person = place.world.data.people.find(
    (each) =>
      each.service === 'bitbucket' && each.emails.some((e) => e.confirmed && e.email.toLowerCase() === mail),
  );
  const self = (hash: string) => ({ self: { href: `${repositoryUrl(place, repository)}/commit/${hash}` } });
  return {
    type: 'commit',
    hash: commit.hash,
    date: commit.date,
    message: commit.message,
    author: {
      type: 'author',
      raw: commit.author,
      ...(person ? { user: userOf(place, person) } : {}),
    },
    parents: commit.parents.map((hash) => ({ type: 'commit', hash, links: self(hash) })),
    repository: repositoryRef(place, repository),
    links: self(commit.hash),
  };
}

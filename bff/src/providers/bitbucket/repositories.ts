/** Repositories at Bitbucket Cloud, with their deploy keys and webhooks. Every path is built here, from encoded parts. */
import type { z } from 'zod';
import type { ProviderConfig } from '../../config.ts';
import type { Outbound, OutboundRequest, OutboundResult } from '../../http.ts';
import { unexpected } from '../answer.ts';
import type {
  Page,
  RepositoryAccess,
  RepositoryAddress,
  RepositoryAnswer,
  WebhookDraft,
} from '../repository-access.ts';
import { type Reading, readRefusal, readValue, refuse } from '../repository-answer.ts';
import { isBelow, joinPath, repositoryPath, splitFullName } from './address.ts';
import { facts } from './facts.ts';
import { missingScopes, refusalWords } from './refusal.ts';
import {
  Branch,
  DeployKey,
  Entry,
  EntryOrListing,
  pageOf,
  Repository,
  RepositoryPermission,
  Webhook,
  WorkspaceAccess,
  withoutComment,
} from './repository-schema.ts';

/** Only what the required scopes cover: subscribing to pull requests takes `pullrequest`, which a client may lack. */
const EVENTS = ['repo:push', 'repo:updated', 'repo:transfer', 'repo:deleted'] as const;

/** Pages of a hundred. Nobody has two thousand keys or webhooks on a repository; a list that never ends is a fault. */
const MOST_PAGES = 20;
const PAGE = 'pagelen=100';

/** Where old addresses of renamed repositories lead. */
const MOVED = [301, 302, 307, 308];

/** `method` and `{template}` of a call, its path (null: one that cannot exist), and what goes with it. */
type Call = { what: string; path: string | null; query?: string };

/** What the product asks of Bitbucket about repositories. Writes are sent once and followed nowhere. */
export function createRepositoryAccess(config: ProviderConfig, outbound: Outbound): RepositoryAccess {
  const { apiUrl } = config;

  function send(
    token: string,
    method: OutboundRequest['method'],
    what: string,
    url: string,
    more: Pick<OutboundRequest, 'body' | 'redirects'> = {},
  ): Promise<OutboundResult> {
    const headers = {
      accept: 'application/json',
      // Its messages may be localised, and we look for a word in some of them.
      'accept-language': 'en',
      authorization: `Bearer ${token}`,
      ...(more.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return outbound({ provider: facts.id, what: `${method} ${what}`, method, url, headers, ...more });
  }

  /**
   * Reads `url`. Where the old address of a renamed repository redirects to another repository's address of this API
   * it is followed, once: the answer then tells the new name. Every other redirect is a fault, and gets no token.
   */
  async function get(token: string, what: string, url: string): Promise<OutboundResult> {
    const result = await send(token, 'GET', what, url, { redirects: 'hand-back' });
    if (!result.ok || result.location === undefined) return result;
    const target = URL.canParse(result.location, url) ? new URL(result.location, url).href : '';
    if (!MOVED.includes(result.status) || !isBelow(target, `${apiUrl}/repositories`)) {
      return { ok: false, fault: { code: 'provider-unexpected' } };
    }
    return send(token, 'GET', what, target);
  }

  async function read<T>(token: string, call: Call, schema: z.ZodType<T>): Promise<RepositoryAnswer<T>> {
    if (call.path === null) return refuse({ kind: 'not-found' });
    const url = `${apiUrl}${call.path}${call.query ? `?${call.query}` : ''}`;
    return readValue(await get(token, call.what, url), [200], schema, reading(token));
  }

  async function readPage<T>(
    token: string,
    call: Call,
    value: z.ZodType<T>,
    page?: string | null,
  ): Promise<RepositoryAnswer<Page<T>>> {
    // Also of our own handing out: by now it has been to a browser, or lay somewhere.
    if (page && !isBelow(page, apiUrl)) return unexpected();
    const answer = page
      ? readValue(await get(token, call.what, page), [200], pageOf(value), reading(token))
      : await read(token, call, pageOf(value));
    if (answer.ok && answer.value.next !== null && !isBelow(answer.value.next, apiUrl)) return unexpected();
    return answer;
  }

  async function readAll<T>(token: string, call: Call, value: z.ZodType<T>): Promise<RepositoryAnswer<T[]>> {
    const values: T[] = [];
    let next: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer: RepositoryAnswer<Page<T>> = await readPage(token, call, value, next);
      if (!answer.ok) return answer;
      values.push(...answer.value.values);
      next = answer.value.next;
      if (next === null) return { ok: true, value: values };
    }
    return unexpected();
  }

  async function write<T>(
    token: string,
    method: 'POST' | 'PUT',
    call: Call,
    body: Record<string, unknown> & { secret?: string },
    schema: z.ZodType<T>,
  ): Promise<RepositoryAnswer<T>> {
    if (call.path === null) return refuse({ kind: 'not-found' });
    const url = `${apiUrl}${call.path}`;
    const result = await send(token, method, call.what, url, { body: JSON.stringify(body) });
    return readValue(result, [200, 201], schema, reading(token, body.secret));
  }

  async function remove(token: string, call: Call): Promise<RepositoryAnswer<'removed' | 'was-gone'>> {
    if (call.path === null) return refuse({ kind: 'not-found' });
    const result = await send(token, 'DELETE', call.what, `${apiUrl}${call.path}`);
    const refusal = readRefusal(result, [200, 204], reading(token));
    if (refusal?.kind === 'not-found') return { ok: true, value: 'was-gone' };
    return refusal ? refuse(refusal) : { ok: true, value: 'removed' };
  }

  return {
    events: EVENTS,

    listWorkspaces(token, page) {
      const call = { what: '/user/workspaces', path: '/user/workspaces', query: PAGE };
      return readPage(token, call, WorkspaceAccess, page);
    },

    listRepositories(token, workspace, page) {
      const path = joinPath('repositories', workspace);
      return readPage(token, { what: '/repositories/{workspace}', path, query: PAGE }, Repository, page);
    },

    async listPermissions(token, workspace, page) {
      const answer = await readPage(token, permissions(workspace, PAGE), RepositoryPermission, page);
      if (!answer.ok) return answer;
      const values = answer.value.values.flatMap(({ uuid, permission }) =>
        permission ? [{ uuid, permission }] : [],
      );
      return { ok: true, value: { values, next: answer.value.next } };
    },

    async readPermission(token, fullName) {
      const names = splitFullName(fullName);
      if (!names) return { ok: true, value: null };
      const q = encodeURIComponent(`repository.full_name="${fullName}"`);
      const call = permissions(names.workspace, `q=${q}&${PAGE}`);
      const answer = await readAll(token, call, RepositoryPermission);
      if (!answer.ok) {
        // Who is no member of the workspace has no right by name there. It proves nothing more.
        const { kind } = answer.refusal;
        return kind === 'forbidden' || kind === 'not-found' ? { ok: true, value: null } : answer;
      }
      const wanted = fullName.toLowerCase();
      const own = answer.value.find((each) => each.fullName.toLowerCase() === wanted);
      return { ok: true, value: own?.permission ?? null };
    },

    readRepository(token, at) {
      return read(token, below(at, '', []), Repository);
    },

    listKeys(token, at) {
      return readAll(token, below(at, '/deploy-keys', ['deploy-keys'], PAGE), DeployKey);
    },

    readKey(token, at, id) {
      return read(token, deployKey(at, id), DeployKey);
    },

    async addKey(token, at, { publicKey, label }) {
      const call = below(at, '/deploy-keys', ['deploy-keys']);
      const answer = await write(token, 'POST', call, { key: publicKey, label }, DeployKey);
      // Whatever was made then, it is not what was asked for.
      return answer.ok && answer.value.publicKey !== withoutComment(publicKey) ? unexpected() : answer;
    },

    removeKey(token, at, id) {
      return remove(token, deployKey(at, id));
    },

    listWebhooks(token, at) {
      return readAll(token, below(at, '/hooks', ['hooks'], PAGE), Webhook);
    },

    readWebhook(token, at, id) {
      return read(token, webhook(at, id), Webhook);
    },

    addWebhook(token, at, draft) {
      return write(token, 'POST', below(at, '/hooks', ['hooks']), webhookBody(draft), Webhook);
    },

    updateWebhook(token, at, id, draft) {
      return write(token, 'PUT', webhook(at, id), webhookBody(draft), Webhook);
    },

    removeWebhook(token, at, id) {
      return remove(token, webhook(at, id));
    },

    async readBranch(token, at, branch) {
      const call = below(at, '/refs/branches/{branch}', ['refs', 'branches', ...branch.split('/')]);
      const answer = await read(token, call, Branch);
      return answer.ok ? { ok: true, value: { commit: answer.value.commit } } : answer;
    },

    async listBranches(token, at) {
      const call = below(at, '/refs/branches', ['refs', 'branches'], `${PAGE}&sort=-target.date`);
      const answer = await readPage(token, call, Branch);
      return answer.ok ? { ok: true, value: answer.value.values } : answer;
    },

    async readFile(token, at, ref, path) {
      const parts = ['src', ref, ...path.split('/')];
      const answer = await read(token, below(at, '/src/{ref}/{path}', parts, 'format=meta'), EntryOrListing);
      if (!answer.ok) return answer;
      const { commit, size, isFile } = answer.value;
      return { ok: true, value: { commit, size, isFile } };
    },

    async listFiles(token, at, commit, path) {
      const { path: directory, ...call } = below(
        at,
        '/src/{commit}/{directory}/',
        ['src', commit, ...(path === '' ? [] : path.split('/'))],
        PAGE,
      );
      // The slash at the end asks for a directory.
      const answer = await readPage(token, { ...call, path: directory && `${directory}/` }, Entry);
      if (!answer.ok) return answer;
      return { ok: true, value: answer.value.values.flatMap(({ isFile, name }) => (isFile ? [name] : [])) };
    },
  };
}

/** A call below a repository: the template of its name, and the parts of its path. */
function below(at: RepositoryAddress, template: string, parts: string[], query = ''): Call {
  const repository = repositoryPath(at);
  const rest = joinPath(...parts);
  const path = repository === null || rest === null ? null : repository + rest;
  return { what: `/repositories/{repository}${template}`, path, query };
}

function deployKey(at: RepositoryAddress, id: string): Call {
  return below(at, '/deploy-keys/{key}', ['deploy-keys', id]);
}

function webhook(at: RepositoryAddress, id: string): Call {
  return below(at, '/hooks/{webhook}', ['hooks', id]);
}

function permissions(workspace: string, query: string): Call {
  const what = '/user/workspaces/{workspace}/permissions/repositories';
  return { what, path: joinPath('user', 'workspaces', workspace, 'permissions', 'repositories'), query };
}

/** Every field, always: whether a PUT keeps what is left out is documented for the secret alone. */
function webhookBody({ title, url, events, secret }: WebhookDraft) {
  return { description: title, url, active: true, events, secret };
}

function reading(...secrets: (string | undefined)[]): Reading {
  return { missingScopes, words: refusalWords, secrets: secrets.filter((each) => each !== undefined) };
}

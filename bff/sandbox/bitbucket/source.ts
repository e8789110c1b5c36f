import type { Context } from 'hono';
import { Hono } from 'hono';
import type { TreeEntry } from '../git.ts';
import type { Place } from '../place.ts';
import { digest } from '../secrets.ts';
import { paged, problem } from './answers.ts';
import { requires } from './credentials.ts';
import type { InRepository } from './repository.ts';
import { inRepository, selected } from './repository.ts';
import { commitShape, repositoryUrl } from './shapes.ts';

const mimeTypes: Record<string, string> = {
  html: 'text/html',
  js: 'application/javascript',
  json: 'application/json',
  md: 'text/x-web-markdown',
  py: 'text/x-python',
  txt: 'text/plain',
};

/** Source, branches, tags and commits of a repository, all read by git, under `/2.0/repositories/:workspace/:slug`. */
export function source(place: Place): Hono<InRepository> {
  const { origins, git } = place;
  const app = new Hono<InRepository>({ strict: false });
  const rights = [requires(place, 'repository'), inRepository(place)] as const;
  const noSuchCommit = (c: Context, name: string) => {
    const data = { shas: [name] };
    return c.json({ type: 'error', error: { message: 'Commit not found', data }, data }, 404);
  };

  app.get('/src', ...rights, (c) => {
    const repository = c.get('repository');
    if (repository.mainbranch === null) return problem(c, 404, 'No such file or directory: ');
    return c.redirect(
      `${repositoryUrl(place, repository)}/src/${encodeURIComponent(repository.mainbranch)}/`,
      302,
    );
  });
  app.on(['GET', 'HEAD'], '/src/:commit/*', ...rights, async (c) => {
    const repository = c.get('repository');
    const name = c.req.param('commit');
    const at = tailAfter(c, 7);
    // Nobody promises that a slash, even encoded, still belongs to the name of the branch here.
    const known = !name.includes('/') || place.world.data.quirks.slashInSrc;
    const hash = known ? await git.resolve(repository, name) : null;
    if (hash === null) return noSuchCommit(c, name);
    const found = await git.entry(repository, hash, at);
    if (!found) return problem(c, 404, `No such file or directory: ${at}`);
    if (c.req.query('format') === 'meta') return c.json(entryShape(found, hash));
    if (found.type !== 'blob') {
      const entries = await git.list(repository, hash, at);
      return paged(
        c,
        origins.api,
        entries.map((entry) => entryShape(entry, hash)),
      );
    }
    const bytes = new Uint8Array(await git.blob(repository, found.hash));
    return c.body(bytes, 200, {
      'content-type': mimeOf(found.path) ?? 'application/octet-stream',
      etag: `"${digest(found.hash).slice(0, 32)}"`,
    });

    function entryShape(entry: TreeEntry, commit: string) {
      const base = `${repositoryUrl(place, repository)}/src/${commit}/${entry.path}`;
      const shared = {
        path: entry.path,
        commit: {
          type: 'commit',
          hash: commit,
          links: { self: { href: `${repositoryUrl(place, repository)}/commit/${commit}` } },
        },
      };
      if (entry.type === 'tree') {
        return {
          type: 'commit_directory',
          ...shared,
          links: { self: { href: `${base}/` }, meta: { href: `${base}/?format=meta` } },
        };
      }
      const attributes = [
        ...(entry.mode === '100755' ? ['executable'] : []),
        ...(entry.mode === '120000' ? ['link'] : []),
        ...(entry.type === 'commit' ? ['subrepository'] : []),
      ];
      return {
        type: 'commit_file',
        ...shared,
        escaped_path: entry.path,
        size: entry.size,
        mimetype: mimeOf(entry.path),
        attributes,
        links: { self: { href: base }, meta: { href: `${base}?format=meta` } },
      };
    }
  });

  for (const [plural, kind, type] of [
    ['branches', 'heads', 'branch'],
    ['tags', 'tags', 'tag'],
  ] as const) {
    const shape = async (c: Context<InRepository>, ref: { name: string; hash: string }) => {
      const repository = c.get('repository');
      const target = commitShape(place, repository, await git.commit(repository, ref.hash));
      const self = `${repositoryUrl(place, repository)}/refs/${plural}/${encodeURIComponent(ref.name)}`;
      return { type, name: ref.name, target, links: { self: { href: self } } };
    };
    app.get(`/refs/${plural}`, ...rights, async (c) => {
      const refs = await git.refs(c.get('repository'), kind);
      const values = selected(c, await Promise.all(refs.map((ref) => shape(c, ref))));
      return values instanceof Response ? values : paged(c, origins.api, values);
    });
    app.get(`/refs/${plural}/*`, ...rights, async (c) => {
      const name = tailAfter(c, 7);
      const ref = (await git.refs(c.get('repository'), kind)).find((each) => each.name === name);
      if (!ref) return problem(c, 404, `${type === 'tag' ? 'Tag' : 'Branch'} "${name}" does not exist.`);
      return c.json(await shape(c, ref));
    });
  }

  app.get('/commit/:commit', ...rights, async (c) => {
    const name = c.req.param('commit');
    const repository = c.get('repository');
    const hash = await git.resolve(repository, name);
    if (hash === null) return noSuchCommit(c, name);
    return c.json(commitShape(place, repository, await git.commit(repository, hash)));
  });
  return app;
}

/** The rest of the path after `count` parts, decoded, whether its slashes were encoded or not. */
function tailAfter(c: Context, count: number): string {
  const tail = new URL(c.req.url).pathname.split('/').slice(count).join('/');
  try {
    return decodeURIComponent(tail).replace(/\/$/, '');
  } catch {
    return tail;
  }
}

const mimeOf = (file: string): string | null => mimeTypes[file.split('.').pop() ?? ''] ?? null;

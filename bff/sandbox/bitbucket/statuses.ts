import type { Context } from 'hono';
import { Hono } from 'hono';
import type { Place } from '../place.ts';
import type { BuildStatus } from '../state.ts';
import { bitbucketTime } from '../time.ts';
import { paged, problem } from './answers.ts';
import { requires } from './credentials.ts';
import type { InRepository } from './repository.ts';
import { inRepository } from './repository.ts';
import { repositoryUrl } from './shapes.ts';

const KEY_LIMIT = 40;
const states = ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'STOPPED'];

/** Build statuses of commits, under `/2.0/repositories/:workspace/:slug`. Posting them needs no more than reading. */
export function statuses(place: Place): Hono<InRepository> {
  const { world, origins, git } = place;
  const app = new Hono<InRepository>({ strict: false });
  const rights = [requires(place, 'repository'), inRepository(place)] as const;

  const shape = (c: Context<InRepository>, status: BuildStatus) => ({
    type: 'build',
    key: status.key,
    state: status.state,
    name: status.name,
    url: status.url,
    description: status.description,
    refname: status.refname,
    created_on: status.createdOn,
    updated_on: status.updatedOn,
    links: {
      self: {
        href: `${repositoryUrl(place, c.get('repository'))}/commit/${status.commit}/statuses/build/${encodeURIComponent(status.key)}`,
      },
      commit: { href: `${repositoryUrl(place, c.get('repository'))}/commit/${status.commit}` },
    },
  });
  const of = (c: Context<InRepository>, commit: string) =>
    world.data.statuses.filter(
      (each) => each.repository === c.get('repository').uuid && each.commit === commit,
    );
  const commitOf = (c: Context<InRepository>) =>
    git.resolve(c.get('repository'), c.req.param('commit') ?? '');
  const noSuchCommit = (c: Context) => problem(c, 404, 'Commit not found');

  app.get('/commit/:commit/statuses', ...rights, async (c) => {
    const commit = await commitOf(c);
    if (commit === null) return noSuchCommit(c);
    return paged(
      c,
      origins.api,
      of(c, commit).map((each) => shape(c, each)),
    );
  });
  app.get('/commit/:commit/statuses/build/:key', ...rights, async (c) => {
    const commit = await commitOf(c);
    const found = commit === null ? undefined : of(c, commit).find((each) => each.key === c.req.param('key'));
    return found ? c.json(shape(c, found)) : problem(c, 404, 'No such build status');
  });
  app.post('/commit/:commit/statuses/build', ...rights, async (c) => {
    const commit = await commitOf(c);
    if (commit === null) return noSuchCommit(c);
    return write(c, commit, await c.req.json().catch(() => null), 201);
  });
  app.put('/commit/:commit/statuses/build/:key', ...rights, async (c) => {
    const commit = await commitOf(c);
    const found = commit === null ? undefined : of(c, commit).find((each) => each.key === c.req.param('key'));
    if (commit === null || !found) return problem(c, 404, 'No such build status');
    const body: unknown = await c.req.json().catch(() => null);
    return write(c, commit, { ...shape(c, found), ...(body as object), key: found.key }, 200);
  });

  function write(c: Context<InRepository>, commit: string, body: unknown, status: 200 | 201): Response {
    const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const fields: Record<string, string[]> = {};
    const text = (name: string) => (typeof given[name] === 'string' ? given[name] : '');
    const key = text('key');
    if (key === '') fields.key = ['This field is required.'];
    else if (key.length > KEY_LIMIT) fields.key = [`Ensure this value has at most ${KEY_LIMIT} characters.`];
    if (!states.includes(text('state'))) fields.state = ['Select a valid choice.'];
    const url = text('url');
    // A host without a dot is no address for Bitbucket.
    if (url !== '' && !(URL.canParse(url) && new URL(url).hostname.includes('.')))
      fields.url = ['Enter a valid URL.'];
    if (Object.keys(fields).length > 0) return problem(c, 400, 'Bad request', { fields });
    const repository = c.get('repository').uuid;
    const now = bitbucketTime(world.now());
    const earlier = of(c, commit).find((each) => each.key === key);
    const written: BuildStatus = {
      repository,
      commit,
      key,
      state: text('state'),
      url,
      name: text('name'),
      description: text('description'),
      refname: text('refname') || null,
      createdOn: earlier?.createdOn ?? now,
      updatedOn: now,
    };
    world.data.statuses = [...world.data.statuses.filter((each) => each !== earlier), written];
    world.changed();
    return c.json(shape(c, written), status);
  }
  return app;
}

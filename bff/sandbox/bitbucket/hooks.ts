import type { Context } from 'hono';
import { Hono } from 'hono';
import type { Place } from '../place.ts';
import { bracedUuid } from '../secrets.ts';
import type { Hook } from '../state.ts';
import { paged, problem } from './answers.ts';
import { covers, lacksScopes, requires } from './credentials.ts';
import { hookEvents } from './hook-events.ts';
import type { InRepository } from './repository.ts';
import { adminsOnly, inRepository } from './repository.ts';
import { hookShape } from './shapes.ts';

const SECRET_LIMIT = 128;

/** Webhooks of a repository, under `/2.0/repositories/:workspace/:slug`. */
export function hooks(place: Place): Hono<InRepository> {
  const { world, origins } = place;
  const app = new Hono<InRepository>({ strict: false });
  const rights = [requires(place, 'webhook'), inRepository(place), adminsOnly] as const;
  const hooksOf = (c: Context<InRepository>) =>
    world.data.hooks.filter((hook) => hook.repository === c.get('repository').uuid);
  const find = (c: Context<InRepository>): Hook | undefined =>
    hooksOf(c).find((hook) => hook.uuid === bracedOf(c.req.param('uid') ?? ''));
  const noSuchHook = (c: Context) => problem(c, 404, `${c.req.param('uid')} does not exist`);

  app.get('/hooks', ...rights, (c) =>
    paged(
      c,
      origins.api,
      hooksOf(c).map((hook) => hookShape(place, c.get('repository'), hook)),
    ),
  );
  app.get('/hooks/:uid', ...rights, (c) => {
    const hook = find(c);
    return hook ? c.json(hookShape(place, c.get('repository'), hook)) : noSuchHook(c);
  });

  app.post('/hooks', ...rights, async (c) => {
    const repository = c.get('repository');
    const { hookLimit } = world.data.quirks;
    if (hookLimit !== null && hooksOf(c).length >= hookLimit) {
      return problem(c, 400, `The maximum number of webhooks (${hookLimit}) has been reached.`);
    }
    const draft: Hook = {
      uuid: bracedUuid(),
      repository: repository.uuid,
      description: '',
      url: '',
      active: true,
      events: [],
      secret: null,
      skipCertVerification: false,
      // Nanoseconds, unlike everywhere else.
      createdAt: new Date(world.now()).toISOString().replace('Z', '000000Z'),
    };
    const refusal = apply(c, draft, await c.req.json().catch(() => null));
    if (refusal) return refusal;
    world.data.hooks.push(draft);
    world.changed();
    const shape = hookShape(place, repository, draft);
    c.header('Location', shape.links.self.href);
    return c.json(shape, 201);
  });

  app.put('/hooks/:uid', ...rights, async (c) => {
    const hook = find(c);
    if (!hook) return noSuchHook(c);
    const left = { description: '', url: '', active: true, events: [], skipCertVerification: false };
    const changed: Hook = world.data.quirks.hookPut === 'whole' ? { ...hook, ...left } : { ...hook };
    const refusal = apply(c, changed, await c.req.json().catch(() => null));
    if (refusal) return refusal;
    Object.assign(hook, changed);
    world.changed();
    return c.json(hookShape(place, c.get('repository'), hook));
  });

  app.delete('/hooks/:uid', ...rights, (c) => {
    const hook = find(c);
    if (!hook) return noSuchHook(c);
    world.data.hooks = world.data.hooks.filter((each) => each !== hook);
    world.changed();
    return c.body(null, 204);
  });

  /** Writes the fields of a body into a hook; returns the refusal when something is wrong with them. */
  function apply(c: Context<InRepository>, hook: Hook, body: unknown): Response | null {
    const bad = (fields: Record<string, string[]>) => problem(c, 400, 'Bad request', { fields });
    if (typeof body !== 'object' || body === null) return bad({ url: ['This field is required.'] });
    const given = body as Record<string, unknown>;
    if (given.description !== undefined) hook.description = String(given.description ?? '');
    if (given.url !== undefined) hook.url = String(given.url ?? '');
    if (typeof given.active === 'boolean') hook.active = given.active;
    if (typeof given.skip_cert_verification === 'boolean')
      hook.skipCertVerification = given.skip_cert_verification;
    if (given.events !== undefined) {
      if (!Array.isArray(given.events) || !given.events.every((event) => typeof event === 'string')) {
        return bad({ events: ['Expected a list of events.'] });
      }
      hook.events = given.events;
    }
    // Left out: unchanged. Null or empty: removed.
    if (given.secret !== undefined) {
      const secret = given.secret === null ? '' : String(given.secret);
      if (secret.length > SECRET_LIMIT) {
        return bad({ secret: [`Ensure this value has at most ${SECRET_LIMIT} characters.`] });
      }
      hook.secret = secret === '' ? null : secret;
    }
    if (!isReachable(hook.url)) return bad({ url: ['Enter a valid URL.'] });
    if (hook.events.length === 0) return bad({ events: ['At least one event is required.'] });
    if (new Set(hook.events).size !== hook.events.length) return bad({ events: ['Events must be unique.'] });
    const unknown = hook.events.filter((event) => !hookEvents.some((each) => each.event === event));
    if (unknown.length > 0)
      return bad({ events: unknown.map((event) => `"${event}" is not a valid event.`) });
    const granted = c.get('grant').scopes;
    const required = [...new Set(hook.events.map(scopeOf))];
    if (required.every((scope) => covers(granted, scope))) return null;
    const { message, extra } = lacksScopes(granted, ['webhook', ...required]);
    return problem(c, 403, message, extra);
  }

  function isReachable(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const url = new URL(address);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
    return world.data.quirks.localHookUrls || !/^(localhost|127\.|10\.|192\.168\.|\[|0\.)/.test(url.hostname);
  }
  return app;
}

/** The read scope of what an event is about. */
const scopeOf = (event: string): string =>
  ({
    repo: 'repository',
    pullrequest: 'pullrequest',
    issue: 'issue',
    project: 'project',
    pipeline: 'pipeline',
  })[event.split(':')[0] ?? ''] ?? 'repository';

const bracedOf = (uid: string) => (uid.startsWith('{') ? uid : `{${uid}}`).toLowerCase();

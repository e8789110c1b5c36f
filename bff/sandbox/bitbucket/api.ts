import { Hono } from 'hono';
import type { Place } from '../place.ts';
import { findPerson } from '../world.ts';
import { gone, paged, problem, resourceNotFound } from './answers.ts';
import type { Credentials } from './credentials.ts';
import { requires } from './credentials.ts';
import { selfOf, userOf } from './shapes.ts';

/** api.bitbucket.org: everything under /2.0. */
export function bitbucketApi(place: Place): Hono<Credentials> {
  const { world, origins } = place;
  const app = new Hono<Credentials>({ strict: false });

  app.get('/2.0/user', requires(place, 'account'), (c) => {
    const person = findPerson(world, 'bitbucket', c.get('person'));
    if (!person) {
      const grant = c.get('grant');
      return c.json({
        type: 'app_user',
        uuid: `{${grant.client}}`,
        display_name: 'Semaphore',
        kind: 'oauth_consumer',
      });
    }
    return c.json(selfOf(place, person));
  });
  app.get('/2.0/user/emails', requires(place, 'email'), (c) => {
    const person = findPerson(world, 'bitbucket', c.get('person'));
    const values = (person?.emails ?? []).map((each) => ({
      type: 'email',
      email: each.email,
      is_primary: each.primary,
      is_confirmed: each.confirmed,
      links: { self: { href: `${origins.api}/2.0/user/emails/${encodeURIComponent(each.email)}` } },
    }));
    return paged(c, origins.api, values);
  });
  app.get('/2.0/users/:id', requires(place, 'account'), (c) => {
    const id = c.req.param('id');
    const person = world.data.people.find(
      (p) => p.service === 'bitbucket' && (p.id === id || p.accountId === id),
    );
    return person ? c.json(userOf(place, person)) : problem(c, 404, `${id} is not a known user.`);
  });

  for (const path of [
    'repositories',
    'workspaces',
    'user/permissions/repositories',
    'user/permissions/workspaces',
    'snippets',
  ]) {
    app.get(`/2.0/${path}`, gone);
  }

  app.notFound(resourceNotFound);
  return app;
}

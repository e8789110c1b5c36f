import type { Context } from 'hono';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { controlRoutes } from '../control.ts';
import {
  authenticate,
  basicCredentials,
  createGrant,
  findRefreshToken,
  giveConsent,
  hasConsented,
  issueAccessToken,
  issueCode,
  issueRefreshToken,
  redeemCode,
} from '../grants.ts';
import { applicationRoutes } from '../pages/applications.ts';
import { consentPage, refusalPage } from '../pages/consent.ts';
import { deskRoutes } from '../pages/desk.ts';
import { layout, pageHeaders } from '../pages/layout.ts';
import { repositoryRoutes } from '../pages/repositories.ts';
import { storyRoutes } from '../pages/stories.ts';
import { chooser, ownFormsOnly, visitor, visitRoutes } from '../pages/visit.ts';
import { weatherRoutes } from '../pages/weather.ts';
import type { Place } from '../place.ts';
import { secretOf } from '../secrets.ts';
import type { Grant, OAuthClient } from '../state.ts';
import { fullName, permissionOf } from '../world.ts';

const EXPIRES_IN = 7200;

/** bitbucket.org: log-in, consent, the token endpoint, and the pages that the product links to. */
export function bitbucketWeb(place: Place): Hono {
  const { world, origins } = place;
  const app = new Hono({ strict: false });
  const wrongClient = (c: Context) =>
    c.json({ error: 'unauthorized_client', error_description: 'Invalid OAuth client credentials' }, 400);

  // First the guard and the log-in, then the desk that plays Bitbucket; both live below /sandbox.
  app.route('/', visitRoutes(place, 'bitbucket', origins.bitbucket));
  app.route('/', deskRoutes(place));
  app.route('/', repositoryRoutes(place));
  app.route('/', storyRoutes(place));
  app.route('/', weatherRoutes(place));
  app.route('/', controlRoutes(place));

  /** The client and where to return to, or the page that refuses; no redirect before the address is known to be right. */
  function readRequest(c: Context, params: URLSearchParams) {
    const refuse = (title: string, detail: string) => ({
      refusal: c.html(refusalPage('bitbucket', title, detail), 400, pageHeaders),
    });
    const client = world.data.clients.find(
      (each) => each.service === 'bitbucket' && each.id === params.get('client_id'),
    );
    if (!client)
      return refuse('Invalid client_id', 'This integration is misconfigured: no client has this id.');
    const redirectUri = params.get('redirect_uri');
    if (redirectUri !== null && redirectUri !== client.callback) {
      return refuse(
        'Invalid redirect_uri',
        'The redirect_uri does not match the one that the client registered.',
      );
    }
    if (params.get('response_type') !== 'code') {
      return refuse('Unsupported response type', 'Only response_type=code is offered.');
    }
    return { client, redirectUri };
  }
  const back = (c: Context, client: OAuthClient, answer: Record<string, string>, state: string | null) => {
    const url = new URL(client.callback);
    for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
    if (state !== null) url.searchParams.set('state', state);
    return c.redirect(url.href, 302);
  };

  app.get('/site/oauth2/authorize', (c) => {
    const url = new URL(c.req.url);
    const request = readRequest(c, url.searchParams);
    if ('refusal' in request) return request.refusal;
    const { client, redirectUri } = request;
    const person = visitor(c, place, 'bitbucket');
    if (!person) return chooser(c, place, 'bitbucket', `${url.pathname}${url.search}`);
    if (!hasConsented(world, client, person.id, client.scopes, 'same')) {
      return c.html(consentPage(client, person, client.scopes, url), 200, pageHeaders);
    }
    // The scope parameter and PKCE are not known here: the client decides the scopes, nobody checks a verifier.
    const code = issueCode(world, client, person.id, { redirectUri, challenge: null, scopes: client.scopes });
    return back(c, client, { code }, url.searchParams.get('state'));
  });

  app.post('/site/oauth2/authorize', ownFormsOnly(origins.bitbucket), async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const request = readRequest(c, form);
    if ('refusal' in request) return request.refusal;
    const { client, redirectUri } = request;
    const person = visitor(c, place, 'bitbucket');
    if (!person) return c.redirect('/sandbox/login', 303);
    const state = form.get('state');
    if (form.get('decision') !== 'grant') {
      return back(
        c,
        client,
        { error: 'access_denied', error_description: 'The user denied the request' },
        state,
      );
    }
    giveConsent(world, client, person.id, [...client.scopes]);
    const code = issueCode(world, client, person.id, { redirectUri, challenge: null, scopes: client.scopes });
    return back(c, client, { code }, state);
  });

  app.post('/site/oauth2/access_token', async (c) => {
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '');
    const form = new URLSearchParams(isForm ? await c.req.text() : '');
    const client = authenticate(world, 'bitbucket', basicCredentials(c.req.header('authorization')));
    if (isForm && !client) return wrongClient(c);
    const grantType = form.get('grant_type');
    c.header('cache-control', 'no-store');
    if (client && grantType === 'authorization_code') {
      const code = redeemCode(world, client, form.get('code') ?? '', {
        redirectUri: form.get('redirect_uri'),
        verifier: null,
      });
      if (!code)
        return c.json({ error: 'invalid_grant', error_description: 'The specified code is not valid.' }, 400);
      const grant = createGrant(world, client, code.person, code.scopes);
      return c.json(tokens(grant, 'authorization_code', true));
    }
    if (client && grantType === 'refresh_token') return refresh(c, client, form.get('refresh_token') ?? '');
    if (client && grantType === 'client_credentials') {
      return c.json(
        tokens(createGrant(world, client, null, [...client.scopes]), 'client_credentials', false),
      );
    }
    return c.json(
      { error: 'invalid_grant', error_description: `Unsupported grant type: ${grantType ?? 'None'}` },
      400,
    );
  });
  app.on(['GET', 'PUT', 'DELETE'], '/site/oauth2/access_token', (c) => c.text('Method Not Allowed', 405));

  function tokens(grant: Grant, state: string, withRefresh: boolean) {
    const { quirks } = world.data;
    const accessToken = secretOf(quirks.accessTokenLength);
    issueAccessToken(world, grant, accessToken, EXPIRES_IN * 1000);
    const refreshToken = secretOf(44);
    if (withRefresh) issueRefreshToken(world, grant, refreshToken);
    return {
      access_token: accessToken,
      ...(withRefresh ? { refresh_token: refreshToken } : {}),
      token_type: 'bearer',
      expires_in: EXPIRES_IN,
      [quirks.scopeField]: grant.scopes.join(' '),
      state,
    };
  }

  function refresh(c: Context, client: OAuthClient, value: string) {
    const { data } = world;
    if ((data.lockouts[client.id] ?? 0) > world.now()) return wrongClient(c);
    const found = findRefreshToken(world, client, value);
    switch (found.state) {
      case 'current':
        return c.json(tokens(found.grant, 'refresh_token', true));
      case 'rotated': {
        const rotatedAt = found.token.rotatedAt ?? 0;
        if (world.now() < rotatedAt + data.quirks.refreshGraceMs) {
          return c.json(tokens(found.grant, 'refresh_token', true));
        }
        if (data.quirks.lockoutMs > 0) {
          data.lockouts[client.id] = world.now() + data.quirks.lockoutMs;
          world.changed();
        }
        // The words of a wrong client secret; a caller cannot tell the two apart.
        return wrongClient(c);
      }
      case 'revoked': {
        const { revokedRefresh } = data.quirks;
        if (revokedRefresh === 'unauthorized_client') return wrongClient(c);
        return c.json({ error: revokedRefresh, error_description: 'Invalid refresh_token' }, 400);
      }
      default:
        return c.json({ error: 'invalid_grant', error_description: 'Invalid refresh_token' }, 400);
    }
  }

  // Since 2026 the API answers on its own host only.
  app.all('/api/*', (c) =>
    c.html(refusalPage('bitbucket', 'Not found', 'There is no API at this address.'), 404, pageHeaders),
  );

  app.route(
    '/',
    applicationRoutes(place, 'bitbucket', '/account/settings/app-authorizations', origins.bitbucket),
  );

  app.get('/:owner{[^/]+}', (c) => {
    const owner = c.req.param('owner');
    const person = world.data.people.find(
      (each) => each.service === 'bitbucket' && (each.id === owner || each.nickname === owner),
    );
    if (!person) return c.notFound();
    return c.html(
      layout(
        {
          service: 'bitbucket',
          title: person.name,
          nav: true,
          who: visitor(c, place, 'bitbucket')?.name ?? null,
        },
        html`<p><img src="/sandbox/avatars/${person.id}.svg" alt="" width="64" height="64"></p>
        <dl><dt>Nickname</dt><dd>@${person.nickname}</dd><dt>UUID</dt><dd><code>${person.id}</code></dd></dl>`,
      ),
      200,
      pageHeaders,
    );
  });
  app.get('/:workspace{[^/]+}/:slug{[^/]+}', (c) => {
    const { workspace, slug } = c.req.param();
    const person = visitor(c, place, 'bitbucket');
    const named = world.data.repositories.find(
      (each) =>
        fullName(world, each) === `${workspace}/${slug}` || (workspace === '{}' && each.uuid === slug),
    );
    const moved = world.data.repositories.find((each) => each.formerNames.includes(`${workspace}/${slug}`));
    const repository = named ?? (world.data.quirks.oldSlug === 404 ? undefined : moved);
    const visible =
      repository &&
      (!repository.isPrivate || (person && permissionOf(world, repository, person.id) !== null));
    if (!visible) return c.notFound();
    if (!named) return c.redirect(`/${fullName(world, repository)}`);
    return c.html(
      layout(
        { service: 'bitbucket', title: fullName(world, repository), nav: true, who: person?.name ?? null },
        html`<p>${repository.description || 'No description.'}</p>
        <p><a href="/sandbox/repositories/${repository.uuid}">Keys, webhooks and people of this repository</a></p>`,
      ),
      200,
      pageHeaders,
    );
  });

  app.notFound((c) =>
    c.html(
      refusalPage('bitbucket', 'Resource not found', 'There is nothing at this address.'),
      404,
      pageHeaders,
    ),
  );
  return app;
}

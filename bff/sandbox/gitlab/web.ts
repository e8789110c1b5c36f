import type { Context } from 'hono';
import { Hono } from 'hono';
import {
  authenticate,
  basicCredentials,
  createGrant,
  dropGrants,
  findRefreshToken,
  giveConsent,
  grantOf,
  hasConsented,
  issueAccessToken,
  issueCode,
  issueRefreshToken,
  redeemCode,
} from '../grants.ts';
import { applicationRoutes } from '../pages/applications.ts';
import { consentPage, refusalPage } from '../pages/consent.ts';
import { pageHeaders } from '../pages/layout.ts';
import { chooser, ownFormsOnly, visitor, visitRoutes } from '../pages/visit.ts';
import type { Place } from '../place.ts';
import { digest, secretOf } from '../secrets.ts';
import type { Grant, OAuthClient } from '../state.ts';
import { gitlabApi } from './api.ts';

const EXPIRES_IN = 7200;

/** gitlab.com: log-in, tokens that rotate, revocation, and the API, which lives on the same origin. */
export function gitlab(place: Place): Hono {
  const { world, origins } = place;
  const app = new Hono({ strict: false });
  app.route('/', visitRoutes(place, 'gitlab', origins.gitlab));
  app.route('/', applicationRoutes(place, 'gitlab', '/-/user_settings/applications', origins.gitlab));
  app.route('/api/v4', gitlabApi(place));
  app.get('/', (c) => c.redirect('/-/user_settings/applications'));

  function back(c: Context, client: OAuthClient, answer: Record<string, string>, state: string | null) {
    const url = new URL(client.callback);
    for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
    if (state !== null) url.searchParams.set('state', state);
    return c.redirect(url.href, 302);
  }
  function readRequest(c: Context, params: URLSearchParams) {
    const refuse = (detail: string) => ({
      refusal: c.html(refusalPage('gitlab', 'An error has occurred', detail), 400, pageHeaders),
    });
    const client = world.data.clients.find(
      (each) => each.service === 'gitlab' && each.id === params.get('client_id'),
    );
    if (!client) return refuse('Client authentication failed due to unknown client.');
    const redirectUri = params.get('redirect_uri');
    if (redirectUri !== client.callback) return refuse('The redirect URI included is not valid.');
    const state = params.get('state');
    const fail = (error: string, description: string) => ({
      refusal: back(c, client, { error, error_description: description }, state),
    });
    if (params.get('response_type') !== 'code') {
      return fail(
        'unsupported_response_type',
        'The authorization server does not support this response type.',
      );
    }
    const challenge = params.get('code_challenge');
    if (challenge !== null && params.get('code_challenge_method') !== 'S256') {
      return fail('invalid_request', 'The code challenge method must be S256.');
    }
    const scopes = (params.get('scope') ?? client.scopes[0] ?? '').split(/\s+/).filter(Boolean);
    if (!scopes.every((scope) => client.scopes.includes(scope))) {
      return fail('invalid_scope', 'The requested scope is invalid, unknown, or malformed.');
    }
    return { client, redirectUri, challenge, scopes, state };
  }

  app.get('/oauth/authorize', (c) => {
    const url = new URL(c.req.url);
    const request = readRequest(c, url.searchParams);
    if ('refusal' in request) return request.refusal;
    const { client, scopes, state } = request;
    const person = visitor(c, place, 'gitlab');
    if (!person) return chooser(c, place, 'gitlab', `${url.pathname}${url.search}`);
    if (!hasConsented(world, client, person.id, scopes, 'covers')) {
      return c.html(consentPage(client, person, scopes, url), 200, pageHeaders);
    }
    return back(c, client, { code: issueCode(world, client, person.id, request) }, state);
  });
  app.post('/oauth/authorize', ownFormsOnly(origins.gitlab), async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const request = readRequest(c, form);
    if ('refusal' in request) return request.refusal;
    const { client, scopes, state } = request;
    const person = visitor(c, place, 'gitlab');
    if (!person) return c.redirect('/sandbox/login', 303);
    if (form.get('decision') !== 'grant') {
      return back(
        c,
        client,
        {
          error: 'access_denied',
          error_description: 'The resource owner or authorization server denied the request.',
        },
        state,
      );
    }
    giveConsent(world, client, person.id, scopes);
    return back(c, client, { code: issueCode(world, client, person.id, request) }, state);
  });

  /** The client of a token request: HTTP Basic, or id and secret in the body. */
  const clientOfForm = (c: Context, form: URLSearchParams) =>
    authenticate(
      world,
      'gitlab',
      basicCredentials(c.req.header('authorization')) ?? {
        id: form.get('client_id') ?? '',
        secret: form.get('client_secret') ?? '',
      },
    );
  const invalidClient = (c: Context) =>
    c.json(
      {
        error: 'invalid_client',
        error_description:
          'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
      },
      401,
    );
  const invalidGrant = (c: Context) =>
    c.json(
      {
        error: 'invalid_grant',
        error_description:
          'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
      },
      400,
    );

  app.post('/oauth/token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const client = clientOfForm(c, form);
    if (!client) return invalidClient(c);
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const code = redeemCode(world, client, form.get('code') ?? '', {
          redirectUri: form.get('redirect_uri'),
          verifier: form.get('code_verifier'),
        });
        if (!code) return invalidGrant(c);
        return c.json(tokens(createGrant(world, client, code.person, code.scopes)));
      }
      case 'refresh_token': {
        const found = findRefreshToken(world, client, form.get('refresh_token') ?? '');
        if (found.state !== 'current') return invalidGrant(c);
        // The access tokens before the refresh die with the refresh token.
        world.data.accessTokens = world.data.accessTokens.filter((t) => t.grant !== found.grant.id);
        return c.json(tokens(found.grant));
      }
      default:
        return c.json(
          {
            error: 'unsupported_grant_type',
            error_description: 'The authorization grant type is not supported by the authorization server.',
          },
          400,
        );
    }
  });

  function tokens(grant: Grant) {
    const accessToken = secretOf(64);
    const refreshToken = secretOf(64);
    issueAccessToken(world, grant, accessToken, EXPIRES_IN * 1000);
    issueRefreshToken(world, grant, refreshToken);
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: EXPIRES_IN,
      refresh_token: refreshToken,
      scope: grant.scopes.join(' '),
      created_at: Math.floor(world.now() / 1000),
    };
  }

  app.post('/oauth/revoke', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const client = clientOfForm(c, form);
    if (!client) {
      return c.json(
        { error: 'unauthorized_client', error_description: 'You are not authorized to revoke this token' },
        403,
      );
    }
    const value = form.get('token') ?? '';
    const found = findRefreshToken(world, client, value);
    const grant = 'grant' in found ? found.grant : grantOf(world, 'gitlab', value);
    // One token is what the standard asks for; GitLab's pair of access and refresh token is one record.
    if (grant && grant.client === client.id) dropGrants(world, (each) => each.id === grant.id);
    world.data.accessTokens = world.data.accessTokens.filter((t) => t.hash !== digest(value));
    world.changed();
    return c.json({});
  });

  app.get('/:username{[^/]+}', (c) => {
    const person = world.data.people.find(
      (p) => p.service === 'gitlab' && p.nickname === c.req.param('username'),
    );
    if (!person) return c.notFound();
    return c.html(refusalPage('gitlab', person.name, `@${person.nickname}`), 200, pageHeaders);
  });
  app.notFound((c) =>
    c.html(refusalPage('gitlab', 'Page not found', 'There is nothing at this address.'), 404, pageHeaders),
  );
  return app;
}

import type { Context } from 'hono';
import { Hono } from 'hono';
import {
  authenticate,
  basicCredentials,
  createGrant,
  giveConsent,
  hasConsented,
  issueAccessToken,
  issueCode,
  redeemCode,
} from '../grants.ts';
import { applicationRoutes } from '../pages/applications.ts';
import { consentPage, refusalPage } from '../pages/consent.ts';
import { pageHeaders } from '../pages/layout.ts';
import { chooser, ownFormsOnly, visitor, visitRoutes } from '../pages/visit.ts';
import type { Place } from '../place.ts';
import { secretOf } from '../secrets.ts';
import type { OAuthClient } from '../state.ts';

const docs =
  'https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors';

/** github.com, as far as logging in goes. Tokens of an OAuth app do not expire there and there is nothing to refresh. */
export function githubWeb(place: Place): Hono {
  const { world, origins } = place;
  const app = new Hono({ strict: false });
  app.route('/', visitRoutes(place, 'github', origins.github));
  app.route('/', applicationRoutes(place, 'github', '/settings/applications', origins.github));
  app.get('/', (c) => c.redirect('/settings/applications'));

  function readRequest(c: Context, params: URLSearchParams) {
    const client = world.data.clients.find(
      (each) => each.service === 'github' && each.id === params.get('client_id'),
    );
    if (!client) {
      return {
        refusal: c.html(
          refusalPage('github', 'Not found', 'No application has this client_id.'),
          404,
          pageHeaders,
        ),
      };
    }
    const redirectUri = params.get('redirect_uri');
    const state = params.get('state');
    if (redirectUri !== null && redirectUri !== client.callback) {
      // GitHub tells the registered callback, not the address that was asked for.
      return {
        refusal: back(
          c,
          client,
          {
            error: 'redirect_uri_mismatch',
            error_description: 'The redirect_uri is not associated with this application.',
          },
          state,
        ),
      };
    }
    const challenge = params.get('code_challenge');
    if (challenge !== null && params.get('code_challenge_method') !== 'S256') {
      return {
        refusal: back(
          c,
          client,
          { error: 'invalid_request', error_description: 'The code_challenge_method must be S256.' },
          state,
        ),
      };
    }
    const scopes = (params.get('scope') ?? '').split(/[\s,]+/).filter(Boolean);
    return { client, redirectUri, challenge, scopes, state };
  }
  function back(c: Context, client: OAuthClient, answer: Record<string, string>, state: string | null) {
    const url = new URL(client.callback);
    for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
    if (state !== null) url.searchParams.set('state', state);
    return c.redirect(url.href, 302);
  }

  app.get('/login/oauth/authorize', (c) => {
    const url = new URL(c.req.url);
    const request = readRequest(c, url.searchParams);
    if ('refusal' in request) return request.refusal;
    const { client, state, scopes } = request;
    const person = visitor(c, place, 'github');
    if (!person) return chooser(c, place, 'github', `${url.pathname}${url.search}`);
    if (
      url.searchParams.get('prompt') === 'select_account' ||
      !hasConsented(world, client, person.id, scopes, 'covers')
    ) {
      return c.html(consentPage(client, person, scopes, url), 200, pageHeaders);
    }
    return back(c, client, { code: issueCode(world, client, person.id, request) }, state);
  });

  app.post('/login/oauth/authorize', ownFormsOnly(origins.github), async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const request = readRequest(c, form);
    if ('refusal' in request) return request.refusal;
    const { client, state, scopes } = request;
    const person = visitor(c, place, 'github');
    if (!person) return c.redirect('/sandbox/login', 303);
    if (form.get('decision') !== 'grant') {
      return back(
        c,
        client,
        { error: 'access_denied', error_description: 'The user has denied your application access.' },
        state,
      );
    }
    giveConsent(world, client, person.id, scopes);
    return back(c, client, { code: issueCode(world, client, person.id, request) }, state);
  });

  app.post('/login/oauth/access_token', async (c) => {
    const form = new URLSearchParams(await c.req.text());
    const answer = exchange(c, form);
    // Without an Accept header the answer is form-encoded, and errors come with status 200.
    if (/json/.test(c.req.header('accept') ?? '')) return c.json(answer);
    return c.body(new URLSearchParams(answer).toString(), 200, {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    });
  });

  function exchange(c: Context, form: URLSearchParams): Record<string, string> {
    const error = (name: string, description: string) => ({
      error: name,
      error_description: description,
      error_uri: `${docs}#${name.replaceAll('_', '-')}`,
    });
    const inBody = { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
    const client = authenticate(world, 'github', basicCredentials(c.req.header('authorization')) ?? inBody);
    if (!client) {
      return error(
        'incorrect_client_credentials',
        'The client_id and/or client_secret passed are incorrect.',
      );
    }
    const code = redeemCode(world, client, form.get('code') ?? '', {
      redirectUri: form.get('redirect_uri'),
      verifier: form.get('code_verifier'),
    });
    if (!code) return error('bad_verification_code', 'The code passed is incorrect or expired.');
    const token = `gho_${secretOf(36)}`;
    issueAccessToken(world, createGrant(world, client, code.person, code.scopes), token, null);
    return { access_token: token, scope: code.scopes.join(','), token_type: 'bearer' };
  }

  app.get('/:login{[^/]+}', (c) => {
    const person = world.data.people.find(
      (p) => p.service === 'github' && p.nickname === c.req.param('login'),
    );
    if (!person) return c.notFound();
    return c.html(refusalPage('github', person.name, `@${person.nickname}`), 200, pageHeaders);
  });
  app.notFound((c) =>
    c.html(refusalPage('github', 'Not found', 'There is nothing at this address.'), 404, pageHeaders),
  );
  return app;
}

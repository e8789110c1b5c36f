import { createMiddleware } from 'hono/factory';
import { bearerToken, grantOf } from '../grants.ts';
import type { Place } from '../place.ts';
import type { Grant } from '../state.ts';
import { problem, tokenRefused } from './answers.ts';

export interface Credentials {
  Variables: { grant: Grant; person: string };
}

/** Only the implications that Bitbucket documents; `repository:admin` implies nothing, not even `repository`. */
const implied: Record<string, string[]> = {
  'repository:write': ['repository'],
  pullrequest: ['repository'],
  'pullrequest:write': ['pullrequest', 'repository:write', 'repository'],
  project: ['repository'],
  'account:write': ['account', 'email'],
};

/** Whether granted scopes cover a needed one. */
export const covers = (granted: string[], needed: string): boolean =>
  granted.some((scope) => scope === needed || (implied[scope] ?? []).includes(needed));

/** The refusal of a call whose scopes are not granted. */
export const lacksScopes = (granted: string[], required: string[]) => ({
  message: 'Your credentials lack one or more required privilege scopes.',
  extra: { detail: { granted, required } },
});

/** Lets a call through that brings a good bearer token in the header, granted all of `required`. */
export function requires(place: Place, ...required: string[]) {
  return createMiddleware<Credentials>(async (c, next) => {
    const token = bearerToken(c.req.header('authorization'));
    const grant = token === null ? null : grantOf(place.world, 'bitbucket', token);
    if (!grant) return tokenRefused(c);
    c.header('X-OAuth-Scopes', grant.scopes.join(', '));
    c.header('X-Accepted-OAuth-Scopes', required.join(', '));
    c.header('X-Credential-Type', 'oauth2');
    if (!required.every((scope) => covers(grant.scopes, scope))) {
      const { message, extra } = lacksScopes(grant.scopes, required);
      return problem(c, 403, message, extra);
    }
    c.set('grant', grant);
    c.set('person', grant.person ?? '');
    await next();
  });
}

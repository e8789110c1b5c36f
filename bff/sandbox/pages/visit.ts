import type { Context } from 'hono';
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { html } from 'hono/html';
import type { Place } from '../place.ts';
import { serviceNames } from '../place.ts';
import { digest, secretOf } from '../secrets.ts';
import type { Person, Service } from '../state.ts';
import { findPerson } from '../world.ts';
import { layout, pageHeaders, stylesheet } from './layout.ts';

// Cookies do not know ports, and all services share one host name: each needs a cookie of its own.
const cookieName = (service: Service) => `sandbox_${service}`;

/** Who is logged in at this service in this browser. */
export function visitor(c: Context, place: Place, service: Service): Person | null {
  const cookie = getCookie(c, cookieName(service));
  if (!cookie) return null;
  const hash = digest(cookie);
  const session = place.world.data.sessions.find((s) => s.hash === hash && s.service === service);
  return session ? (findPerson(place.world, service, session.person) ?? null) : null;
}

/** A path on this origin to go on to; anything else becomes `/`. */
export function localPath(next: string | undefined): string {
  if (!next?.startsWith('/') || /[\\\s]/.test(next)) return '/';
  const url = new URL(next, 'http://here.invalid');
  return url.host === 'here.invalid' ? `${url.pathname}${url.search}` : '/';
}

/** Lets forms through only from the sandbox's own pages, or from a client that is no browser. */
export function ownFormsOnly(origin: string) {
  return createMiddleware(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      const site = c.req.header('sec-fetch-site');
      const from = c.req.header('origin');
      if ((from !== undefined && from !== origin) || (site !== undefined && site !== 'same-origin')) {
        return c.text('This form was sent from another page.', 403);
      }
    }
    await next();
  });
}

/** The log-in chooser, log-out, avatars and stylesheet that every service of the sandbox has. */
export function visitRoutes(place: Place, service: Service, origin: string): Hono {
  const app = new Hono();
  app.use('/sandbox/*', ownFormsOnly(origin));
  app.get('/sandbox/style.css', (c) =>
    c.body(stylesheet, 200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=60' }),
  );
  app.get('/sandbox/avatars/:id', (c) => {
    const person = findPerson(place.world, service, c.req.param('id').replace(/\.svg$/, ''));
    if (!person) return c.notFound();
    return c.body(avatar(person), 200, {
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
  });
  app.get('/sandbox/login', (c) => chooser(c, place, service, localPath(c.req.query('next'))));
  app.post('/sandbox/login', async (c) => {
    const form = await c.req.parseBody();
    const person = findPerson(place.world, service, String(form.person));
    if (!person) return c.text('There is no such person.', 404);
    logIn(c, place, person);
    return c.redirect(localPath(String(form.next ?? '/')), 303);
  });
  app.post('/sandbox/logout', async (c) => {
    const cookie = getCookie(c, cookieName(service));
    if (cookie) {
      const hash = digest(cookie);
      place.world.data.sessions = place.world.data.sessions.filter((s) => s.hash !== hash);
      place.world.changed();
    }
    return c.redirect('/sandbox/login', 303);
  });
  return app;
}

function logIn(c: Context, place: Place, person: Person): void {
  const id = secretOf(32);
  const { data } = place.world;
  const earlier = getCookie(c, cookieName(person.service));
  const hash = earlier ? digest(earlier) : '';
  data.sessions = [
    ...data.sessions.filter((s) => s.hash !== hash).slice(-200),
    { hash: digest(id), service: person.service, person: person.id },
  ];
  place.world.changed();
  setCookie(c, cookieName(person.service), id, { httpOnly: true, sameSite: 'Lax', path: '/' });
}

/** "Who are you today?": the page that stands for the log-in form of the real service. */
export function chooser(c: Context, place: Place, service: Service, next: string) {
  const people = place.world.data.people.filter((p) => p.service === service);
  const current = visitor(c, place, service);
  return c.html(
    layout(
      { service, title: `Log in to ${serviceNames[service]}`, who: current?.name ?? null },
      html`<p>Nobody has a password here. Choose who you are today.</p>
      <ul class="plain">${people.map(
        (person) => html`<li class="card"><form method="post" action="/sandbox/login">
          <input type="hidden" name="next" value="${next}">
          <input type="hidden" name="person" value="${person.id}">
          <button class="first">Log in as ${person.name}</button>
          <p class="quiet">@${person.nickname} · ${describeEmails(person)}</p>
        </form></li>`,
      )}</ul>`,
    ),
    200,
    pageHeaders,
  );
}

/** The addresses of a person in words. */
export function describeEmails(person: Person): string {
  if (person.emails.length === 0) return 'no e-mail address';
  return person.emails
    .map((e) => `${e.email}${e.primary ? '' : ' (secondary)'}${e.confirmed ? '' : ' (not confirmed)'}`)
    .join(', ');
}

function avatar(person: Person): string {
  const initials = person.name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2)
    .replace(/[<&>]/g, '');
  const hue = Number.parseInt(digest(person.id).slice(0, 4), 16) % 360;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64"><rect width="64" height="64" rx="12" fill="hsl(${hue} 35% 36%)"/><text x="32" y="40" font-family="system-ui, sans-serif" font-size="24" text-anchor="middle" fill="#fff">${initials}</text></svg>`;
}

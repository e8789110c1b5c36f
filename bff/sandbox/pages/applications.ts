import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Place } from '../place.ts';
import { serviceNames } from '../place.ts';
import { revokeAccess } from '../play.ts';
import type { Service } from '../state.ts';
import { layout, pageHeaders } from './layout.ts';
import { chooser, ownFormsOnly, visitor } from './visit.ts';

/** "Which applications may act for me?" with a way to take it back, at the address that each service has for it. */
export function applicationRoutes(place: Place, service: Service, path: string, origin: string): Hono {
  const app = new Hono({ strict: false });
  app.get(path, (c) => {
    const person = visitor(c, place, service);
    if (!person) return chooser(c, place, service, path);
    const consents = place.world.data.consents.filter(
      (each) => each.service === service && each.person === person.id,
    );
    const title = service === 'bitbucket' ? 'App authorizations' : 'Authorized applications';
    return c.html(
      layout(
        { service, title, nav: service === 'bitbucket', who: person.name },
        consents.length === 0
          ? html`<p>No application has access to this ${serviceNames[service]} account.</p>`
          : html`<ul class="plain">${consents.map((consent) => {
              const name =
                place.world.data.clients.find((each) => each.id === consent.client)?.name ?? 'Unknown';
              return html`<li class="card">
                <h2>${name}</h2>
                <p>Granted <code>${consent.scopes.join(' ')}</code> on ${new Date(consent.at).toISOString().slice(0, 10)}.</p>
                <form method="post" action="${path}">
                  <input type="hidden" name="client" value="${consent.client}">
                  <button class="danger" aria-label="Revoke ${name}">Revoke</button>
                </form>
              </li>`;
            })}</ul>`,
      ),
      200,
      pageHeaders,
    );
  });
  app.post(path, ownFormsOnly(origin), async (c) => {
    const person = visitor(c, place, service);
    const client = new URLSearchParams(await c.req.text()).get('client');
    if (person && client) revokeAccess(place.world, service, person.id, client);
    return c.redirect(path, 303);
  });
  return app;
}

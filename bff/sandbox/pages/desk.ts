import type { Context } from 'hono';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Place } from '../place.ts';
import { serviceNames } from '../place.ts';
import { editPerson, expireAccessTokens, revokeAccess } from '../play.ts';
import type { Person, Service } from '../state.ts';
import { findPerson } from '../world.ts';
import type { Html } from './layout.ts';
import { layout, pageHeaders } from './layout.ts';
import { storySection } from './stories.ts';
import { describeEmails, visitor } from './visit.ts';

const services: Service[] = ['bitbucket', 'github', 'gitlab'];

/** The start page and the people: who is who, what they granted, and what may change about them. */
export function deskRoutes(place: Place): Hono {
  const { world, origins } = place;
  const app = new Hono();
  const show = (c: Context, title: string, body: Html) =>
    c.html(
      layout(
        { service: 'bitbucket', title, nav: true, who: visitor(c, place, 'bitbucket')?.name ?? null },
        body,
      ),
      200,
      pageHeaders,
    );
  const homes: Record<Service, string> = {
    bitbucket: '',
    github: origins.github,
    gitlab: origins.gitlab,
  };

  app.get('/', (c) => {
    const ssh = place.ssh();
    const who = visitor(c, place, 'bitbucket');
    return show(
      c,
      'Play Bitbucket',
      html`<p>This stands in for Bitbucket, GitHub and GitLab while you try the product. Change something here, then look
        at what the product says about it.</p>
      <div class="card">
        <h2>You at Bitbucket</h2>
        ${
          who
            ? html`<p>Logged in as <strong>${who.name}</strong> (@${who.nickname}).</p>
              <form method="post" action="/sandbox/logout" class="row">
                <button>Log out</button>
                <a href="/sandbox/login?next=/">Use another account</a>
              </form>
              <p><a href="/account/settings/app-authorizations/">App authorizations</a></p>`
            : html`<p>Nobody is logged in. <a href="/sandbox/login?next=/">Log in as someone</a></p>`
        }
        <p class="quiet">The others: <a href="${origins.github}/sandbox/login?next=/settings/applications">GitHub</a>,
          <a href="${origins.gitlab}/sandbox/login?next=/-/user_settings/applications">GitLab</a></p>
      </div>
      <div class="card">
        <h2>Things to try</h2>
        <ul>
          <li><a href="/sandbox/people">Revoke the product's access, or change a nickname or an e-mail address</a></li>
          <li><a href="/sandbox/repositories">Delete a key or a webhook, push a commit, rename a repository, take a permission away</a></li>
          <li><a href="/sandbox/weather">Let a service fail: too many requests, errors, silence</a></li>
        </ul>
      </div>
      ${storySection(place)}
      <div class="card">
        <h2>Git over SSH</h2>
        ${
          'unavailable' in ssh
            ? html`<p>Not available: ${ssh.unavailable}</p>`
            : html`<p>A real OpenSSH server answers at <code>ssh://${ssh.user}@${ssh.host}:${ssh.port}/</code>; its keys are the
              deploy keys of the repositories.</p>`
        }
      </div>`,
    );
  });

  app.get('/sandbox/people', (c) =>
    show(
      c,
      'People',
      html`${services.map(
        (service) => html`<section aria-labelledby="${service}">
          <h2 id="${service}">${serviceNames[service]}</h2>
          <ul class="plain">${world.data.people.filter((p) => p.service === service).map(personCard)}</ul>
        </section>`,
      )}
      <section aria-labelledby="tokens">
        <h2 id="tokens">Access tokens</h2>
        <form method="post" action="/sandbox/tokens/expire" class="card">
          <p>Access tokens live for two hours. Let all of them die of age now; refresh tokens stay good.</p>
          <button>Expire all access tokens</button>
        </form>
      </section>`,
    ),
  );

  function personCard(person: Person) {
    const consents = world.data.consents.filter(
      (c) => c.service === person.service && c.person === person.id,
    );
    const base = `/sandbox/people/${person.service}/${encodeURIComponent(person.id)}`;
    const primary = person.emails.find((each) => each.primary);
    return html`<li class="card">
      <h3>${person.name} <span class="quiet">@${person.nickname}</span></h3>
      <p>${describeEmails(person)}</p>
      ${
        consents.length === 0
          ? html`<p class="quiet">Has not granted anything.</p>`
          : consents.map(
              (consent) => html`<form method="post" action="${base}/revoke" class="row">
                <span>Granted access to <strong>${world.data.clients.find((each) => each.id === consent.client)?.name}</strong></span>
                <button class="danger" aria-label="Revoke the access that ${person.name} granted">Revoke</button>
              </form>`,
            )
      }
      <div class="row">
        ${
          person.service === 'bitbucket'
            ? html`<form method="post" action="/sandbox/login">
              <input type="hidden" name="person" value="${person.id}">
              <input type="hidden" name="next" value="/">
              <button>Log in as ${person.name}</button>
            </form>`
            : html`<a href="${homes[person.service]}/sandbox/login">Log in at ${serviceNames[person.service]}</a>`
        }
      </div>
      <details>
        <summary>Change ${person.name}</summary>
        <form method="post" action="${base}" class="row">
          <label>Nickname <input name="nickname" value="${person.nickname}" required></label>
          <label>Name <input name="name" value="${person.name}" required></label>
          <label>Primary e-mail <input name="email" type="email" value="${primary?.email ?? ''}"></label>
          <label>E-mail is
            <select name="confirmed">
              <option value="yes" ${primary?.confirmed ? 'selected' : ''}>confirmed</option>
              <option value="no" ${primary && !primary.confirmed ? 'selected' : ''}>not confirmed</option>
            </select>
          </label>
          <button aria-label="Save ${person.name}">Save</button>
        </form>
      </details>
    </li>`;
  }

  const named = (c: Context) => findPerson(world, c.req.param('service') as Service, c.req.param('id') ?? '');

  app.post('/sandbox/people/:service/:id', async (c) => {
    const person = named(c);
    if (!person) return c.text('There is no such person.', 404);
    const form = await c.req.parseBody();
    const email = String(form.email ?? '').trim();
    const others = person.emails.filter((each) => !each.primary);
    editPerson(world, person, {
      nickname: String(form.nickname),
      name: String(form.name),
      emails:
        email === '' ? others : [{ email, primary: true, confirmed: form.confirmed === 'yes' }, ...others],
    });
    return c.redirect('/sandbox/people', 303);
  });
  app.post('/sandbox/people/:service/:id/revoke', (c) => {
    const person = named(c);
    if (!person) return c.text('There is no such person.', 404);
    revokeAccess(world, person.service, person.id);
    return c.redirect('/sandbox/people', 303);
  });
  app.post('/sandbox/tokens/expire', (c) => {
    expireAccessTokens(world);
    return c.redirect('/sandbox/people', 303);
  });
  return app;
}

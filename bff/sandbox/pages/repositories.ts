import type { Context } from 'hono';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Place } from '../place.ts';
import { renameRepository, setPermission } from '../play.ts';
import type { Permission, Repository } from '../state.ts';
import { fullName, permissionOf, workspaceOf } from '../world.ts';
import type { Html } from './layout.ts';
import { layout, pageHeaders } from './layout.ts';
import { visitor } from './visit.ts';

/** Repositories with their keys, webhooks, people and names, and what an admin could do to them at Bitbucket. */
export function repositoryRoutes(place: Place): Hono {
  const { world } = place;
  const app = new Hono();
  const show = (c: Context, title: string, body: Html, status: 200 | 400 = 200) =>
    c.html(
      layout(
        { service: 'bitbucket', title, nav: true, who: visitor(c, place, 'bitbucket')?.name ?? null },
        body,
      ),
      status,
      pageHeaders,
    );
  const pathOf = (repository: Repository) => `/sandbox/repositories/${encodeURIComponent(repository.uuid)}`;
  const find = (c: Context) => world.data.repositories.find((each) => each.uuid === c.req.param('uuid'));
  const count = (things: { repository: string }[], repository: Repository, one: string) => {
    const n = things.filter((each) => each.repository === repository.uuid).length;
    return `${n} ${one}${n === 1 ? '' : 's'}`;
  };

  app.get('/sandbox/repositories', (c) =>
    show(
      c,
      'Repositories',
      html`<ul class="plain">${world.data.repositories.map(
        (each) => html`<li class="card">
          <h2><a href="${pathOf(each)}">${fullName(world, each)}</a></h2>
          <p>${each.isPrivate ? 'Private' : 'Public'}, ${
            each.mainbranch === null ? 'empty' : html`default branch <code>${each.mainbranch}</code>`
          }, ${count(world.data.deployKeys, each, 'deploy key')}, ${count(world.data.hooks, each, 'webhook')}</p>
        </li>`,
      )}</ul>`,
    ),
  );

  app.get('/sandbox/repositories/:uuid', (c) => {
    const repository = find(c);
    return repository ? show(c, fullName(world, repository), detail(repository)) : c.notFound();
  });

  function detail(repository: Repository, problem?: string) {
    const base = pathOf(repository);
    const keys = world.data.deployKeys.filter((each) => each.repository === repository.uuid);
    const hooks = world.data.hooks.filter((each) => each.repository === repository.uuid);
    const owners = workspaceOf(world, repository).members.filter((m) => m.owner);
    const people = world.data.people.filter((each) => each.service === 'bitbucket');
    return html`<dl>
        <dt>UUID</dt><dd><code>${repository.uuid}</code></dd>
        <dt>Default branch</dt><dd>${repository.mainbranch ?? 'none: the repository is empty'}</dd>
        <dt>Earlier names</dt><dd>${repository.formerNames.join(', ') || 'none'}</dd>
      </dl>
      <section aria-labelledby="name">
        <h2 id="name">Name</h2>
        <form method="post" action="${base}/rename" class="card">
          ${problem ? html`<p role="alert">${problem}</p>` : ''}
          <div class="row">
            <label>Name in addresses <input name="slug" value="${repository.slug}" required pattern="[a-z0-9][a-z0-9._\\-]*"></label>
            <button>Rename</button>
          </div>
        </form>
      </section>
      <section aria-labelledby="keys">
        <h2 id="keys">Access keys</h2>
        ${
          keys.length === 0
            ? html`<p>No keys.</p>`
            : html`<ul class="plain">${keys.map(
                (key) => html`<li class="card">
                  <h3>${key.label || 'Key without a label'}</h3>
                  <p><code>${key.key}</code></p>
                  <p class="quiet">Added ${key.createdOn.slice(0, 10)} by ${
                    people.find((each) => each.id === key.addedBy)?.name ?? 'an application'
                  }${key.stopped ? '; stopped: SSH does not take it any more' : ''}</p>
                  <form method="post" action="${base}/keys/${key.id}/delete">
                    <button class="danger" aria-label="Delete key ${key.label}">Delete</button>
                  </form>
                </li>`,
              )}</ul>`
        }
      </section>
      <section aria-labelledby="hooks">
        <h2 id="hooks">Webhooks</h2>
        ${
          hooks.length === 0
            ? html`<p>No webhooks.</p>`
            : html`<ul class="plain">${hooks.map(
                (hook) => html`<li class="card">
                  <h3>${hook.description || 'Webhook without a title'}</h3>
                  <p><code>${hook.url}</code></p>
                  <p>${hook.active ? 'Active' : 'Not active'}, ${hook.secret === null ? 'no secret' : 'with a secret'}:
                    ${hook.events.join(', ')}</p>
                  <form method="post" class="row">
                    <button formaction="${base}/hooks/${encodeURIComponent(hook.uuid)}/toggle"
                      aria-label="${hook.active ? 'Deactivate' : 'Activate'} ${hook.description}">${hook.active ? 'Deactivate' : 'Activate'}</button>
                    <button formaction="${base}/hooks/${encodeURIComponent(hook.uuid)}/delete" class="danger"
                      aria-label="Delete webhook ${hook.description}">Delete</button>
                  </form>
                </li>`,
              )}</ul>`
        }
      </section>
      <section aria-labelledby="people">
        <h2 id="people">People</h2>
        <ul class="plain">${people.map((person) => {
          const permission = permissionOf(world, repository, person.id);
          const owner = owners.some((m) => m.person === person.id);
          return html`<li class="row">
            <form method="post" action="${base}/permissions" class="row">
              <input type="hidden" name="person" value="${person.id}">
              <label>${person.name}${owner ? ' (owner of the workspace)' : ''}
                <select name="permission" ${owner ? 'disabled' : ''}>${['none', 'read', 'write', 'admin'].map(
                  (each) =>
                    html`<option ${each === (permission ?? 'none') ? 'selected' : ''}>${each}</option>`,
                )}</select>
              </label>
              ${owner ? '' : html`<button aria-label="Save the permission of ${person.name}">Save</button>`}
            </form>
          </li>`;
        })}</ul>
      </section>`;
  }

  app.post('/sandbox/repositories/:uuid/rename', async (c) => {
    const repository = find(c);
    if (!repository) return c.notFound();
    const slug = String((await c.req.parseBody()).slug ?? '').toLowerCase();
    const taken = world.data.repositories.some(
      (r) => r.workspace === repository.workspace && r.slug === slug,
    );
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(slug) || taken) {
      const problem = taken
        ? `The workspace has a repository ${slug} already.`
        : 'That is no name for a repository.';
      return show(c, fullName(world, repository), detail(repository, problem), 400);
    }
    renameRepository(world, repository, slug);
    return c.redirect(pathOf(repository), 303);
  });
  app.post('/sandbox/repositories/:uuid/keys/:id/delete', (c) => {
    const repository = find(c);
    if (!repository) return c.notFound();
    world.data.deployKeys = world.data.deployKeys.filter(
      (key) => !(key.repository === repository.uuid && String(key.id) === c.req.param('id')),
    );
    world.changed();
    return c.redirect(pathOf(repository), 303);
  });
  app.post('/sandbox/repositories/:uuid/hooks/:uid/toggle', (c) => {
    const repository = find(c);
    const hook = world.data.hooks.find((each) => each.uuid === c.req.param('uid'));
    if (!repository || hook?.repository !== repository.uuid) return c.notFound();
    hook.active = !hook.active;
    world.changed();
    return c.redirect(pathOf(repository), 303);
  });
  app.post('/sandbox/repositories/:uuid/hooks/:uid/delete', (c) => {
    const repository = find(c);
    if (!repository) return c.notFound();
    world.data.hooks = world.data.hooks.filter(
      (hook) => !(hook.repository === repository.uuid && hook.uuid === c.req.param('uid')),
    );
    world.changed();
    return c.redirect(pathOf(repository), 303);
  });
  app.post('/sandbox/repositories/:uuid/permissions', async (c) => {
    const repository = find(c);
    if (!repository) return c.notFound();
    const form = await c.req.parseBody();
    const permission = ['read', 'write', 'admin'].find((each) => each === form.permission);
    setPermission(world, repository, String(form.person), (permission as Permission | undefined) ?? null);
    return c.redirect(pathOf(repository), 303);
  });
  return app;
}

import type { Context } from 'hono';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { GitUnavailable, prepareRepositories } from '../git.ts';
import type { Place } from '../place.ts';
import {
  createRepository,
  deleteRepository,
  renameRepository,
  setPermission,
  transferRepository,
} from '../play.ts';
import type { Permission, Repository } from '../state.ts';
import type { World } from '../world.ts';
import { fullName, permissionOf, workspaceOf } from '../world.ts';
import { branchRoutes, branchSection } from './branches.ts';
import { hookSection, keyAndHookRoutes, keySection } from './keys-and-hooks.ts';
import type { Html } from './layout.ts';
import { layout, pageHeaders } from './layout.ts';
import type { RepositoryPage } from './repository-page.ts';
import { pathOf, route } from './repository-page.ts';
import { visitor } from './visit.ts';

/** Repositories with their keys, webhooks, branches, people and names, and what an admin could do to them at Bitbucket. */
export function repositoryRoutes(place: Place): Hono {
  const { world } = place;
  const app = new Hono();
  const show = (c: Context, title: string, body: Html | Promise<Html>, status: 200 | 400 = 200) =>
    c.html(
      layout(
        { service: 'bitbucket', title, nav: true, who: visitor(c, place, 'bitbucket')?.name ?? null },
        html`${body}`,
      ),
      status,
      pageHeaders,
    );
  const find = (c: Context) => world.data.repositories.find((each) => each.uuid === c.req.param('uuid'));
  const act: RepositoryPage['act'] = (run) => async (c) => {
    const repository = find(c);
    if (!repository) return c.notFound();
    const form = await c.req.parseBody();
    try {
      await run(repository, (name) => String(form[name] ?? ''), c);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return show(c, fullName(world, repository), detail(repository, sentence(why)), 400);
    }
    return c.redirect(find(c) ? pathOf(repository) : '/sandbox/repositories', 303);
  };

  app.get('/sandbox/repositories', (c) => show(c, 'Repositories', list(world)));
  app.post('/sandbox/repositories', async (c) => {
    const form = await c.req.parseBody();
    const workspace = world.data.workspaces.find((each) => each.uuid === form.workspace);
    try {
      if (!workspace) throw new Error('there is no such workspace');
      const made = createRepository(world, workspace, slugIn(String(form.slug ?? '')));
      await prepareRepositories(place.git, [made]);
      return c.redirect(pathOf(made), 303);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return show(c, 'Repositories', list(world, sentence(why)), 400);
    }
  });
  app.get('/sandbox/repositories/:uuid', (c) => {
    const repository = find(c);
    return repository ? show(c, fullName(world, repository), detail(repository)) : c.notFound();
  });

  async function detail(repository: Repository, problem?: string): Promise<Html> {
    const branches = await branchSection(place, repository).catch(ignoreMissingGit);
    return html`${problem ? html`<p role="alert" class="card">${problem}</p>` : ''}
      <dl>
        <dt>UUID</dt><dd><code>${repository.uuid}</code></dd>
        <dt>Default branch</dt><dd>${repository.mainbranch ?? 'none: the repository is empty'}</dd>
        <dt>Earlier names</dt><dd>${repository.formerNames.join(', ') || 'none'}</dd>
      </dl>
      ${keySection(world, repository)}
      ${hookSection(world, repository)}
      ${branches ?? ''}
      ${placeSection(world, repository)}
      ${peopleSection(world, repository)}`;
  }

  app
    .post(
      route('rename'),
      act((repository, form) => renameRepository(world, repository, slugIn(form('slug')))),
    )
    .post(
      route('transfer'),
      act((repository, form) => {
        const workspace = world.data.workspaces.find((each) => each.uuid === form('workspace'));
        if (!workspace) throw new Error('there is no such workspace');
        transferRepository(world, repository, workspace);
      }),
    )
    .post(
      route('delete'),
      act((repository) => deleteRepository(world, repository)),
    )
    .post(
      route('permissions'),
      act((repository, form) => {
        const permission = ['read', 'write', 'admin'].find((each) => each === form('permission'));
        setPermission(world, repository, form('person'), (permission as Permission | undefined) ?? null);
      }),
    );
  app.route('/', keyAndHookRoutes({ place, act }));
  app.route('/', branchRoutes({ place, act }));
  return app;
}

function list(world: World, problem?: string) {
  const count = (things: { repository: string }[], repository: Repository, one: string) => {
    const n = things.filter((each) => each.repository === repository.uuid).length;
    return `${n} ${one}${n === 1 ? '' : 's'}`;
  };
  return html`<ul class="plain">${world.data.repositories.map(
    (each) => html`<li class="card">
      <h2><a href="${pathOf(each)}">${fullName(world, each)}</a></h2>
      <p>${each.isPrivate ? 'Private' : 'Public'}, ${
        each.mainbranch === null ? 'empty' : html`default branch <code>${each.mainbranch}</code>`
      }, ${count(world.data.deployKeys, each, 'deploy key')}, ${count(world.data.hooks, each, 'webhook')}</p>
    </li>`,
  )}</ul>
  <section aria-labelledby="new">
    <h2 id="new">New repository</h2>
    <form method="post" action="/sandbox/repositories" class="card">
      <p>It may take a name that another repository had before.</p>
      ${problem ? html`<p role="alert">${problem}</p>` : ''}
      <div class="row">
        <label>Workspace <select name="workspace">${world.data.workspaces.map(
          (each) => html`<option value="${each.uuid}">${each.slug}</option>`,
        )}</select></label>
        <label>Name in addresses <input name="slug" required></label>
        <button>Create</button>
      </div>
    </form>
  </section>`;
}

function placeSection(world: World, repository: Repository) {
  const base = pathOf(repository);
  const others = world.data.workspaces.filter((each) => each.uuid !== repository.workspace);
  return html`<section aria-labelledby="name">
    <h2 id="name">Name and place</h2>
    <div class="card">
      <form method="post" action="${base}/rename" class="row">
        <label>Name in addresses <input name="slug" value="${repository.slug}" required></label>
        <button>Rename</button>
      </form>
      <form method="post" action="${base}/transfer" class="row">
        <label>Other workspace <select name="workspace">${others.map(
          (each) => html`<option value="${each.uuid}">${each.slug}</option>`,
        )}</select></label>
        <button>Transfer</button>
      </form>
      <form method="post" action="${base}/delete"><button class="danger">Delete the repository</button></form>
    </div>
  </section>`;
}

function peopleSection(world: World, repository: Repository) {
  const owners = workspaceOf(world, repository).members.filter((m) => m.owner);
  return html`<section aria-labelledby="people">
    <h2 id="people">People</h2>
    <ul class="plain">${world.data.people
      .filter((each) => each.service === 'bitbucket')
      .map((person) => {
        const permission = permissionOf(world, repository, person.id) ?? 'none';
        const owner = owners.some((m) => m.person === person.id);
        const group = repository.permissions.find((p) => p.person === person.id && p.group)?.group;
        const how = owner ? ' (owner of the workspace)' : group ? ` (through the group ${group})` : '';
        return html`<li class="row">
          <form method="post" action="${pathOf(repository)}/permissions" class="row">
            <input type="hidden" name="person" value="${person.id}">
            <label>${person.name}${how}
              <select name="permission" ${owner ? 'disabled' : ''}>${['none', 'read', 'write', 'admin'].map(
                (each) => html`<option ${each === permission ? 'selected' : ''}>${each}</option>`,
              )}</select>
            </label>
            ${owner ? '' : html`<button aria-label="Save the permission of ${person.name}">Save</button>`}
          </form>
        </li>`;
      })}</ul>
  </section>`;
}

/** A slug as Bitbucket makes them. Throws for what is none. */
function slugIn(text: string): string {
  const slug = text.trim().toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(slug)) throw new Error('that is no name for a repository');
  return slug;
}

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

function ignoreMissingGit(error: unknown): undefined {
  if (!(error instanceof GitUnavailable)) throw error;
}

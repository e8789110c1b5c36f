import type { Context } from 'hono';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { deleteHook, deleteKey, editHook, stopKey, swapKey } from '../play-keys-and-hooks.ts';
import type { DeployKey, Hook, Repository } from '../state.ts';
import type { World } from '../world.ts';
import type { RepositoryPage } from './repository-page.ts';
import { pathOf, route } from './repository-page.ts';

/** The access keys of a repository, and what can happen to them. */
export function keySection(world: World, repository: Repository) {
  const keys = world.data.deployKeys.filter((each) => each.repository === repository.uuid);
  const nameOf = (id: string) => world.data.people.find((each) => each.id === id)?.name ?? 'an application';
  return html`<section aria-labelledby="keys">
    <h2 id="keys">Access keys</h2>
    ${
      keys.length === 0
        ? html`<p>No keys.</p>`
        : html`<ul class="plain">${keys.map((key) => {
            const base = `${pathOf(repository)}/keys/${key.id}`;
            const stop = key.stopped ? 'Let SSH take it again' : 'Let SSH refuse it';
            return html`<li class="card">
              <h3>${key.label || 'Key without a label'}</h3>
              <p><code>${key.key}</code></p>
              <p class="quiet">Added ${key.createdOn.slice(0, 10)} by ${nameOf(key.addedBy)}${
                key.stopped ? '; stopped: SSH does not take it any more' : ''
              }</p>
              <form method="post" class="row">
                <button formaction="${base}/delete" class="danger" aria-label="Delete key ${key.label}">Delete</button>
                <button formaction="${base}/swap" aria-label="Replace by another key: ${key.label}">Replace by another key</button>
                <button formaction="${base}/stop" aria-label="${stop}: ${key.label}">${stop}</button>
              </form>
            </li>`;
          })}</ul>`
    }
  </section>`;
}

/** The webhooks of a repository, and what can happen to them. */
export function hookSection(world: World, repository: Repository) {
  const hooks = world.data.hooks.filter((each) => each.repository === repository.uuid);
  return html`<section aria-labelledby="hooks">
    <h2 id="hooks">Webhooks</h2>
    ${
      hooks.length === 0
        ? html`<p>No webhooks.</p>`
        : html`<ul class="plain">${hooks.map((hook) => hookCard(repository, hook))}</ul>`
    }
  </section>`;
}

function hookCard(repository: Repository, hook: Hook) {
  const base = `${pathOf(repository)}/hooks/${encodeURIComponent(hook.uuid)}`;
  const title = hook.description || 'webhook without a title';
  return html`<li class="card">
    <h3>${hook.description || 'Webhook without a title'}</h3>
    <p><code>${hook.url}</code></p>
    <p>${hook.active ? 'Active' : 'Not active'}, ${hook.secret === null ? 'no secret' : 'with a secret'}:
      ${hook.events.join(', ')}</p>
    <form method="post" class="row">
      <button formaction="${base}/toggle" aria-label="${hook.active ? 'Deactivate' : 'Activate'} ${title}">${
        hook.active ? 'Deactivate' : 'Activate'
      }</button>
      ${
        hook.secret === null
          ? ''
          : html`<button formaction="${base}/remove-secret" aria-label="Remove the secret of ${title}">Remove the secret</button>`
      }
      <button formaction="${base}/delete" class="danger" aria-label="Delete webhook ${title}">Delete</button>
    </form>
    <details>
      <summary>Change ${title}</summary>
      <form method="post" action="${base}/url" class="row">
        <label>Address <input name="url" type="url" value="${hook.url}" required></label>
        <button aria-label="Save the address of ${title}">Save</button>
      </form>
      <form method="post" action="${base}/events">
        <fieldset>
          <legend>Events</legend>
          ${hook.events.map(
            (event) =>
              html`<label class="choice"><input type="checkbox" name="events" value="${event}" checked> ${event}</label>`,
          )}
        </fieldset>
        <button aria-label="Keep only these events of ${title}">Keep only these</button>
      </form>
    </details>
  </li>`;
}

export function keyAndHookRoutes({ place, act }: RepositoryPage): Hono {
  const { world } = place;
  const keyOf = (repository: Repository, c: Context): DeployKey => {
    const key = world.data.deployKeys.find(
      (each) => each.repository === repository.uuid && String(each.id) === c.req.param('id'),
    );
    if (!key) throw new Error('this key is gone');
    return key;
  };
  const hookOf = (repository: Repository, c: Context): Hook => {
    const hook = world.data.hooks.find(
      (each) => each.repository === repository.uuid && each.uuid === c.req.param('uid'),
    );
    if (!hook) throw new Error('this webhook is gone');
    return hook;
  };
  const key = (run: (key: DeployKey) => void) => act((repository, _, c) => run(keyOf(repository, c)));
  const hook = (run: (hook: Hook, c: Context) => unknown) =>
    act((repository, _, c) => run(hookOf(repository, c), c));

  return new Hono()
    .post(
      route('keys/:id/delete'),
      key((each) => deleteKey(world, each.id)),
    )
    .post(
      route('keys/:id/swap'),
      key((each) => swapKey(world, each)),
    )
    .post(
      route('keys/:id/stop'),
      key((each) => stopKey(world, each, !each.stopped)),
    )
    .post(
      route('hooks/:uid/delete'),
      hook((each) => deleteHook(world, each.uuid)),
    )
    .post(
      route('hooks/:uid/toggle'),
      hook((each) => editHook(world, each, { active: !each.active })),
    )
    .post(
      route('hooks/:uid/remove-secret'),
      hook((each) => editHook(world, each, { secret: null })),
    )
    .post(
      route('hooks/:uid/url'),
      act((repository, form, c) => {
        const url = form('url');
        if (!URL.canParse(url)) throw new Error('that is no address');
        editHook(world, hookOf(repository, c), { url });
      }),
    )
    .post(
      route('hooks/:uid/events'),
      hook(async (each, c) => {
        const chosen = new URLSearchParams(await c.req.text()).getAll('events');
        editHook(world, each, { events: each.events.filter((event) => chosen.includes(event)) });
      }),
    );
}

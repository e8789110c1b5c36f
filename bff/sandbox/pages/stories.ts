import type { Context } from 'hono';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Place } from '../place.ts';
import { stories } from '../stories/list.ts';
import type { Story } from '../stories/story.ts';
import { ORGANIZATION } from '../stories/story.ts';
import { pageOf } from '../stories/tell.ts';
import { clientOf, personNamed } from '../world.ts';
import { refusalPage } from './consent.ts';
import { pageHeaders } from './layout.ts';

/** The ready-made stories: what each is, where it is seen, and how to bring it about again or put it right. */
export function storySection(place: Place) {
  const { world } = place;
  const { told } = world.data.stories;
  const product = new URL(clientOf(world, 'bitbucket').callback).origin;
  const nora = personNamed(world, 'bitbucket', 'nora').name;
  const missing = stories.filter((story) => told[story.id]?.state !== 'done').length;
  return html`<section aria-labelledby="stories">
    <h2 id="stories">Ready-made stories</h2>
    ${
      missing === stories.length
        ? html`<p>None is there yet: <code>npm start</code> prepares them, which takes a minute (<code>STORIES=0</code> leaves them out).</p>`
        : html`<p>Log in to <a href="${product}/login">the product</a> with Bitbucket as <strong>${nora}</strong>: she owns the
            organization <a href="${product}/organizations/${ORGANIZATION.slug}">${ORGANIZATION.name}</a> with all of them. Tomás Ribeiro
            and Inès Moreau are admins in it, Pim de Wit is a member who only looks.</p>
          ${missing === 0 ? '' : html`<p>${missing} of them are not there yet.</p>`}
          <ul class="plain">${stories.filter((story) => told[story.id]).map(card)}</ul>`
    }
    <p>And whenever you like: <a href="/sandbox/weather">let Bitbucket fail</a>, and see that the product calls nothing broken.</p>
  </section>`;

  function card(story: Story) {
    const repository = world.data.repositories.find((each) => each.uuid === story.repository);
    const base = `/sandbox/stories/${story.id}`;
    return html`<li class="card">
      <h3>${story.title}</h3>
      <p>${story.tells}</p>
      <p>${story.projects.map(
        ({ name }) => html`<a href="${pageOf(product, name)}">${name} in the product</a> · `,
      )}${
        repository
          ? html`<a href="/sandbox/repositories/${encodeURIComponent(repository.uuid)}">the repository</a>`
          : 'its repository is deleted'
      }</p>
      ${
        repository && (story.happens || story.mends)
          ? html`<form method="post" class="row">
              ${story.happens ? html`<button formaction="${base}/happens" aria-label="${story.happens.button} (${story.id})">${story.happens.button}</button>` : ''}
              ${story.mends ? html`<button formaction="${base}/mends" aria-label="${story.mends.button} (${story.id})">${story.mends.button}</button>` : ''}
            </form>`
          : ''
      }
    </li>`;
  }
}

/** `POST /sandbox/stories/:id/happens` brings a story about again, `…/mends` puts it right. */
export function storyRoutes(place: Place): Hono {
  const perform = (deed: 'happens' | 'mends') => async (c: Context) => {
    const story = stories.find((each) => each.id === c.req.param('id'));
    const repository = place.world.data.repositories.find((each) => each.uuid === story?.repository);
    if (!repository || !story?.[deed]) return c.text('There is no such story any more.', 404);
    try {
      await story[deed].run(place, repository);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return c.html(refusalPage('bitbucket', 'That is not possible just now', `${why}.`), 409, pageHeaders);
    }
    return c.redirect('/#stories', 303);
  };
  return new Hono()
    .post('/sandbox/stories/:id/happens', perform('happens'))
    .post('/sandbox/stories/:id/mends', perform('mends'));
}

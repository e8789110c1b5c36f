import { Hono } from 'hono';
import { html } from 'hono/html';
import type { FaultMode, FaultTarget } from '../faults.ts';
import { faultModes } from '../faults.ts';
import type { Place } from '../place.ts';
import { layout, pageHeaders } from './layout.ts';
import { visitor } from './visit.ts';

const targets: [FaultTarget, string][] = [
  ['bitbucket:api', 'Bitbucket: the API'],
  ['bitbucket:token', 'Bitbucket: tokens'],
  ['bitbucket:web', 'Bitbucket: pages and log-in'],
  ['bitbucket:all', 'Bitbucket: everything'],
  ['github:api', 'GitHub: the API'],
  ['github:token', 'GitHub: tokens'],
  ['github:all', 'GitHub: everything'],
  ['gitlab:api', 'GitLab: the API'],
  ['gitlab:token', 'GitLab: tokens'],
  ['gitlab:all', 'GitLab: everything'],
  ['ssh:all', 'Git over SSH'],
  ['*', 'Everything everywhere'],
];

/** Breaks services on purpose, and mends them. */
export function weatherRoutes(place: Place): Hono {
  const app = new Hono();
  app.get('/sandbox/weather', (c) => {
    const faults = place.faults.list();
    return c.html(
      layout(
        {
          service: 'bitbucket',
          title: 'Weather',
          nav: true,
          who: visitor(c, place, 'bitbucket')?.name ?? null,
        },
        html`<p>Services fail. Choose what fails and how; these pages keep working.</p>
        <section aria-labelledby="now">
          <h2 id="now">Now</h2>
          ${
            faults.length === 0
              ? html`<p>Fair weather: everything works.</p>`
              : html`<ul class="plain">${faults.map(
                  (fault) => html`<li class="card">
                    <p><strong>${targets.find(([target]) => target === fault.target)?.[1] ?? fault.target}</strong>:
                      ${faultModes[fault.mode]}${fault.left === null ? '' : `, for ${fault.left} more`}</p>
                    <form method="post" action="/sandbox/weather/clear">
                      <input type="hidden" name="id" value="${fault.id}">
                      <button aria-label="Mend ${fault.target}">Mend</button>
                    </form>
                  </li>`,
                )}</ul>
                <form method="post" action="/sandbox/weather/clear"><button class="first">Mend everything</button></form>`
          }
        </section>
        <section aria-labelledby="break">
          <h2 id="break">Break something</h2>
          <form method="post" action="/sandbox/weather" class="card">
            <div class="row"><label>What fails
              <select name="target">${targets.map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select>
            </label></div>
            <div class="row"><label>How it fails
              <select name="mode">${Object.entries(faultModes).map(([value, words]) => html`<option value="${value}" ${value === '503' ? 'selected' : ''}>${words}</option>`)}</select>
            </label></div>
            <div class="row"><label>How many requests (empty: until mended)
              <input name="times" type="number" min="1" step="1" inputmode="numeric">
            </label>
            <button class="danger">Break it</button></div>
          </form>
        </section>`,
      ),
      200,
      pageHeaders,
    );
  });
  app.post('/sandbox/weather', async (c) => {
    const form = await c.req.parseBody();
    const target = targets.find(([each]) => each === form.target)?.[0];
    const mode = String(form.mode);
    if (!target || !Object.hasOwn(faultModes, mode)) return c.text('There is no such weather.', 400);
    const times = Number(form.times);
    place.faults.set(target, mode as FaultMode, times > 0 ? { times } : {});
    return c.redirect('/sandbox/weather', 303);
  });
  app.post('/sandbox/weather/clear', async (c) => {
    const { id } = await c.req.parseBody();
    place.faults.clear(id === undefined ? undefined : Number(id));
    return c.redirect('/sandbox/weather', 303);
  });
  return app;
}

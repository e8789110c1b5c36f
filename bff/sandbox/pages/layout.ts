import { html } from 'hono/html';
import { serviceNames } from '../place.ts';
import type { Service } from '../state.ts';

export type Html = ReturnType<typeof html>;

/** A whole page of the sandbox. `nav` shows the way between the sandbox's own pages (on Bitbucket's origin only). */
export function layout(
  options: { service: Service; title: string; nav?: boolean; who?: string | null },
  body: Html,
) {
  const name = serviceNames[options.service];
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${options.title} · Sandbox ${name}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/sandbox/style.css">
  </head>
  <body>
    <header>
      <p class="mark">Sandbox ${name} <span>(not the real one)</span></p>
      ${options.nav ? navigation : ''}
    </header>
    <main>
      <h1>${options.title}</h1>
      ${body}
    </main>
    <footer><p>${options.who ? `Logged in as ${options.who}. ` : ''}Everything here is made up and stays on this machine.</p></footer>
  </body>
</html>`;
}

const navigation = html`<nav aria-label="Sandbox">
  <a href="/">Start</a>
  <a href="/sandbox/people">People</a>
  <a href="/sandbox/repositories">Repositories</a>
  <a href="/sandbox/weather">Weather</a>
</nav>`;

export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f4ef, #17191c);
  --card: light-dark(#fffefa, #202327);
  --text: light-dark(#23262b, #e8e6e1);
  --quiet: light-dark(#575c66, #a9aeb8);
  --line: light-dark(#d8d3c7, #3a3f46);
  --accent: light-dark(#1c5aa0, #8dbcf2);
  --on-accent: light-dark(#ffffff, #10233a);
  --mark: light-dark(#fbe6b0, #4a3a10);
  --on-mark: light-dark(#4a3500, #fbe6b0);
  --danger: light-dark(#a3262a, #f2a1a1);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding: .6rem 1.25rem;
  background: var(--mark); color: var(--on-mark); }
.mark { margin: 0; font-weight: 650; }
.mark span { font-weight: 400; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
nav a { color: inherit; padding: .25rem 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1.25rem; }
footer { max-width: 46rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--quiet); font-size: .9rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .75rem 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
a { color: var(--accent); text-underline-offset: .15em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; margin: .75rem 0; }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.row { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; margin: .6rem 0; }
.quiet { color: var(--quiet); }
ul.plain { list-style: none; margin: 0; padding: 0; }
code { font: .9em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .5rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
label { display: grid; grid-template-columns: minmax(0, 1fr); gap: .2rem; max-width: 100%; font-size: .9rem; color: var(--quiet); }
input, select, textarea, button, .button { font: inherit; min-height: 2.5rem; border-radius: .45rem; border: 1px solid var(--quiet);
  padding: .35rem .8rem; background: var(--card); color: var(--text); max-width: 100%; }
textarea { width: 100%; font-family: ui-monospace, monospace; }
input[type="url"] { width: 28rem; }
fieldset { border: 1px solid var(--line); border-radius: .45rem; margin: .6rem 0; }
.choice { display: flex; gap: .5rem; align-items: center; color: var(--text); }
.choice input { min-height: 1.5rem; }
button, .button { cursor: pointer; }
button.first { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.danger { color: var(--danger); border-color: currentColor; }
button:hover { filter: brightness(1.06); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
form { margin: 0; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
`;

/** Headers of every page. There is no `form-action`: a consent form ends in a redirect to the product's own origin. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

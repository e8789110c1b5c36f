/** The look of the reference page: the colours of the product's pages, in light and dark. */
export const STYLES = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f7f8, #10161a);
  --surface: light-dark(#ffffff, #171f25);
  --sunken: light-dark(#eef2f4, #12191e);
  --line: light-dark(#d9e0e4, #2d3941);
  --ink: light-dark(#1a262e, #e9eff2);
  --soft: light-dark(#4d5c66, #a8b6c0);
  --link: light-dark(#14379b, #9db8ff);
  --note: light-dark(#eaeffb, #1a2645);
  font-family: ui-sans-serif, "Avenir Next", Avenir, "Segoe UI", "Helvetica Neue", Roboto, "Noto Sans", Arial, sans-serif;
  line-height: 1.55;
  background: var(--ground);
  color: var(--ink);
  -webkit-text-size-adjust: 100%;
}
body { margin: 0; overflow-wrap: anywhere; }
.layout { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 0.75rem; }
h2 { font-size: 1.375rem; line-height: 1.25; margin: 3rem 0 0.5rem; }
h2.small { font-size: 1rem; margin: 1.25rem 0 0.375rem; }
h3 { font-size: 1.125rem; line-height: 1.35; margin: 0; }
h4 { font-size: 1rem; margin: 1.25rem 0 0.375rem; }
h1, h2, h3, h4 { text-wrap: balance; }
p { margin: 0.5rem 0; max-width: 46rem; text-wrap: pretty; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 0.25rem; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--surface); padding: 0.5rem 0.75rem; }
nav ul { list-style: none; margin: 0.25rem 0 0.75rem; padding: 0; }
nav a { display: block; padding: 0.25rem 0; }
nav .group { font-weight: 600; margin: 0.5rem 0 0; }
section.card { background: var(--surface); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1rem; margin: 1rem 0; scroll-margin-top: 1rem; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: 0.875em; }
code { background: var(--sunken); border-radius: 0.25rem; padding: 0.0625rem 0.25rem; }
pre { background: var(--sunken); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.75rem; margin: 0.375rem 0; overflow-x: auto; overflow-wrap: normal; line-height: 1.5; }
pre code { background: none; padding: 0; }
.address { display: block; margin: 0.375rem 0 0; font-size: 0.9375rem; }
.verb { font-weight: 700; background: var(--note); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4375rem 0.75rem 0.4375rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
td p, td ul { margin: 0; }
th, td { min-width: 6rem; }
td:last-child { min-width: 12rem; }
ul { padding-left: 1.25rem; }
.soft { color: var(--soft); }
@media (max-width: 40rem) {
  table, tbody, tr, tbody th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border-top: 1px solid var(--line); padding: 0.5rem 0; }
  tbody th, td { border: 0; padding: 0.0625rem 0; }
  td:empty { display: none; }
}
@media (min-width: 64rem) {
  .layout { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 0 3rem; padding-top: 2.5rem; }
  header { grid-column: 2; }
  nav { grid-column: 1; grid-row: 1 / span 2; position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow-y: auto; font-size: 0.9375rem; }
  main { grid-column: 2; min-width: 0; }
  section.card { padding: 1.25rem 1.5rem; }
}
@media print { nav, .skip { display: none; } }
`;

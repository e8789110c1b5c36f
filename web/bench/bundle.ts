/**
 * Prints what each page loads before it stands, in bytes and requests, next to the floor of the stack. Both are built
 * here and now and written nowhere. `pnpm --filter web bench`
 */
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { build, type Rolldown } from 'vite';
import { chunks } from '../chunks.ts';
import { type Weight, weigh } from './weight.ts';

type Built = Rolldown.OutputBundle[string][];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const page = await bundle(here('..'));
const floor = await bundle(here('./floor'));

report('every page', page);
report('floor: React, router, query', floor);
console.log('With the first script, each page loads in all:');
for (const chunk of scripts(page).filter(({ fileName }) => /-page-[^/]+$/.test(fileName))) {
  const loaded = withImports(page, [...firstScripts(page), chunk]);
  say(`  ${chunk.name} (${loaded.length} scripts)`.padEnd(40), weigh(loaded.map(({ code }) => code)));
}

async function bundle(root: string): Promise<Built> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [react(), tailwindcss()],
    build: { ...chunks, write: false },
  });
  if (!('output' in built)) throw new Error('Vite gave no single build.');
  return built.output;
}

function report(name: string, built: Built): void {
  const first = firstScripts(built).map(({ code }) => code);
  const styles = assets(built, '.css');
  const html = assets(built, '.html');
  // The document, what it names, and its icon. The first data comes within the document.
  const icons = html.join('').match(/rel="icon"/g)?.length ?? 0;
  console.log(`${name}: ${html.length + first.length + styles.length + icons} requests`);
  say('  HTML', weigh(html));
  say('  JS', weigh(first));
  if (styles.length > 0) say('  CSS', weigh(styles));
}

/** The entry and everything it imports before it runs. */
function firstScripts(built: Built): Rolldown.OutputChunk[] {
  return withImports(
    built,
    scripts(built).filter(({ isEntry }) => isEntry),
  );
}

function withImports(built: Built, from: Rolldown.OutputChunk[]): Rolldown.OutputChunk[] {
  const all = scripts(built);
  const wanted = new Set(from.map(({ fileName }) => fileName));
  for (const name of wanted) {
    for (const imported of all.find(({ fileName }) => fileName === name)?.imports ?? []) wanted.add(imported);
  }
  return all.filter(({ fileName }) => wanted.has(fileName));
}

function scripts(built: Built): Rolldown.OutputChunk[] {
  return built.filter((file) => file.type === 'chunk');
}

function assets(built: Built, ending: string): (string | Uint8Array)[] {
  return built.flatMap((file) =>
    file.type === 'asset' && file.fileName.endsWith(ending) ? [file.source] : [],
  );
}

function say(name: string, { raw, gzip, brotli }: Weight): void {
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;
  console.log(`${name.padEnd(8)}${kB(raw)} raw ${kB(gzip)} gzip ${kB(brotli)} brotli`);
}

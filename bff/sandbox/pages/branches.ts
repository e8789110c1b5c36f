import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Place } from '../place.ts';
import {
  deleteBranch,
  emptyRepository,
  moveFile,
  pushFile,
  renameBranch,
  setMainBranch,
} from '../play-source.ts';
import type { Repository } from '../state.ts';
import type { RepositoryPage } from './repository-page.ts';
import { pathOf, route } from './repository-page.ts';

const PIPELINE_FILE = '.semaphore/semaphore.yml';

/** The branches of a repository, and a form for one commit with one file. */
export async function branchSection({ git }: Place, repository: Repository) {
  const base = pathOf(repository);
  const branches = await git.refs(repository, 'heads');
  const rows = await Promise.all(
    branches.map(async ({ name, hash }) => ({
      name,
      hash,
      hasFile: (await git.entry(repository, hash, PIPELINE_FILE)) !== null,
    })),
  );
  const main = repository.mainbranch;
  return html`<section aria-labelledby="branches">
    <h2 id="branches">Branches and files</h2>
    ${main !== null && !branches.some((each) => each.name === main) ? html`<p>The default branch <code>${main}</code> is gone.</p>` : ''}
    ${branches.length === 0 ? html`<p>No branches.</p>` : ''}
    <ul class="plain">${rows.map(
      (branch) => html`<li class="card">
        <h3><code>${branch.name}</code>${branch.name === main ? ' (default)' : ''}</h3>
        <p class="quiet"><code>${branch.hash.slice(0, 12)}</code>, ${branch.hasFile ? 'with' : 'without'} <code>${PIPELINE_FILE}</code></p>
        <form method="post" action="${base}/branches/rename" class="row">
          <input type="hidden" name="branch" value="${branch.name}">
          <label>Name of ${branch.name} <input name="to" value="${branch.name}" required></label>
          <button aria-label="Rename branch ${branch.name}">Rename</button>
          ${
            branch.name === main
              ? ''
              : html`<button formaction="${base}/branches/main" aria-label="Make ${branch.name} the default branch">Make it the default</button>`
          }
          <button formaction="${base}/branches/delete" class="danger" aria-label="Delete branch ${branch.name}">Delete</button>
        </form>
      </li>`,
    )}</ul>
    <form method="post" action="${base}/files" class="card">
      <h3>Push a commit</h3>
      <div class="row">
        <label>Branch <input name="branch" value="${main ?? 'main'}" required></label>
        <label>File <input name="path" value="${PIPELINE_FILE}" required></label>
      </div>
      <label>Content <textarea name="content" rows="4">version: v1.0
name: ${repository.name}
</textarea></label>
      <div class="row">
        <label>Move it to <input name="to" placeholder="another path"></label>
      </div>
      <div class="row">
        <button class="first" name="what" value="write">Push the file</button>
        <button name="what" value="move">Move the file</button>
        <button name="what" value="delete" class="danger">Delete the file</button>
      </div>
    </form>
    ${
      branches.length === 0
        ? ''
        : html`<form method="post" action="${base}/empty"><button class="danger">Empty the repository</button></form>`
    }
  </section>`;
}

export function branchRoutes({ place, act }: RepositoryPage): Hono {
  return new Hono()
    .post(
      route('branches/rename'),
      act((repository, form) => renameBranch(place, repository, form('branch'), form('to').trim())),
    )
    .post(
      route('branches/main'),
      act((repository, form) => setMainBranch(place, repository, form('branch'))),
    )
    .post(
      route('branches/delete'),
      act((repository, form) => deleteBranch(place, repository, form('branch'))),
    )
    .post(
      route('empty'),
      act((repository) => emptyRepository(place, repository)),
    )
    .post(
      route('files'),
      act(async (repository, form) => {
        const at = { branch: form('branch').trim(), path: form('path').trim() };
        const what = form('what');
        if (what === 'move') await moveFile(place, repository, { ...at, to: form('to').trim() });
        else {
          const content = what === 'delete' ? null : form('content').replaceAll('\r\n', '\n');
          await pushFile(place, repository, { ...at, content });
        }
      }),
    );
}

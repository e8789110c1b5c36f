import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RepositoryView } from '../../src/repository/view.ts';
import { type Copy, copyProduct, freePort } from '../../test/process.ts';
import { type RunningSandbox, startSandbox } from '../start.ts';
import type { Repository } from '../state.ts';
import { personNamed, repositoryNamed } from '../world.ts';
import { stories } from './list.ts';
import { ORGANIZATION } from './story.ts';
import { hasUntoldStories, tellStories } from './tell.ts';
import { createWalker, type Walker } from './walker.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'stories-'));
const unlucky = 'net-mending';
const failures: string[] = [];
const nobodyStops = new AbortController().signal;
let copy: Copy;
let sandbox: RunningSandbox;
let publicUrl: string;
let productAt: string;
let nora: Walker;
let taken: Repository;

const tell = () =>
  tellStories({
    place: sandbox.place,
    publicUrl,
    productAt,
    signal: nobodyStops,
    onFailure: (line) => failures.push(line),
  });
const visit = async (nickname: string) => {
  const { bitbucket } = sandbox.origins;
  const walker = createWalker({ publicUrl, productAt, bitbucket, signal: nobodyStops });
  await walker.signIn(personNamed(sandbox.world, 'bitbucket', nickname));
  return walker;
};

// What `npm start` does, on ports that nobody uses: the sandbox, the product as a process of its own, the stories.
beforeAll(async () => {
  copy = await copyProduct();
  const port = await freePort();
  publicUrl = `http://localhost:${port}`;
  productAt = `http://127.0.0.1:${port}`;
  sandbox = await startSandbox({ dir, publicUrl });
  const product = copy.start({
    ...sandbox.env,
    SANDBOX_URL: sandbox.origins.bitbucket,
    PORT: String(port),
    PUBLIC_URL: publicUrl,
    DATA_DIR: path.join(copy.folder, 'data'),
  });
  await product.says('listening');
  const { data } = sandbox.world;
  taken = repositoryNamed(sandbox.world, `quayside/${unlucky}`);
  data.repositories = data.repositories.filter((each) => each !== taken);
  await tell();
  nora = await visit('nora');
}, 600_000);

afterAll(async () => {
  await copy?.remove();
  await sandbox?.close();
  await rm(dir, { recursive: true, force: true });
});

const projects = `/api/organizations/${ORGANIZATION.slug}/projects`;
/** Looks until everything was answered: on a slow machine a deadline may pass, which proves nothing and is no finding. */
async function look(project: string): Promise<RepositoryView> {
  for (;;) {
    const { status, body } = await nora.api('POST', `${projects}/${project}/repository/check`, {
      fresh: true,
    });
    expect([project, status]).toEqual([project, 200]);
    const view = body as RepositoryView;
    const unanswered = view.rows.some(
      (row) => row.state === 'not-checked' && row.cause !== 'needs-token-owner',
    );
    if (!unanswered) return view;
  }
}
/** What is wrong by itself, not because of something else. */
const causes = ({ rows }: RepositoryView) =>
  Object.fromEntries(
    rows.filter((row) => row.state === 'broken' && !row.becauseOf).map((row) => [row.subject, row.cause]),
  );

test('a story that cannot be told is one line, and the next start tells it without touching the others', async () => {
  expect(failures).toEqual(['Story “There is no pipeline file” is missing: its repository is gone.']);
  expect(hasUntoldStories(sandbox.place)).toBe(true);
  const keys = () => sandbox.world.data.deployKeys.map((each) => each.id).toSorted();
  const before = keys();

  sandbox.world.data.repositories.push(taken);
  await tell();
  expect(failures).toHaveLength(1);
  expect(hasUntoldStories(sandbox.place)).toBe(false);
  expect(keys().filter((id) => !before.includes(id))).toHaveLength(1);
  expect(keys()).toEqual(expect.arrayContaining(before));

  sandbox.requests.clear();
  await tell();
  expect(sandbox.requests({})).toEqual([]);
});

test('a start that was cut short is taken up: nothing is made twice', async () => {
  const { told } = sandbox.world.data.stories;
  const hooks = () => sandbox.world.data.hooks.map((each) => each.uuid).toSorted();
  const before = hooks();
  delete told.shipyard;
  told['signal-flags'] = { state: 'made' };
  await tell();
  expect(failures).toHaveLength(1);
  expect(hooks()).toEqual(before);
  expect(told).toMatchObject({ shipyard: { state: 'done' }, 'signal-flags': { state: 'done' } });
});

test.each([
  ['pilot-api', {}],
  ['shipyard', {}],
  ['shipyard-nightly', {}],
  ['crane-control', { webhook: 'webhook-removed' }],
  ['dock-schedule', { 'deploy-key': 'key-removed' }],
  ['gatehouse', { 'deploy-key': 'ssh-refused' }],
  ['customs-desk', { 'deploy-key': 'key-replaced' }],
  ['signal-flags', { webhook: 'webhook-inactive' }],
  ['harbour-bell', { webhook: 'webhook-wrong-url' }],
  ['net-mending', { 'pipeline-file': 'file-missing' }],
  ['lamp-room', { 'pipeline-file': 'file-elsewhere' }],
  ['tide-gauge', { 'pipeline-file': 'file-missing' }],
  ['breakwater', { 'pipeline-file': 'branch-gone' }],
  ['new-slipway', { 'pipeline-file': 'repository-empty' }],
])('the story of %s finds %o and nothing else', async (project, expected) => {
  const view = await look(project);
  expect(causes(view)).toEqual(expected);
  const others = view.rows.filter((row) => !(row.subject in expected));
  expect(others.map((row) => [row.subject, row.state])).toEqual(
    others.map((row) => [row.subject, 'healthy']),
  );
});

test('the renamed repository is known under its new name', async () => {
  const view = await look('fog-horn');
  expect(view.repository).toMatchObject({ fullName: 'quayside/fog-horn', movedTo: 'quayside/foghorn' });
  expect(view.summary).toMatchObject({ subject: 'repository', cause: 'repository-moved' });
});

test('the revoked grant is the root of what is wrong', async () => {
  const view = await look('ferry-tickets');
  expect(view.tokenOwner).toMatchObject({ screenName: 'Inès Moreau', you: false });
  expect(view.summary).toMatchObject({ subject: 'token-owner', cause: 'grant-revoked' });
});

test('the lost admin right is the root of what is wrong', async () => {
  const view = await look('rope-walk');
  expect(view.tokenOwner?.screenName).toBe('Tomás Ribeiro');
  expect(view.summary).toMatchObject({ subject: 'token-owner', cause: 'no-admin-right' });
});

test('whoever looks at the start page finds every story, and can bring it about again and put it right', async () => {
  const { bitbucket } = sandbox.origins;
  const page = await (await fetch(`${bitbucket}/`)).text();
  for (const story of stories) {
    expect(page).toContain(story.title);
    for (const { name } of story.projects) {
      expect(page).toContain(`${publicUrl}/organizations/harbour/projects/${name}/settings/repository`);
    }
  }
  for (const story of stories) {
    for (const deed of ['mends', 'happens', 'mends', 'happens'] as const) {
      const answer = await fetch(`${bitbucket}/sandbox/stories/${story.id}/${deed}`, {
        method: 'POST',
        redirect: 'manual',
      });
      expect([story.id, deed, answer.status]).toEqual([story.id, deed, story[deed] ? 303 : 404]);
    }
  }
});

test('a member sees every story and may change none', async () => {
  const pim = await visit('pim');
  const { body } = await pim.api('GET', projects);
  const names = stories.flatMap((story) => story.projects.map(({ name }) => name));
  expect(body.projects.map((each: { name: string }) => each.name).toSorted()).toEqual(names.toSorted());
  expect(body.canCreate).toBe(false);
});

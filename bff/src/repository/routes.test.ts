import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createRepository, renameRepository, revokeAccess, setPermission } from '../../sandbox/play.ts';
import { repositoryNamed, workspaceOf } from '../../sandbox/world.ts';
import type { Browser } from '../../test/browser.ts';
import { dump } from '../../test/dump.ts';
import { listen } from '../../test/event-stream.ts';
import { openHarbour } from '../../test/harbour.ts';
import type { Product } from '../../test/product.ts';
import { readProject, rowsOf, type Someone, signUp } from '../../test/projects.ts';
import type { GoneView, RepositoryView, UrlPreview } from '../app.ts';
import { startOperation } from './repair/start.ts';

const TAB = '/api/organizations/harbour/projects/pilot/repository';
const URL_OF = (fullName: string) => `git@bitbucket.org:${fullName}.git`;

const view = ({ browser }: Someone) => browser.json<RepositoryView>(TAB);

function post({ browser }: Someone, below: string, body?: object, key = randomUUID()): Promise<Response> {
  return browser.api('POST', `${TAB}/${below}`, body, { 'idempotency-key': key });
}

async function codeOf(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { code: string }).code];
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function open(browser: Browser, path = `${TAB}/events`) {
  const events = await listen(browser, path);
  opened.push(events.close);
  return events;
}

function standing({ sandbox: { world } }: Product, repository: string) {
  return {
    keys: world.data.deployKeys.filter((each) => each.repository === repository),
    hooks: world.data.hooks.filter((each) => each.repository === repository),
  };
}

describe('the Repository tab', () => {
  test('shows a member everything that it shows an owner, and lets them look', async () => {
    const { product, nora, pim } = await openHarbour();
    const looked = await post(pim, 'check', { fresh: true });
    const seen = (await looked.json()) as RepositoryView;
    expect(looked.status).toBe(200);
    expect(rowsOf(seen)['deploy-key']).toMatchObject({ state: 'healthy' });
    const [theirs, owners] = [await view(pim), await view(nora)];
    expect(theirs.rows).toEqual(owners.rows);
    expect([theirs.canChange, owners.canChange]).toEqual([false, true]);
    await product.deps.background.settled();
  });

  test.each([
    ['repair/preview', { subjects: ['webhook'] }],
    ['repair', { subjects: ['webhook'] }],
    ['take-over', undefined],
    ['url/preview', { url: URL_OF('harbour-works/charts') }],
    ['url', { url: URL_OF('harbour-works/charts'), uuid: `{${randomUUID()}}` }],
  ])('lets a member change nothing: %s is refused before anybody is asked', async (below, body) => {
    const { product, pim } = await openHarbour();
    const before = await dump(product);
    const asked = product.sandbox.requests().length;
    expect(await codeOf(await post(pim, below, body))).toEqual([403, 'not-allowed']);
    expect(product.sandbox.requests()).toHaveLength(asked);
    expect(await dump(product)).toEqual(before);
  });

  test('refuses who was made a member a moment ago, on every replica', async () => {
    const { product, nora, tomas } = await openHarbour();
    const path = `/api/organizations/harbour/people/${tomas.profileId}`;
    tomas.browser.at(await product.replica());
    expect((await nora.browser.api('PATCH', path, { role: 'member' })).status).toBe(200);
    expect(await codeOf(await post(tomas, 'repair', { subjects: ['webhook'] }))).toEqual([
      403,
      'not-allowed',
    ]);
  });
});

describe('Repair', () => {
  test('says first what comes, what goes, and whose grant it uses, and asks nobody for it', async () => {
    const { product, nora, tomas, project } = await openHarbour();
    const asked = product.sandbox.requests().length;
    const preview = await (
      await post(nora, 'repair/preview', { subjects: ['deploy-key', 'webhook'] })
    ).json();
    const title = 'Semaphore · harbour/pilot';
    expect(preview).toEqual({
      subjects: [
        {
          subject: 'deploy-key',
          makes: { title },
          removes: [{ title, fingerprint: expect.stringMatching(/^SHA256:/) }],
        },
        { subject: 'webhook', makes: { title }, removes: [{ title, url: project.hook?.url }] },
      ],
      uses: { screenName: 'Tomás Ribeiro', you: false },
    });
    expect(product.sandbox.requests()).toHaveLength(asked);
    const { db } = product.deps;
    await db
      .updateTable('connection')
      .set({ state: 'not-connected', reason: 'revoked' })
      .where('profileId', '=', tomas.profileId)
      .execute();
    const own = await (await post(nora, 'repair/preview', { subjects: ['webhook'] })).json();
    expect(own).toMatchObject({ uses: { screenName: 'Nora Lindqvist', you: true } });
    expect(await (await post(tomas, 'repair/preview', { subjects: ['webhook'] })).json()).toMatchObject({
      uses: null,
    });
  });

  test('clicked three times makes one webhook in place of the old one', async () => {
    const { product, nora, project } = await openHarbour();
    const key = randomUUID();
    const answers = await Promise.all(
      [1, 2, 3].map(() => post(nora, 'repair', { subjects: ['webhook'] }, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await product.deps.background.settled();
    const { hooks, keys } = standing(product, project.repository.uuid);
    expect(hooks).toHaveLength(1);
    expect(hooks[0]?.uuid).not.toBe(project.hook?.uuid);
    expect(keys).toEqual([project.key]);
    expect((await view(nora)).operation).toMatchObject({
      kind: 'repair',
      state: 'done',
      by: 'Nora Lindqvist',
    });
    // The same click for something else.
    expect(await codeOf(await post(nora, 'repair', { subjects: ['deploy-key'] }, key))).toEqual([
      409,
      'idempotency-mismatch',
    ]);
  });

  test('AZ-03 of one who may not any more by the time it would begin does not begin', async () => {
    const { product, pim, project } = await openHarbour();
    const begin = (requestedBy: string) =>
      startOperation(product.deps, {
        projectId: project.id,
        kind: 'repair',
        subjects: ['webhook'],
        requestedBy,
        idempotencyKey: randomUUID(),
      });
    expect(await begin(pim.profileId)).toEqual({ ok: false, problem: 'not-allowed' });
    const seun = await signUp(product, 'seun');
    expect(await begin(seun.profileId)).toEqual({ ok: false, problem: 'not-found' });
    expect(standing(product, project.repository.uuid)).toEqual({
      hooks: [project.hook],
      keys: [project.key],
    });
  });

  test.each([[[]], [['token-owner']], [['webhook', 'webhook', 'webhook']], [['pipeline-file']]])(
    'of %j is refused',
    async (subjects) => {
      const { nora } = await openHarbour();
      expect(await codeOf(await post(nora, 'repair', { subjects }))).toEqual([400, 'invalid-request']);
    },
  );
});

describe('Take over', () => {
  test('makes an admin of the repository the token owner, and looks again', async () => {
    const { product, nora, tomas, project } = await openHarbour();
    revokeAccess(product.sandbox.world, 'bitbucket', tomas.person.id);
    await post(nora, 'check', { fresh: true });
    expect((await view(nora)).summary).toMatchObject({ mend: 'take-over', you: true });
    const answer = await post(nora, 'take-over');
    expect(answer.status).toBe(200);
    const seen = (await answer.json()) as RepositoryView;
    expect(seen.tokenOwner).toMatchObject({ screenName: 'Nora Lindqvist', you: true });
    expect(rowsOf(seen)['token-owner']).toMatchObject({ state: 'healthy' });
    expect((await readProject(product, project.id)).tokenOwnerId).toBe(nora.profileId);
    expect(product.logs()).toContain(`"before":"${tomas.profileId}"`);
  });

  test('mends what the leaving of the token owner broke; until then they stay named', async () => {
    const { product, nora, tomas, project } = await openHarbour();
    const path = `/api/organizations/harbour/people/${tomas.profileId}`;
    expect((await nora.browser.api('DELETE', path)).status).toBe(200);
    const row = await readProject(product, project.id);
    expect(row.tokenOwnerId).toBe(tomas.profileId);
    expect(row.lookDueAt.getTime()).toBeLessThanOrEqual(product.deps.now().getTime());
    const seen = (await (await post(nora, 'check', { fresh: true })).json()) as RepositoryView;
    expect(rowsOf(seen)['token-owner']).toMatchObject({ state: 'broken', cause: 'left-organization' });
    expect(await codeOf(await post(tomas, 'take-over'))).toEqual([404, 'not-found']);
    const mended = (await (await post(nora, 'take-over')).json()) as RepositoryView;
    expect(rowsOf(mended)['token-owner']).toMatchObject({ state: 'healthy' });
  });

  test('needs admin right on the repository, asked at that moment', async () => {
    const { product, tomas, nora, project } = await openHarbour();
    expect((await post(nora, 'take-over')).status).toBe(200);
    setPermission(product.sandbox.world, project.repository, tomas.person.id, 'write');
    const before = await readProject(product, project.id);
    expect(await codeOf(await post(tomas, 'take-over'))).toEqual([403, 'no-admin-right']);
    setPermission(product.sandbox.world, project.repository, tomas.person.id, null);
    expect((await post(tomas, 'take-over')).status).toBeGreaterThanOrEqual(400);
    revokeAccess(product.sandbox.world, 'bitbucket', tomas.person.id);
    expect(await codeOf(await post(tomas, 'take-over'))).toEqual([409, 'grant-needed']);
    product.sandbox.faults.set('bitbucket:api', '503');
    expect((await post(nora, 'take-over')).status).toBe(503);
    expect((await readProject(product, project.id)).tokenOwnerId).toBe(before.tokenOwnerId);
  });
});

describe('Change…', () => {
  const preview = (who: Someone, url: string) => post(who, 'url/preview', { url });

  test.each([
    'git@bitbucket.org:harbour-works/pilot-api.git',
    'git@bitbucket.org:harbour-works/pilot-api',
    'git@ssh.bitbucket.org:harbour-works/pilot-api.git',
    'ssh://git@bitbucket.org/harbour-works/pilot-api.git',
    'https://bitbucket.org/harbour-works/pilot-api',
    'https://bitbucket.org/harbour-works/pilot-api.git',
    ' https://bitbucket.org/harbour-works/pilot-api/src/main/ ',
  ])('%j is the URL that the project has', async (url) => {
    const { product, nora, project } = await openHarbour();
    const { uuid } = project.repository;
    const fullName = 'harbour-works/pilot-api';
    const said = await preview(nora, url);
    expect(await said.json()).toEqual({ kind: 'same', fullName, from: fullName, uuid });
    expect((await post(nora, 'url', { url, uuid })).status).toBe(202);
    await product.deps.background.settled();
    expect(standing(product, uuid)).toEqual({ keys: [project.key], hooks: [project.hook] });
  });

  test.each([
    'https://github.com/harbour-works/pilot-api',
    '/srv/git/pilot-api.git',
    'file:///srv/git/pilot-api.git',
    'pilot-api',
    '',
    'git@bitbucket.org:harbour-works/..',
    'https://bitbucket.org/harbour-works/%2e%2e/charts',
    'https://bitbucket.org/../harbour-works/charts',
    'git@bitbucket.org:harbour-works/pilot-api\r\nX: y',
    'git@bitbucket.org:harbour-works/pilot-api?x=y',
    'git@bitbucket.org:harbour-works/pilöt',
  ])('IN-03 %j is refused at the field, and nobody is asked', async (url) => {
    const { product, nora } = await openHarbour();
    const asked = product.sandbox.requests().length;
    const refused = await preview(nora, url);
    const problem = (await refused.json()) as { code: string; detail?: string };
    expect([refused.status, problem.code]).toEqual([422, 'invalid-repository-url']);
    expect(problem.detail).toMatch(/\.$/);
    const uuid = `{${randomUUID()}}`;
    expect((await post(nora, 'url', { url, uuid })).status).toBe(422);
    expect(product.sandbox.requests()).toHaveLength(asked);
  });

  test('a renamed repository keeps key and webhook, and gets its new name', async () => {
    const { product, nora, project } = await openHarbour();
    const { world } = product.sandbox;
    renameRepository(world, project.repository, 'pilot-two');
    const said = (await (await preview(nora, URL_OF('harbour-works/pilot-two'))).json()) as UrlPreview;
    const { uuid } = project.repository;
    expect(said).toEqual({
      kind: 'renamed',
      fullName: 'harbour-works/pilot-two',
      from: 'harbour-works/pilot-api',
      uuid,
    });
    expect((await view(nora)).repository.fullName).toBe('harbour-works/pilot-api');
    const changed = await post(nora, 'url', { url: URL_OF('harbour-works/pilot-two'), uuid });
    expect(changed.status).toBe(202);
    expect(((await changed.json()) as RepositoryView).repository).toMatchObject({
      fullName: 'harbour-works/pilot-two',
      movedTo: null,
    });
    await product.deps.background.settled();
    expect(rowsOf(await view(nora))['pipeline-file']).toMatchObject({ state: 'healthy' });
    expect(standing(product, uuid)).toEqual({
      keys: [expect.objectContaining({ key: project.key?.key })],
      hooks: [project.hook],
    });
  });

  test('another repository is said before, and takes key and webhook over; the project stays', async () => {
    const { product, nora, project } = await openHarbour();
    const url = URL_OF('harbour-works/charts');
    const said = (await (await preview(nora, url)).json()) as UrlPreview;
    expect(said).toMatchObject({ kind: 'different', fullName: 'harbour-works/charts' });
    expect((await post(nora, 'url', { url, uuid: said.uuid })).status).toBe(202);
    await product.deps.background.settled();
    expect(await readProject(product, project.id)).toMatchObject({
      repositoryUuid: said.uuid,
      repositoryName: 'harbour-works/charts',
      name: 'pilot',
    });
    expect(standing(product, project.repository.uuid)).toEqual({ keys: [], hooks: [] });
    const { keys, hooks } = standing(product, said.uuid);
    expect([keys.length, hooks.length]).toEqual([1, 1]);
  });

  test('another repository than the one that was shown is not taken', async () => {
    const { product, nora, project } = await openHarbour();
    const { world } = product.sandbox;
    const url = URL_OF('harbour-works/pilot-api');
    const { uuid } = (await (await preview(nora, url)).json()) as UrlPreview;
    renameRepository(world, project.repository, 'pilot-two');
    createRepository(world, workspaceOf(world, project.repository), 'pilot-api');
    expect(await codeOf(await post(nora, 'url', { url, uuid }))).toEqual([409, 'repository-changed']);
    expect(await (await preview(nora, url)).json()).toMatchObject({ kind: 'different' });
    expect((await readProject(product, project.id)).repositoryUuid).toBe(project.repository.uuid);
  });

  test('another repository takes admin right there', async () => {
    const { product, tomas, project } = await openHarbour();
    const { uuid } = repositoryNamed(product.sandbox.world, 'harbour-works/buoy-ui');
    const url = URL_OF('harbour-works/buoy-ui');
    expect(await codeOf(await post(tomas, 'url', { url, uuid }))).toEqual([403, 'no-admin-right']);
    expect(standing(product, uuid)).toEqual({ keys: [], hooks: [] });
    expect((await readProject(product, project.id)).repositoryUuid).toBe(project.repository.uuid);
  });

  test('the token owner’s eyes serve for the project’s own repository, and show nobody another', async () => {
    const { product, nora, tomas } = await openHarbour();
    // Nora's rights are Tomás' to borrow, and not the other way about.
    await product.deps.db.updateTable('project').set({ tokenOwnerId: nora.profileId }).execute();
    const { world } = product.sandbox;
    const pilot = repositoryNamed(world, 'harbour-works/pilot-api');
    setPermission(world, pilot, tomas.person.id, null);
    expect(await (await preview(tomas, URL_OF('harbour-works/pilot-api'))).json()).toMatchObject({
      kind: 'same',
    });
    const hidden = await preview(tomas, URL_OF('nora-lindqvist/scratch'));
    const nothing = await preview(tomas, URL_OF('nora-lindqvist/nothing'));
    expect(hidden.status).toBe(422);
    expect(await hidden.json()).toEqual(await nothing.json());
  });
});

describe('the page that updates itself', () => {
  const views = (heard: { event: string }) => heard.event === 'view';

  test('hears the state at once, and of a change made on another replica', async () => {
    const { product, nora, pim } = await openHarbour();
    const other = await product.replica();
    const events = await open(pim.browser);
    expect(events.response.headers.get('content-type')).toBe('text/event-stream');
    expect(events.response.headers.get('content-encoding')).toBeNull();
    const first = (await events.until(views)).data as RepositoryView;
    expect(first).toMatchObject({ canChange: false, project: { name: 'pilot' } });
    nora.browser.at(other);
    await post(nora, 'repair', { subjects: ['webhook'] });
    const done = await events.until(({ data }) => (data as RepositoryView).operation?.state === 'done');
    expect((done.data as RepositoryView).version).toBeGreaterThan(first.version);
    await other.deps.background.settled();
  });

  test('ends when the process leaves, which waits for nobody', async () => {
    const { product, nora } = await openHarbour();
    const events = await open(nora.browser);
    await events.until(views);
    product.deps.lifecycle.accepting = false;
    let heard = await events.next();
    while (heard) heard = await events.next();
    await product.deps.background.settled();
  });

  test('ends when the page is closed', async () => {
    const { product, nora } = await openHarbour();
    const events = await open(nora.browser);
    await events.until(views);
    await events.close();
    await product.deps.background.settled();
  });

  test('sees nothing any more once its person was removed', async () => {
    const { nora, pim } = await openHarbour();
    const events = await open(pim.browser);
    await events.until(views);
    await nora.browser.api('DELETE', `/api/organizations/harbour/people/${pim.profileId}`);
    const gone = await events.until(({ event }) => event === 'gone');
    expect(gone.data).toEqual({ operation: null } satisfies GoneView);
    expect(await events.next()).toBeUndefined();
  });

  test('sees nothing any more once its session ended, on whichever replica', async () => {
    const { product, nora } = await openHarbour();
    const events = await open(nora.browser);
    await events.until(views);
    nora.browser.at(await product.replica());
    expect((await nora.browser.api('POST', '/api/log-out')).status).toBe(200);
    expect((await events.until(({ event }) => event === 'gone')).data).toEqual({ operation: null });
  });

  test('hears that the project is gone, and what became of it', async () => {
    const { product, nora, tomas } = await openHarbour();
    const events = await open(tomas.browser);
    await events.until(views);
    await nora.browser.api('DELETE', '/api/organizations/harbour/projects/pilot', undefined, {
      'idempotency-key': randomUUID(),
    });
    const gone = await events.until(({ event }) => event === 'gone');
    expect(gone.data).toMatchObject({ operation: { kind: 'delete', state: 'done' } });
    await product.deps.background.settled();
  });

  test('is told why its project could not be made', async () => {
    const { product, nora } = await openHarbour();
    const { faults, world } = product.sandbox;
    faults.set('bitbucket:POST /2.0/repositories/*/deploy-keys', 'slow', { delay: 500, times: 1 });
    faults.set('bitbucket:POST /2.0/repositories/*/hooks', '403-scopes');
    const repository = repositoryNamed(world, 'harbour-works/charts').uuid;
    const made = await nora.browser.api(
      'POST',
      '/api/organizations/harbour/projects',
      { repository, name: 'maps' },
      { 'idempotency-key': randomUUID() },
    );
    expect(made.status).toBe(201);
    const events = await open(nora.browser, '/api/organizations/harbour/projects/maps/repository/events');
    const gone = (await events.until(({ event }) => event === 'gone')).data as GoneView;
    expect(gone.operation).toMatchObject({ kind: 'create', state: 'failed' });
    expect(gone.operation?.problem).not.toBeNull();
  });
});

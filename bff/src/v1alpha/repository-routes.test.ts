import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { revokeAccess, setPermission } from '../../sandbox/play.ts';
import { refusalIn, type Terminal } from '../../test/command-line.ts';
import { openHarbour } from '../../test/harbour.ts';
import type { Product } from '../../test/product.ts';
import type { ReadyProject } from '../../test/projects.ts';
import { RepositoryDocument } from './repository-document.ts';

const TAB = '/projects/pilot/repository';
const REPAIR = `${TAB}/repair`;

/** The answer, which is what the description of the API says, and nothing beside it. */
function read({ status, text }: { status: number; text: string }): RepositoryDocument {
  expect(status, text).toBe(200);
  const document = JSON.parse(text);
  expect(RepositoryDocument.parse(document)).toEqual(document);
  return document;
}

const look = async (sem: Terminal, query = '') => read(await sem.send('GET', TAB + query));
const states = ({ findings }: RepositoryDocument) =>
  findings.map(({ subject, state, cause }) => [subject, state, cause]);

function breakKey({ sandbox: { world } }: Product, { key }: ReadyProject): void {
  world.data.deployKeys = world.data.deployKeys.filter((each) => each !== key);
}

function breakHook({ sandbox: { world } }: Product, { hook }: ReadyProject): void {
  const found = world.data.hooks.find((each) => each === hook);
  if (found) found.active = false;
}

function standing({ sandbox: { world } }: Product, repository: string) {
  return [world.data.deployKeys, world.data.hooks].map(
    (list) => list.filter((each) => each.repository === repository).length,
  );
}

describe('looking', () => {
  test('checks everything and tells a member as much as an owner', async () => {
    const { product, pim, tomas, project } = await openHarbour();
    const seen = await look(pim.sem);
    expect(seen).toMatchObject({
      project: { id: project.id, name: 'pilot', state: 'ready' },
      repository: {
        url: 'git@ssh.bitbucket.org:harbour-works/pilot-api.git',
        full_name: 'harbour-works/pilot-api',
        moved_to: null,
      },
      token_owner: { id: tomas.profileId, name: 'Tomás Ribeiro', you: false },
      pipeline_file: '.semaphore/semaphore.yml',
      summary: null,
      operation: null,
    });
    expect(states(seen)).toEqual([
      ['token-owner', 'healthy', null],
      ['deploy-key', 'healthy', null],
      ['webhook', 'healthy', null],
      ['pipeline-file', 'healthy', null],
    ]);
    expect(seen.findings[1]?.facts).toMatchObject({
      ssh_reads: true,
      fingerprint: expect.stringMatching(/^SHA256:/),
    });
    const own = await look(tomas.sem);
    expect(own.findings).toEqual(seen.findings);
    expect(own.token_owner?.you).toBe(true);
    expect(product.ssh.logins).toBe(1);
  });

  test('shares a look that has just begun, unless a fresh one is asked for', async () => {
    const { product, tomas, project } = await openHarbour();
    await Promise.all([look(tomas.sem), look(tomas.sem), look(tomas.sem)]);
    expect(product.ssh.logins).toBe(1);
    breakHook(product, project);
    expect((await look(tomas.sem)).summary).toBeNull();
    expect((await look(tomas.sem, '?fresh=false')).summary).toBeNull();
    const fresh = await look(tomas.sem, '?fresh=true');
    expect(fresh.summary).toMatchObject({
      cause: 'webhook-inactive',
      message: 'The webhook is switched off at Bitbucket.',
      subject: 'webhook',
      mend: 'repair',
      you: true,
      people: ['Nora Lindqvist'],
    });
    expect(fresh.findings[2]).toMatchObject({
      state: 'broken',
      message: 'The webhook is switched off at Bitbucket.',
      busy: false,
      because_of: null,
    });
    expect(refusalIn(await tomas.sem.send('GET', `${TAB}?fresh=1`))).toEqual([
      400,
      'fresh must be true or false',
    ]);
  });

  test('names the root cause and who can mend it, and folds what follows from it', async () => {
    const { product, nora, tomas } = await openHarbour();
    revokeAccess(product.sandbox.world, 'bitbucket', tomas.person.id);
    const seen = await look(nora.sem);
    expect(seen.summary).toMatchObject({
      cause: 'grant-revoked',
      subject: 'token-owner',
      mend: 'take-over',
      you: true,
    });
    expect(seen.findings[2]).toMatchObject({ because_of: 'token-owner' });
  });

  test('keeps what was known while Bitbucket does not answer', async () => {
    const { product, tomas } = await openHarbour();
    await look(tomas.sem);
    product.sandbox.faults.set('bitbucket:api', '503');
    const seen = await look(tomas.sem, '?fresh=true');
    expect(seen.summary).toBeNull();
    expect(seen.findings[2]).toMatchObject({
      state: 'not-checked',
      cause: 'provider-error',
      previous: { state: 'healthy', cause: null, message: null },
    });
  });

  test('tells no secret', async () => {
    const { product, nora } = await openHarbour();
    const { text } = await nora.sem.send('GET', TAB);
    const rows = await product.deps.db.selectFrom('credential').select(['id', 'material']).execute();
    const secrets = rows.map(({ id, material }) =>
      product.deps.sealer.open(material ?? '', `credential/${id}/material`),
    );
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) expect(text).not.toContain(secret.slice(0, 40));
  });
});

describe('Repair', () => {
  test('mends what is proved broken, and nothing else', async () => {
    const { product, nora, project } = await openHarbour();
    breakHook(product, project);
    const repaired = read(await nora.sem.send('POST', REPAIR));
    expect(repaired.operation).toMatchObject({
      kind: 'repair',
      state: 'done',
      subjects: ['webhook'],
      by: 'Nora Lindqvist',
      problem: null,
      done: [{ subject: 'webhook', removed: [project.hook?.url] }],
    });
    expect(repaired.summary).toBeNull();
    expect(standing(product, project.repository.uuid)).toEqual([1, 1]);
    expect(product.sandbox.world.data.deployKeys).toContain(project.key);
  });

  test('mends both when both are broken, with the body that says nothing', async () => {
    const { product, tomas, project } = await openHarbour();
    breakHook(product, project);
    breakKey(product, project);
    const repaired = read(await tomas.sem.send('POST', REPAIR, {}));
    expect(repaired.operation?.subjects).toEqual(['deploy-key', 'webhook']);
    expect(repaired.findings.map(({ state }) => state)).toEqual(Array(4).fill('healthy'));
    expect(standing(product, project.repository.uuid)).toEqual([1, 1]);
  });

  test('of nothing that is broken does nothing, and says so', async () => {
    const { product, nora, project } = await openHarbour();
    const repaired = read(await nora.sem.send('POST', REPAIR));
    expect([repaired.operation, repaired.summary]).toEqual([null, null]);
    expect(await product.deps.db.selectFrom('operation').selectAll().execute()).toEqual([]);
    expect(product.sandbox.world.data.hooks).toContain(project.hook);
  });

  test('of what is named is done though it works; the same key once', async () => {
    const { product, nora, project } = await openHarbour();
    const key = { 'idempotency-key': randomUUID() };
    const body = { subjects: ['deploy-key'] };
    const [one, two] = await Promise.all([
      nora.sem.send('POST', REPAIR, body, key),
      nora.sem.send('POST', REPAIR, body, key),
    ]);
    expect(read(one).operation?.id).toBe(read(two).operation?.id);
    expect(read(await nora.sem.send('POST', REPAIR, body, key)).operation?.id).toBe(read(one).operation?.id);
    expect(product.sandbox.world.data.deployKeys).not.toContain(project.key);
    expect(product.sandbox.world.data.hooks).toContain(project.hook);
    expect(standing(product, project.repository.uuid)).toEqual([1, 1]);
    expect(refusalIn(await nora.sem.send('POST', REPAIR, { subjects: ['webhook'] }, key))).toEqual([
      422,
      'This Idempotency-Key was used for another request.',
    ]);
  });

  test('of what is broken, sent again with its key, tells of the repair that mended it', async () => {
    const { product, nora, project } = await openHarbour();
    breakHook(product, project);
    const key = { 'idempotency-key': randomUUID().toUpperCase() };
    const one = read(await nora.sem.send('POST', REPAIR, undefined, key));
    const two = read(await nora.sem.send('POST', REPAIR, undefined, key));
    expect(two.operation).toEqual(one.operation);
    expect(one.operation?.state).toBe('done');
  });

  test('that nobody’s right allows says why', async () => {
    const { product, nora, tomas, project } = await openHarbour();
    breakHook(product, project);
    await look(tomas.sem);
    setPermission(product.sandbox.world, project.repository, tomas.person.id, 'write');
    const refused = await tomas.sem.send('POST', REPAIR, { subjects: ['webhook'] });
    expect(refusalIn(refused)).toEqual([
      422,
      'Neither the token owner nor the one who asked has admin right on the repository.',
    ]);
    // With the right of another one who asks it goes.
    const repaired = read(await nora.sem.send('POST', REPAIR, { subjects: ['webhook'] }));
    expect(repaired.operation?.state).toBe('done');
  });

  test('of two things of which one fails says which was mended, and why the other was not', async () => {
    const { product, nora, project } = await openHarbour();
    breakHook(product, project);
    breakKey(product, project);
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/hooks', '403-scopes');
    expect(refusalIn(await nora.sem.send('POST', REPAIR))).toEqual([
      422,
      'Only the deploy key was repaired. What was granted at Bitbucket does not cover this. Grant access again.',
    ]);
    product.sandbox.faults.clear();
    expect(states(await look(nora.sem, '?fresh=true')).slice(1, 3)).toEqual([
      ['deploy-key', 'healthy', null],
      ['webhook', 'broken', 'webhook-inactive'],
    ]);
  });

  test('that waits for Bitbucket answers with what is under way', async () => {
    const { product, nora } = await openHarbour();
    product.sandbox.faults.set('bitbucket:POST /2.0/repositories/*/hooks', '429-retry-after', {
      retryAfter: 600,
    });
    const waiting = read(await nora.sem.send('POST', REPAIR, { subjects: ['webhook'] }));
    expect(waiting.operation).toMatchObject({ state: 'running', waiting_until: expect.any(String) });
    expect(refusalIn(await nora.sem.send('POST', REPAIR, { subjects: ['deploy-key'] }))).toEqual([
      422,
      'Something else is being done with this project. Nothing was changed. Try again in a moment.',
    ]);
  });

  test.each<[unknown, Record<string, string>, [number, string]]>([
    ['{', {}, [400, 'The body is not well-formed JSON.']],
    [{ subjects: [] }, {}, [422, 'subjects: must be a list of deploy-key, webhook or both']],
    [{ subjects: ['token-owner'] }, {}, [422, 'subjects: must be a list of deploy-key, webhook or both']],
    [{ other: 1 }, {}, [422, 'subjects: must be a list of deploy-key, webhook or both']],
    [[], {}, [422, 'subjects: must be a list of deploy-key, webhook or both']],
    [{}, { 'idempotency-key': 'x' }, [400, 'Idempotency-Key: a UUID is needed']],
  ])('of %j with %j is refused', async (body, headers, refusal) => {
    const { nora } = await openHarbour();
    expect(refusalIn(await nora.sem.send('POST', REPAIR, body, headers))).toEqual(refusal);
  });
});

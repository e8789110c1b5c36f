import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { controlOf } from './control.ts';
import { authorizeAs } from './journey.ts';
import type { RunningSandbox } from './start.ts';
import { startSandbox } from './start.ts';
import { basic, read } from './test-bench.ts';
import { clientOf } from './world.ts';

// Real processes and sockets: slow machines may take their time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const opened: { sandbox: RunningSandbox; dir: string }[] = [];
afterEach(async () => {
  for (const { sandbox, dir } of opened.splice(0)) {
    await sandbox.close();
    await rm(dir, { recursive: true, force: true });
  }
});

async function open(dir = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'))) {
  const sandbox = await startSandbox({ dir, publicUrl: 'http://localhost:3000' });
  opened.push({ sandbox, dir });
  return { sandbox, dir };
}

async function tokensFor(sandbox: RunningSandbox, person: string) {
  const client = clientOf(sandbox.world, 'bitbucket');
  const url = `${sandbox.origins.bitbucket}/site/oauth2/authorize?client_id=${client.id}&response_type=code`;
  const back = await authorizeAs(sandbox, 'bitbucket', person, url);
  return token(sandbox, { grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '' });
}

async function token(sandbox: RunningSandbox, form: Record<string, string>) {
  const answer = await fetch(`${sandbox.origins.bitbucket}/site/oauth2/access_token`, {
    method: 'POST',
    headers: { authorization: basic(clientOf(sandbox.world, 'bitbucket')) },
    body: new URLSearchParams(form),
  });
  return (await read(answer)).body;
}

test('grants outlive a restart, and what is saved holds no token', async () => {
  const first = await open();
  const tokens = await tokensFor(first.sandbox, 'nora');
  const { BITBUCKET_CLIENT_ID } = first.sandbox.env;
  await first.sandbox.close();
  opened.length = 0;
  const saved = await readFile(path.join(first.dir, 'world.json'), 'utf8');
  expect(saved).not.toContain(tokens.access_token);
  expect(saved).not.toContain(tokens.refresh_token);

  const { sandbox } = await open(first.dir);
  expect(sandbox.env.BITBUCKET_CLIENT_ID).toBe(BITBUCKET_CLIENT_ID);
  const answer = await fetch(`${sandbox.origins.api}/2.0/user`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  expect(answer.status).toBe(200);
  const again = await token(sandbox, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
  expect(again.token_type).toBe('bearer');
});

test('a port in use is refused by its name', async () => {
  const { sandbox } = await open();
  const port = Number(new URL(sandbox.origins.api).port);
  const dir = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'));
  await expect(startSandbox({ dir, ports: { api: port } })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port,
  });
  await rm(dir, { recursive: true });
});

test('the sandbox answers under its own address only', async () => {
  const { sandbox } = await open();
  const { port } = new URL(sandbox.origins.bitbucket);
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/', headers: { host: `evil.example:${port}` } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
});

describe('the control', () => {
  test('another process revokes, breaks, renames and counts', async () => {
    const { sandbox } = await open();
    const control = controlOf(sandbox.origins.bitbucket);
    const { access_token } = await tokensFor(sandbox, 'nora');
    const user = async () =>
      (
        await fetch(`${sandbox.origins.api}/2.0/user`, {
          headers: { authorization: `Bearer ${access_token}` },
        })
      ).status;
    await control('setFault', { target: 'bitbucket:api', mode: '503', times: 1 });
    expect(await user()).toBe(503);
    expect(await user()).toBe(200);
    await control('rename', { repository: 'harbour-works/charts', slug: 'sea-charts' });
    await control('revoke', { service: 'bitbucket', person: 'nora' });
    expect(await user()).toBe(401);
    expect(await control('requests', { path: '/2.0/user' })).toHaveLength(3);
    await expect(control('revoke', { service: 'bitbucket', person: 'nobody' })).rejects.toThrow('nobody');
    await control('reset', {});
    expect(await control('requests', {})).toEqual([]);
  });

  test('a page of another origin cannot use it', async () => {
    const { sandbox } = await open();
    for (const headers of [{ origin: 'http://localhost:3000' }, { 'sec-fetch-site': 'same-site' }]) {
      const answer = await fetch(`${sandbox.origins.bitbucket}/sandbox/api/reset`, {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: '{}',
      });
      expect(answer.status).toBe(403);
    }
  });
});

test('every page of the sandbox can be opened', async () => {
  const { sandbox } = await open();
  const { bitbucket, github, gitlab } = sandbox.origins;
  const uuid = encodeURIComponent(sandbox.world.data.repositories[0]?.uuid ?? '');
  for (const page of [
    `${bitbucket}/`,
    `${bitbucket}/sandbox/people`,
    `${bitbucket}/sandbox/repositories`,
    `${bitbucket}/sandbox/repositories/${uuid}`,
    `${bitbucket}/sandbox/weather`,
    `${bitbucket}/account/settings/app-authorizations/`,
    `${bitbucket}/${encodeURIComponent(sandbox.world.data.people[0]?.id ?? '')}/`,
    `${bitbucket}/tidemark/handbook`,
    `${github}/settings/applications`,
    `${gitlab}/-/user_settings/applications`,
  ]) {
    const answer = await fetch(page);
    expect([page, answer.status]).toEqual([page, 200]);
    expect(await answer.text()).toContain('(not the real one)');
  }
});

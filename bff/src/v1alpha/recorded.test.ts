/** What the client of version 0.35.0 sent, byte for byte but for addresses and ids, which have to exist. */
import { expect, test } from 'vitest';
import { openTerminal, refusalIn, terminal } from '../../test/command-line.ts';
import { dump } from '../../test/dump.ts';
import { type Product, startProduct } from '../../test/product.ts';
import { createOrganization, createReadyProject, type Someone, signUp } from '../../test/projects.ts';

const INIT =
  '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"hello-world"},"spec":{"repository":{"url":"git@github.com:acme/hello-world.git","run_on":["branches","tags"],"forked_pull_requests":{},"pipeline_file":"","whitelist":{},"integration_type":"github_token"}}}';
const CREATE =
  '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"goDemo","description":"from file"},"spec":{"visibility":"public","repository":{"url":"git@github.com:renderedtext/goDemo.git","run_on":["branches","tags"],"forked_pull_requests":{"allowed_secrets":["dockerhub"]},"pipeline_file":".semaphore/semaphore.yml","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{"branches":["main","/feature-.*/"]},"integration_type":"github_app"},"tasks":[{"name":"nightly","scheduled":true,"branch":"master","at":"5 4 * * *","pipeline_file":".semaphore/cron.yml","status":"ACTIVE"},{"name":"canary","description":"on demand","scheduled":false,"branch":"refs/tags/v1.0","pipeline_file":".semaphore/canary.yml","parameters":[{"name":"CANARY_VERSION","required":true,"default_value":"1.0.0","options":["1.0.0","2.0.0"]}]}],"custom_permissions":true,"debug_permissions":["empty","default_branch"],"attach_permissions":["default_branch"]}}';
const EDIT =
  '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"goDemo","id":"94af6250-c676-4122-9d9d-f5de60546d53","description":"from file"},"spec":{"visibility":"public","repository":{"url":"git@github.com:renderedtext/goDemo.git","run_on":["branches","tags"],"forked_pull_requests":{"allowed_secrets":["dockerhub"]},"pipeline_file":".semaphore/other.yml","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{"branches":["main","/feature-.*/"]},"integration_type":"github_token"},"tasks":[{"name":"nightly","scheduled":true,"id":"cafabbdb-9f34-4c5c-b6aa-15d586386bb9","branch":"master","at":"5 4 * * *","pipeline_file":".semaphore/cron.yml","status":"ACTIVE"},{"name":"canary","description":"on demand","scheduled":false,"id":"2adb5254-9311-49ff-a817-8b8fee6cb3e3","branch":"refs/tags/v1.0","pipeline_file":".semaphore/canary.yml","status":"ACTIVE","parameters":[{"name":"CANARY_VERSION","required":true,"default_value":"1.0.0","options":["1.0.0","2.0.0"]}]}],"custom_permissions":true,"debug_permissions":["empty","default_branch"],"attach_permissions":["default_branch"]}}';
const EDIT_SCHEDULERS =
  '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"sch","id":"564f055e-ed95-4dea-bb88-83718f64032b"},"spec":{"visibility":"private","repository":{"url":"git@github.com:a/sch.git","forked_pull_requests":{},"pipeline_file":".semaphore/semaphore.yml","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{},"integration_type":""},"schedulers":[{"name":"s1","branch":"master","at":"5 4 * * *","pipeline_file":".semaphore/cron.yml"},{"name":"s2","branch":"refs/tags/v2","at":"5 3 * * *","pipeline_file":".semaphore/x.yml","status":"INACTIVE"}],"custom_permissions":false}}';
const APPLY_SMALLEST =
  '{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"goDemo","id":"94af6250-c676-4122-9d9d-f5de60546d53"},"spec":{"repository":{"url":"git@github.com:renderedtext/goDemo.git","forked_pull_requests":{},"pipeline_file":"","whitelist":{},"integration_type":""}}}';

const PILOT = 'git@bitbucket.org:harbour-works/pilot-api.git';
/** As it is answered: with the host that serves SSH. */
const PILOT_SHOWN = 'git@ssh.bitbucket.org:harbour-works/pilot-api.git';
const RECORDED = '94af6250-c676-4122-9d9d-f5de60546d53';
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

type Answer = { metadata: { id: string }; spec: { tasks: { id: string }[]; schedulers: { id: string }[] } };

async function harbour() {
  const product = await startProduct();
  const nora = await signUp(product, 'nora');
  const organization = await createOrganization(product, 'harbour', [
    { profileId: nora.profileId, role: 'owner' },
  ]);
  return { product, nora, organization, sem: await openTerminal(product, nora) };
}

const recorded = (body: string, changes: Record<string, string> = {}) =>
  Object.entries(changes).reduce(
    (text, [from, to]) => text.replace(from, to),
    body.replace(/git@github\.com:[^"]+/, PILOT),
  );

/** The whole answer, in the order of its keys. */
function documentText(
  { nora, organization }: { nora: Someone; organization: { id: string } },
  id: string,
  middle: { name: string; description: string; spec: string },
): string {
  return `{"apiVersion":"v1alpha","kind":"Project","metadata":{"name":"${middle.name}","id":"${id}","org_id":"${organization.id}","owner_id":"${nora.profileId}","description":"${middle.description}"},"spec":${middle.spec}}`;
}

/** Everything but when the token was used. */
async function dumpOf(product: Product) {
  const { api_token: _used, ...rest } = await dump(product);
  return rest;
}

function standing({ sandbox: { world } }: Product) {
  return [world.data.deployKeys.length, world.data.hooks.length];
}

test('connect: a token that works lists the projects, one that does not is told so, and nothing else', async () => {
  const { product, sem } = await harbour();
  const connected = await sem.send('GET', '/projects?page=1');
  expect([connected.status, connected.text]).toEqual([200, '[]']);
  expect(connected.headers.get('x-page')).toBe('1');
  expect(connected.headers.get('x-has-more')).toBe('false');
  expect(connected.headers.get('content-type')).toBe('application/json');
  const bad = await terminal(product, 'Token bad', '').send('GET', '/projects?page=1');
  expect([bad.status, bad.text]).toEqual([401, '{"message":"Unauthorized"}']);
});

test('init creates the project, with key and webhook; again, the name is taken', async () => {
  const place = await harbour();
  const { product, sem } = place;
  const before = standing(product);
  const made = await sem.send('POST', '/projects', recorded(INIT));
  expect(made.status, made.text).toBe(200);
  const { id } = (JSON.parse(made.text) as Answer).metadata;
  expect(id).toMatch(new RegExp(`^${UUID}$`));
  expect(made.text).toBe(
    documentText(place, id, {
      name: 'hello-world',
      description: '',
      spec: `{"visibility":"private","repository":{"url":"${PILOT_SHOWN}","owner":"harbour-works","name":"pilot-api","run_on":["tags","branches"],"forked_pull_requests":{"allowed_secrets":[],"allowed_contributors":[]},"pipeline_file":".semaphore/semaphore.yml","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{"branches":[],"tags":[]},"integration_type":"bitbucket"},"schedulers":[],"tasks":[],"custom_permissions":false,"debug_permissions":[],"attach_permissions":[]}`,
    }),
  );
  expect(standing(product)).toEqual(before.map((count) => count + 1));
  const again = await sem.send('POST', '/projects', recorded(INIT));
  expect(again.text).toBe(`{"message":"Project name 'hello-world' is already taken"}`);
  expect(again.status).toBe(422);
  expect(standing(product)).toEqual(before.map((count) => count + 1));
});

test('init of a repository elsewhere is told why it cannot be', async () => {
  const { product, sem } = await harbour();
  const before = await dumpOf(product);
  expect(refusalIn(await sem.send('POST', '/projects', INIT))).toEqual([
    422,
    "Unrecognized Git remote format 'git@github.com:acme/hello-world.git'. The URL leads to another host than bitbucket.test.",
  ]);
  expect(await dumpOf(product)).toEqual(before);
});

test('create, get, edit, apply and delete: nothing of a file is lost on the way', async () => {
  const place = await harbour();
  const { product, sem } = place;
  const made = await sem.send('POST', '/projects', recorded(CREATE));
  expect(made.status, made.text).toBe(200);
  const answer = JSON.parse(made.text) as Answer;
  const { id } = answer.metadata;
  const [nightly = '', canary = ''] = answer.spec.tasks.map((task) => task.id);
  const spec = (file: string) =>
    `{"visibility":"public","repository":{"url":"${PILOT_SHOWN}","owner":"harbour-works","name":"pilot-api","run_on":["tags","branches"],"forked_pull_requests":{"allowed_secrets":["dockerhub"],"allowed_contributors":[]},"pipeline_file":"${file}","status":{"pipeline_files":[{"path":".semaphore/semaphore.yml","level":"pipeline"}]},"whitelist":{"branches":["main","/feature-.*/"],"tags":[]},"integration_type":"bitbucket"},"schedulers":[],"tasks":[{"id":"${nightly}","name":"nightly","description":"","scheduled":true,"branch":"master","at":"5 4 * * *","pipeline_file":".semaphore/cron.yml","status":"ACTIVE","parameters":[]},{"id":"${canary}","name":"canary","description":"on demand","scheduled":false,"branch":"refs/tags/v1.0","at":"","pipeline_file":".semaphore/canary.yml","status":"ACTIVE","parameters":[{"name":"CANARY_VERSION","required":true,"description":"","default_value":"1.0.0","options":["1.0.0","2.0.0"],"regex_pattern":"","validate_input_format":false}]}],"custom_permissions":true,"debug_permissions":["empty","default_branch"],"attach_permissions":["default_branch"]}`;
  const whole = { name: 'goDemo', description: 'from file' };
  expect(made.text).toBe(documentText(place, id, { ...whole, spec: spec('.semaphore/semaphore.yml') }));
  const shown = await sem.send('GET', '/projects/goDemo');
  expect([shown.status, shown.text]).toEqual([200, made.text]);
  expect((await sem.send('GET', '/projects?page=1')).text).toBe(`[${made.text}]`);

  // Ids of another project's tasks are no tasks of this one.
  expect(refusalIn(await sem.send('PATCH', `/projects/${id}`, recorded(EDIT, { [RECORDED]: id })))).toEqual([
    422,
    "Periodic task with ID 'cafabbdb-9f34-4c5c-b6aa-15d586386bb9' not found in project",
  ]);
  const edit = recorded(EDIT, {
    [RECORDED]: id,
    'cafabbdb-9f34-4c5c-b6aa-15d586386bb9': nightly,
    '2adb5254-9311-49ff-a817-8b8fee6cb3e3': canary,
  });
  expect(refusalIn(await sem.send('PATCH', `/projects/${RECORDED}`, edit))).toEqual([404, 'Not found']);
  const edited = await sem.send('PATCH', `/projects/${id}`, edit);
  expect(edited.status, edited.text).toBe(200);
  expect(edited.text).toBe(documentText(place, id, { ...whole, spec: spec('.semaphore/other.yml') }));

  const smallest = await sem.send('PATCH', `/projects/${id}`, recorded(APPLY_SMALLEST, { [RECORDED]: id }));
  expect(smallest.status, smallest.text).toBe(200);
  expect(smallest.text).toBe(
    documentText(place, id, {
      name: 'goDemo',
      description: '',
      spec: `{"visibility":"private","repository":{"url":"${PILOT_SHOWN}","owner":"harbour-works","name":"pilot-api","run_on":[],"forked_pull_requests":{"allowed_secrets":[],"allowed_contributors":[]},"pipeline_file":".semaphore/other.yml","status":{"pipeline_files":[{"path":".semaphore/other.yml","level":"pipeline"}]},"whitelist":{"branches":[],"tags":[]},"integration_type":"bitbucket"},"schedulers":[],"tasks":[],"custom_permissions":false,"debug_permissions":[],"attach_permissions":[]}`,
    }),
  );
  for (const path of ['/projects/', '/projects']) {
    const sent = await sem.send('PATCH', path, recorded(APPLY_SMALLEST));
    expect([sent.status, sent.text]).toEqual([404, '{"message":"metadata.id is required"}']);
  }
  await product.deps.background.settled();
});

test('edit of schedulers, with an empty run_on', async () => {
  const { product, nora, organization, sem } = await harbour();
  const project = await createReadyProject(product, { owner: nora, organization, name: 'sch' });
  const body = recorded(EDIT_SCHEDULERS, { '564f055e-ed95-4dea-bb88-83718f64032b': project.id });
  const edited = await sem.send('PATCH', `/projects/${project.id}`, body);
  expect(edited.status, edited.text).toBe(200);
  const { spec } = JSON.parse(edited.text) as Answer;
  expect(spec).toMatchObject({ repository: { run_on: [] }, tasks: [] });
  expect(spec.schedulers).toEqual([
    {
      id: expect.stringMatching(UUID),
      name: 's1',
      branch: 'master',
      at: '5 4 * * *',
      pipeline_file: '.semaphore/cron.yml',
      status: 'ACTIVE',
    },
    {
      id: expect.stringMatching(UUID),
      name: 's2',
      branch: 'refs/tags/v2',
      at: '5 3 * * *',
      pipeline_file: '.semaphore/x.yml',
      status: 'INACTIVE',
    },
  ]);
  await product.deps.background.settled();
});

test('delete removes key and webhook, answers with an empty 200, and frees the name', async () => {
  const { product, nora, organization, sem } = await harbour();
  const { world } = product.sandbox;
  const others = standing(product);
  await createReadyProject(product, { owner: nora, organization, name: 'sch' });
  const deleted = await sem.send('DELETE', '/projects/sch');
  expect([deleted.status, deleted.text]).toEqual([200, '']);
  expect([world.data.deployKeys.length, world.data.hooks.length]).toEqual(others);
  expect(refusalIn(await sem.send('DELETE', '/projects/sch'))).toEqual([404, 'Not found']);
  expect(refusalIn(await sem.send('GET', '/projects/sch'))).toEqual([404, 'Not found']);
  expect((await sem.send('GET', '/projects?page=1')).text).toBe('[]');
  const again = await sem.send('POST', '/projects', recorded(INIT, { 'hello-world': 'sch' }));
  expect(again.status, again.text).toBe(200);
});

test('the list comes in pages, by name; past the end it is empty', async () => {
  const { product, nora, organization, sem } = await harbour();
  const project = await createReadyProject(product, { owner: nora, organization, name: 'p000', bare: true });
  const { db } = product.deps;
  const row = await db
    .selectFrom('project')
    .selectAll()
    .where('id', '=', project.id)
    .executeTakeFirstOrThrow();
  const more = Array.from({ length: 100 }, (_, index) => `P${String(index + 1).padStart(3, '0')}`);
  await db
    .insertInto('project')
    .values(
      more.map((name) => ({
        ...row,
        id: crypto.randomUUID(),
        name,
        nameKey: name.toLowerCase(),
        whitelist: JSON.stringify(row.whitelist),
        kept: JSON.stringify(row.kept),
      })),
    )
    .execute();
  const page = async (query: string) => {
    const { status, text, headers } = await sem.send('GET', `/projects${query}`);
    const names = (JSON.parse(text) as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    return { status, names, page: headers.get('x-page'), more: headers.get('x-has-more') };
  };
  const first = await page('');
  expect(first).toMatchObject({ status: 200, page: '1', more: 'true' });
  expect([first.names.length, first.names[0], first.names[1]]).toEqual([100, 'p000', 'P001']);
  expect(await page('?page=2')).toEqual({ status: 200, names: ['P100'], page: '2', more: 'false' });
  expect(await page('?page=100')).toEqual({ status: 200, names: [], page: '100', more: 'false' });
});

test.each([
  ['x', 'page must be a number'],
  ['', 'page must be a number'],
  ['1.5', 'page must be a number'],
  ['1&page=2', 'page must be a number'],
  ['0', 'page must be at least 1'],
  ['-1', 'page must be at least 1'],
  ['101', 'page must be at most 100'],
])('page=%s: %s', async (page, message) => {
  const { sem } = await harbour();
  expect(refusalIn(await sem.send('GET', `/projects?page=${page}`))).toEqual([400, message]);
});

/** The projects of an organization, as `sem` reads and writes them. Success is always 200: the client knows no other. */
import { randomUUID } from 'node:crypto';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { findNamedProject, findProjectById } from '../projects/find-project.ts';
import { startOperation } from '../repository/repair/start.ts';
import { ProjectName, refusals, SECURITY } from './answers.ts';
import { awaitOperation, whyItFailed } from './await-operation.ts';
import { createFromFile } from './create-project.ts';
import { ProjectDocument } from './document.ts';
import { PROJECT_EXAMPLE, PROJECT_FILE } from './examples.ts';
import { listPage, readPage } from './list-projects.ts';
import type { OrganizationEnv } from './organization.ts';
import { parseJson } from './parse-json.ts';
import { type ProjectDraft, readProject } from './read-document.ts';
import { changersOnly, refusalOf } from './refusals.ts';
import { refuse } from './refuse.ts';
import { replaceProject } from './replace-project.ts';
import { documentOf } from './show-document.ts';

const one = {
  description: 'The project.',
  content: { 'application/json': { schema: ProjectDocument, example: PROJECT_EXAMPLE } },
};
// Read by hand, so that what is wrong is said in one sentence; and whatever the content type, as `sem` and `curl` differ.
const body = {
  required: true,
  content: {
    'application/json': { schema: { $ref: '#/components/schemas/ProjectBody' }, example: PROJECT_FILE },
  },
} as const;

const list = createRoute({
  method: 'get',
  path: '/projects',
  operationId: 'listProjects',
  tags: ['Projects'],
  summary: 'List projects',
  description: `By name, a hundred a page. Ask for the next page as long as \`x-has-more\` is \`true\`.`,
  security: SECURITY,
  request: {
    query: z.object({
      page: z.string().optional().openapi({
        description: 'Number of the page.',
        type: 'integer',
        minimum: 1,
        maximum: 100,
        default: 1,
        example: 1,
      }),
    }),
  },
  responses: {
    200: {
      description: 'A page of projects.',
      headers: {
        'x-page': { description: 'The number of this page.', schema: { type: 'integer' } },
        'x-has-more': {
          description: 'Whether there is another page.',
          schema: { type: 'string', enum: ['true', 'false'] },
        },
      },
      content: { 'application/json': { schema: z.array(ProjectDocument), example: [PROJECT_EXAMPLE] } },
    },
    ...refusals([], { 400: 'page must be a number' }),
  },
});

const show = createRoute({
  method: 'get',
  path: '/projects/{project}',
  operationId: 'getProject',
  tags: ['Projects'],
  summary: 'Get a project',
  description: 'By its name.',
  security: SECURITY,
  request: { params: ProjectName },
  responses: { 200: one, ...refusals([], { 404: 'Not found' }) },
});

const create = createRoute({
  method: 'post',
  path: '/projects',
  operationId: 'createProject',
  tags: ['Projects'],
  summary: 'Create a project',
  description:
    'Makes a deploy key and a webhook at Bitbucket with the access of the token’s owner, proves them, and answers then, or after twenty seconds. Takes an owner or admin of the organization with admin right on the repository.',
  security: SECURITY,
  request: { body },
  responses: {
    200: { ...one, description: 'The new project.' },
    ...refusals([413, 422], {
      401: 'Unauthorized. Only owners and admins of Acme can do this.',
      422: "Project name 'web-shop' is already taken",
    }),
  },
});

const replace = createRoute({
  method: 'patch',
  path: '/projects/{project}',
  operationId: 'replaceProject',
  tags: ['Projects'],
  summary: 'Replace a project’s settings',
  description:
    'What is absent is reset, except `url` and `pipeline_file`, which stay, and `integration_type`, which never changes. Another URL of the same repository is stored at once; that of a different repository moves deploy key and webhook there, and the answer comes when that is done, or after twenty seconds. All checks run anew afterwards.',
  security: SECURITY,
  request: {
    params: z.object({
      project: z.uuid().openapi({
        description: 'Id of the project: `metadata.id`. Here, a name is not found.',
        example: PROJECT_EXAMPLE.metadata.id,
      }),
    }),
    body,
  },
  responses: {
    200: { ...one, description: 'The project as it is now.' },
    ...refusals([413, 422], {
      401: 'Unauthorized. Only owners and admins of Acme can do this.',
      404: 'Not found',
      422: "Unrecognized Git remote format 'acme'. The URL names no repository. It should end like this: workspace/repository.",
    }),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/projects/{project}',
  operationId: 'deleteProject',
  tags: ['Projects'],
  summary: 'Delete a project',
  description:
    'By its name. Removes its deploy key and its webhook at Bitbucket and answers then, or after twenty seconds. The repository stays.',
  security: SECURITY,
  request: { params: ProjectName },
  responses: {
    200: { description: 'It is deleted, or being deleted. The body is empty.' },
    ...refusals([422], {
      401: 'Unauthorized. Only owners and admins of Acme can do this.',
      404: 'Not found',
    }),
  },
});

export function projectRoutes(deps: Deps) {
  const { db, log, ssh } = deps;
  const routes = new OpenAPIHono<OrganizationEnv>();

  const documentFrom = (project: ProjectRow) => {
    const [owner = '', name = ''] = project.repositoryName.split('/');
    return documentOf(project, { url: ssh.cloneUrl(project.repositoryName), owner, name });
  };
  const find = async (c: Context<OrganizationEnv>, projectId: string) => {
    const { caller, organization } = c.var;
    const found = await findProjectById(db, { projectId, profileId: caller.profileId });
    const here = found?.organization.id === organization.id && found.project.state !== 'deleted';
    return here ? found : undefined;
  };
  /** The project as it is after what was done. */
  const answer = async (c: Context<OrganizationEnv>, projectId: string) => {
    const found = await find(c, projectId);
    return found ? c.json(documentFrom(found.project), 200) : refuse(c, 404, 'Not found');
  };

  routes.openapi(
    list,
    async (c) => {
      const wanted = readPage(c.req.valid('query').page);
      if (!wanted.ok) return refuse(c, 400, wanted.message);
      const { page } = wanted;
      const { projects, hasMore } = await listPage(db, { organizationId: c.var.organization.id, page });
      c.header('x-page', String(page));
      c.header('x-has-more', String(hasMore));
      return c.json(projects.map(documentFrom), 200);
    },
    (result, c) => (result.success ? undefined : refuse(c, 400, 'page must be a number')),
  );

  routes.openapi(show, async (c) => {
    const organizationId = c.var.organization.id;
    const project = await findNamedProject(db, { organizationId, name: c.req.param('project') });
    return project ? c.json(documentFrom(project), 200) : refuse(c, 404, 'Not found');
  });

  routes.openapi({ ...create, middleware: changersOnly }, async (c) => {
    const sent = await readSent(c);
    if (!sent.ok) return refuse(c, sent.status, sent.message);
    const made = await createFromFile(deps, sent.draft, c.var);
    return made.ok ? answer(c, made.projectId) : refuse(c, made.status, made.message);
  });

  // What `sem` sends for a file without an id.
  routes.on('PATCH', ['/projects', '/projects/'], (c) => refuse(c, 404, 'metadata.id is required'));

  routes.openapi(
    { ...replace, middleware: changersOnly },
    async (c) => {
      const found = await find(c, c.req.valid('param').project);
      if (!found) return refuse(c, 404, 'Not found');
      const sent = await readSent(c, found.project.id);
      if (!sent.ok) return refuse(c, sent.status, sent.message);
      const { profileId } = c.var.caller;
      const replaced = await replaceProject(deps, found, { draft: sent.draft, profileId });
      return replaced.ok ? answer(c, found.project.id) : refuse(c, replaced.status, replaced.message);
    },
    (result, c) => (result.success ? undefined : refuse(c, 404, 'Not found')),
  );

  routes.openapi({ ...remove, middleware: changersOnly }, async (c) => {
    const { organization, caller } = c.var;
    const name = c.req.param('project');
    const project = await findNamedProject(db, { organizationId: organization.id, name });
    if (!project) return refuse(c, 404, 'Not found');
    const started = await startOperation(deps, {
      projectId: project.id,
      kind: 'delete',
      subjects: ['deploy-key', 'webhook'],
      requestedBy: caller.profileId,
      idempotencyKey: randomUUID(),
    });
    if (!started.ok) {
      const { status, message } = refusalOf(deps, started.problem, { organization });
      return refuse(c, status, message);
    }
    log.info({ project: project.id, by: caller.profileId }, 'project is being deleted');
    const operation = await awaitOperation(deps, { projectId: project.id, ...started });
    if (operation.state === 'failed') return refuse(c, 422, whyItFailed(operation));
    return c.body(null, 200);
  });

  return routes;
}

type Sent = { ok: true; draft: ProjectDraft } | { ok: false; status: 400 | 422; message: string };

/** The project in a body. `projectId`: the one that the address names, which the body must not contradict. */
async function readSent(c: Context, projectId?: string): Promise<Sent> {
  const json = parseJson(await c.req.arrayBuffer());
  if (!json.ok) return { ok: false, status: 400, message: 'The body is not well-formed JSON.' };
  const read = readProject(json.value);
  if (!read.ok) return { ok: false, status: 422, message: read.message };
  const { id } = (json.value as { metadata: { id?: string | null } }).metadata;
  if (projectId !== undefined && id && id.toLowerCase() !== projectId) {
    const message = 'metadata.id: it names another project than the address does';
    return { ok: false, status: 422, message };
  }
  return { ok: true, draft: read.value };
}

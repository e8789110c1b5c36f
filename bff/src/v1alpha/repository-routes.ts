/** How a project's repository is, and mending it: what the Repository tab shows and does, for scripts. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ProjectRow } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { findNamedProject, findProjectById } from '../projects/find-project.ts';
import { lookAtRepository } from '../repository/look.ts';
import { readRepositoryView } from '../repository/read-view.ts';
import { ProjectName, refusals, SECURITY } from './answers.ts';
import { REPOSITORY_EXAMPLE } from './examples.ts';
import type { OrganizationEnv } from './organization.ts';
import { parseJson } from './parse-json.ts';
import { changersOnly } from './refusals.ts';
import { refuse } from './refuse.ts';
import { repairFor } from './repair.ts';
import {
  operationDocument,
  Repairable,
  RepositoryDocument,
  repositoryDocument,
} from './repository-document.ts';

const one = {
  description: 'How it is.',
  content: { 'application/json': { schema: RepositoryDocument, example: REPOSITORY_EXAMPLE } },
};

const show = createRoute({
  method: 'get',
  path: '/projects/{project}/repository',
  operationId: 'getRepository',
  tags: ['Repository'],
  summary: 'Look at a project’s repository',
  description:
    'Checks everything at Bitbucket and answers then, which can take some seconds: the token owner, the deploy key with a real login, the webhook and the pipeline file. A look that began within the last five seconds answers for everybody.',
  security: SECURITY,
  request: {
    params: ProjectName,
    query: z.object({
      fresh: z
        .enum(['true', 'false'])
        .optional()
        .openapi({ description: 'With `true` only a look that begins now answers.', default: 'false' }),
    }),
  },
  responses: { 200: one, ...refusals([], { 400: 'fresh must be true or false', 404: 'Not found' }) },
});

const RepairBody = z
  .strictObject({
    subjects: z
      .array(Repairable)
      .min(1)
      .max(2)
      .optional()
      .describe(
        'What is made anew, broken or not. Without it: what a look that begins now proves to be broken.',
      ),
  })
  .openapi('RepairBody');

const repair = createRoute({
  method: 'post',
  path: '/projects/{project}/repository/repair',
  operationId: 'repairRepository',
  tags: ['Repository'],
  summary: 'Repair a project’s repository',
  description:
    'Makes a new deploy key or webhook, proves it, and only then removes the old one; with the token owner’s access to Bitbucket, or that of the one who asks. Answers when that is done, or after twenty seconds with an operation that is still running. Where nothing is broken, nothing is done, and `operation` is null.',
  security: SECURITY,
  request: {
    params: ProjectName,
    headers: z.object({
      'idempotency-key': z
        .uuid()
        .optional()
        .openapi({ description: 'The same request, sent again with the same key, is not done again.' }),
    }),
    body: {
      required: false,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/RepairBody' },
          example: { subjects: ['deploy-key'] },
        },
      },
    },
  },
  responses: {
    200: { ...one, description: 'How it is now, with the operation.' },
    ...refusals([413, 422], {
      400: 'Idempotency-Key: a UUID is needed',
      401: 'Unauthorized. Only owners and admins of Acme can do this.',
      404: 'Not found',
      422: 'Neither the token owner nor the one who asked has admin right on the repository.',
    }),
  },
});

export function repositoryRoutes(deps: Deps) {
  const { db } = deps;
  const routes = new OpenAPIHono<OrganizationEnv>();
  routes.openAPIRegistry.register('RepairBody', RepairBody);

  const find = (c: Context<OrganizationEnv>, name: string) =>
    findNamedProject(db, { organizationId: c.var.organization.id, name });
  /** The repository as it is by now; undefined when the project is gone, or its organization closed to the caller. */
  const read = async (c: Context<OrganizationEnv>, { id }: ProjectRow) => {
    const { profileId } = c.var.caller;
    const found = await findProjectById(db, { projectId: id, profileId });
    if (!found || found.project.state === 'deleted') return undefined;
    const { organization, role, project } = found;
    return repositoryDocument(await readRepositoryView(deps, project, { profileId, role, organization }));
  };

  routes.openapi(
    show,
    async (c) => {
      const project = await find(c, c.req.valid('param').project);
      if (!project) return refuse(c, 404, 'Not found');
      await lookAtRepository(deps, project.id, { fresh: c.req.valid('query').fresh === 'true' });
      const document = await read(c, project);
      return document ? c.json(document, 200) : refuse(c, 404, 'Not found');
    },
    (result, c) => (result.success ? undefined : refuse(c, 400, 'fresh must be true or false')),
  );

  routes.openapi(
    { ...repair, middleware: changersOnly },
    async (c) => {
      const project = await find(c, c.req.valid('param').project);
      if (!project) return refuse(c, 404, 'Not found');
      const json = parseJson(await c.req.arrayBuffer(), { empty: {} });
      if (!json.ok) return refuse(c, 400, 'The body is not well-formed JSON.');
      const body = RepairBody.safeParse(json.value);
      if (!body.success) return refuse(c, 422, 'subjects: must be a list of deploy-key, webhook or both');
      const repaired = await repairFor(deps, project, {
        profileId: c.var.caller.profileId,
        organization: c.var.organization,
        subjects: body.data.subjects ?? null,
        idempotencyKey: c.req.valid('header')['idempotency-key']?.toLowerCase() ?? null,
      });
      if (!repaired.ok) return refuse(c, repaired.status, repaired.message);
      const document = await read(c, project);
      if (!document) return refuse(c, 404, 'Not found');
      return c.json(
        { ...document, operation: repaired.operation && operationDocument(repaired.operation) },
        200,
      );
    },
    (result, c) => (result.success ? undefined : refuse(c, 400, 'Idempotency-Key: a UUID is needed')),
  );

  return routes;
}

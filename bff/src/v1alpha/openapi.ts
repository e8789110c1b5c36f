/** The description of this API, made from the routes themselves, and the page that shows it. Both are for everybody. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Deps } from '../deps.ts';
import { ProjectBody } from './document.ts';
import { referencePage } from './reference-page.ts';
import { STYLES } from './reference-styles.ts';

/** The app whose routes are described, whatever its requests carry. */
type Describer = Pick<OpenAPIHono, 'openAPIRegistry' | 'getOpenAPI31Document'>;
export type Described = ReturnType<Describer['getOpenAPI31Document']>;

const INTRODUCTION = `What the \`sem\` command line speaks, for scripts as well: projects from their files, and how the repository of each is.

Every request carries an API token of yours, made on your account page: \`Authorization: Bearer TOKEN\`, or \`Token\` in place of \`Bearer\`. It may do what you may do. Below an organization’s address that organization is meant; without it, the only one that you belong to.

Success is always exactly 200. A refusal is one line of JSON, \`{"message": "…"}\`, with a sentence for a person. A token may ask 600 times a minute.`;

const document = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getDescription',
  tags: ['Description'],
  summary: 'Get this description',
  description: 'As OpenAPI 3.1. Needs no token.',
  security: [],
  responses: {
    200: {
      description: 'The description.',
      content: { 'application/json': { schema: { type: 'object', required: ['openapi'] } } },
    },
  },
});

/** `app`: with all routes, once somebody asks. */
export function descriptionRoutes({ config }: Pick<Deps, 'config'>, app: Describer) {
  const routes = new OpenAPIHono();
  let known: Described | undefined;
  const describe = () => {
    known ??= describeRoutes(config.publicUrl, app);
    return known;
  };

  routes.openAPIRegistry.registerPath(document);
  routes.get(document.path, (c) => c.json(describe(), 200));
  // With and without a slash at the end.
  routes.get('*', (c, next) =>
    /^(\/organizations\/[^/]+)?\/api\/v1alpha\/?$/.test(c.req.path)
      ? c.html(referencePage(describe()))
      : next(),
  );
  routes.get('/reference.css', (c) => {
    c.header('Content-Type', 'text/css; charset=utf-8');
    return c.body(STYLES);
  });
  return routes;
}

function describeRoutes(publicUrl: string, app: Describer): Described {
  const registry = app.openAPIRegistry;
  registry.register('ProjectBody', ProjectBody);
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token.',
  });
  registry.registerComponent('securitySchemes', 'token', {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The word `Token`, a blank, and an API token, as `sem` sends it.',
  });
  const about = {
    openapi: '3.1.0',
    info: { title: 'Semaphore API', version: 'v1alpha', description: INTRODUCTION },
    servers: [
      {
        url: `${publicUrl}/api/v1alpha`,
        description: 'The only organization that the owner of the token belongs to',
      },
      {
        url: `${publicUrl}/organizations/{organization}/api/v1alpha`,
        description: 'An organization by its URL name',
        variables: { organization: { default: 'acme', description: 'URL name of the organization.' } },
      },
    ],
    tags: [
      { name: 'Projects', description: 'Projects as their files describe them.' },
      {
        name: 'Repository',
        description:
          'Whether a project can read its repository and hears of its pushes, why not, and Repair.',
      },
      { name: 'Description', description: 'What you are reading, for tools.' },
    ],
  };
  return app.getOpenAPI31Document(about, { sortComponents: 'alphabetically' });
}

/**
 * The API of the command line and of scripts, at two addresses: with the organization in front, and without it for
 * people who have only one. Everything below is answered here, in JSON, whatever was asked.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { isDatabaseDown } from '../db/down.ts';
import type { Deps } from '../deps.ts';
import { authenticate } from './authenticate.ts';
import { createLimits, limitRate } from './limits.ts';
import { descriptionRoutes } from './openapi.ts';
import { type OrganizationEnv, requireOrganization } from './organization.ts';
import { projectRoutes } from './project-routes.ts';
import { refuse } from './refuse.ts';
import { repositoryRoutes } from './repository-routes.ts';

/** A project's file with hundreds of tasks stays far below this many bytes. */
const LARGEST_BODY = 262_144;

/** `limits` is for tests, which do not ask six hundred times. */
export function v1alphaRoutes(deps: Deps, limits = createLimits()) {
  const v1alpha = new OpenAPIHono<OrganizationEnv>();

  v1alpha.onError((error, c) => {
    if (error instanceof HTTPException && error.status < 500) {
      return refuse(c, 400, 'The body is not well-formed JSON.');
    }
    deps.log.error({ err: error, request: c.var.requestId, route: routePath(c) }, 'request failed');
    return isDatabaseDown(error)
      ? refuse(c, 503, 'The service cannot answer just now. Try again in a moment.')
      : refuse(c, 500, 'Something went wrong on our side. Nothing is lost by trying again.');
  });

  // Before anybody is asked who they are.
  v1alpha.route('/', descriptionRoutes(deps, v1alpha));
  v1alpha.use(
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: (c) => refuse(c, 413, `The body may have at most ${LARGEST_BODY} bytes.`),
    }),
    authenticate(deps, limits),
    limitRate(limits),
    requireOrganization(deps),
  );
  v1alpha.route('/', projectRoutes(deps));
  v1alpha.route('/', repositoryRoutes(deps));
  v1alpha.all('*', (c) => refuse(c, 404, 'Not found'));

  return (
    new Hono()
      .route('/api/v1alpha', v1alpha)
      .route('/organizations/:org/api/v1alpha', v1alpha)
      // What else the client asks for (secrets, say), and what it asks after `sem connect HOST/organizations/NAME/`: a page
      // would be printed in the terminal, all of it.
      .all('/organizations/:org/api/*', (c) => refuse(c, 404, 'Not found'))
      .all('/organizations/:org//api/*', (c) =>
        refuse(c, 404, 'Not found. Connect with HOST/organizations/NAME, without a slash at its end.'),
      )
  );
}

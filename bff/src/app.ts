/** The app as a function of its outside: middleware, and one `.route()` for each feature. */
import { randomUUID } from 'node:crypto';
import { httpInstrumentationMiddleware } from '@hono/otel';
import { prometheus } from '@hono/prometheus';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { accountRoutes } from './accounts/routes.ts';
import { activityRoutes } from './activity/routes.ts';
import { apiTokenRoutes } from './api-tokens/routes.ts';
import { isDatabaseDown } from './db/down.ts';
import type { Deps } from './deps.ts';
import { hookRoutes } from './hooks/routes.ts';
import { operationsRoutes } from './operations.ts';
import { peopleRoutes } from './organizations/people-routes.ts';
import { organizationRoutes } from './organizations/routes.ts';
import { problem } from './problem.ts';
import { projectRoutes } from './projects/routes.ts';
import { repositoryRoutes } from './repository/routes.ts';
import { securityHeaders } from './security-headers.ts';
import { refuseCrossSite } from './session/cross-site.ts';
import { faultPage, type Shell, shellRoutes } from './shell.ts';
import { callbackRoutes, signInRoutes } from './sign-in/routes.ts';
import { v1alphaRoutes } from './v1alpha/app.ts';
import { viewerRoutes } from './viewer.ts';

export type { AccountView, WaitingView } from './accounts/account.ts';
export type { ConnectionView } from './accounts/connection-view.ts';
export type { ActivityKind, ActivityState } from './activity/filters.ts';
export type {
  ActivityView,
  DeliveryDetail,
  DeliveryItem,
  GapView,
  TroubleView,
  WorkflowDetail,
} from './activity/view.ts';
export type { ApiTokensView, ApiTokenView } from './api-tokens/api-token.ts';
export type { Role } from './db/schema.ts';
export type { InvitationView, OpenInvitation } from './organizations/invitations.ts';
export type { PeopleView, PersonView } from './organizations/people.ts';
export type { ProblemCode } from './problem.ts';
export type { ChoiceFault, ChoiceLine, RepositoryChoice } from './projects/choices.ts';
export type { ProjectView } from './projects/general.ts';
export type { ProjectSummary } from './projects/list.ts';
export type { ProviderId } from './providers/provider.ts';
export type { UrlPreview } from './repository/change-url.ts';
export type { GoneView } from './repository/events.ts';
export type { Cause, Facts, FindingState, Repairable, Subject } from './repository/finding.ts';
export type { RepairPreview } from './repository/preview-repair.ts';
export type { OperationView, RepositoryView, RowView, StepView, SummaryView } from './repository/view.ts';
export type { SignInProblem, SignInProblemCode } from './sign-in/outcome.ts';
export type AppType = ReturnType<typeof apiRoutes>;

type Env = { Variables: { requestId: string } };

/** No request of the page comes near this many bytes. */
const LARGEST_BODY = 65_536;

/** The product. `shell` null leaves the pages out, for tests of the API alone. */
export function createApp(deps: Deps, shell: Shell | null) {
  const { config, lifecycle, log, metrics } = deps;
  const measured = prometheus({ registry: metrics });
  const traced = httpInstrumentationMiddleware();

  const app = new Hono<Env>()
    .use(async (c, next) => {
      // Ours alone: an id from outside could carry anything into the logs.
      c.set('requestId', randomUUID());
      const started = performance.now();
      await next();
      c.header('X-Request-Id', c.var.requestId);
      // So that nobody sends the next request down a connection that is about to close.
      if (!lifecycle.accepting) c.header('Connection', 'close');
      const ms = Math.round(performance.now() - started);
      const quiet =
        c.req.path.startsWith('/health/') || c.req.path === '/metrics' || c.req.path.startsWith('/assets/');
      // The route's pattern, not the address: a callback's query holds codes.
      const line = {
        request: c.var.requestId,
        method: c.req.method,
        route: routePath(c),
        status: c.res.status,
        ms,
      };
      log[quiet ? 'debug' : 'info'](line, 'request');
    })
    .use(measured.registerMetrics)
    .use((c, next) => (holdsSecret(c.req.url) ? next() : traced(c, next)))
    .use(securityHeaders(config))
    .use(compress())
    // Machines deliver here: without cookies, without our header, and with larger bodies than pages send.
    .route('/', hookRoutes(deps))
    // The command line speaks here: with a token, and with refusals in its own words.
    .route('/', v1alphaRoutes(deps))
    .use(refuseCrossSite(config.publicUrl))
    .use(bodyLimit({ maxSize: LARGEST_BODY, onError: (c) => problem(c, 'too-large') }))
    .route('/', operationsRoutes(deps))
    .route('/', callbackRoutes(deps))
    .route('/', apiRoutes(deps))
    .all('/api/*', (c) => problem(c, 'not-found'));

  if (shell) {
    const ask = (path: string, c: Context) => {
      const cookie = c.req.header('cookie');
      return app.request(path, { headers: cookie ? { cookie } : {} });
    };
    app.route('/', shellRoutes(deps, shell, ask));
  }
  app.notFound((c) => problem(c, 'not-found'));
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status < 500) {
      return problem(c, error.status === 413 ? 'too-large' : 'invalid-request');
    }
    log.error({ err: error, request: c.var.requestId, route: routePath(c) }, 'request failed');
    const code = isDatabaseDown(error) ? 'not-ready' : 'internal';
    // A person who navigates gets a page that says so, and offers another try.
    const navigates = c.req.method === 'GET' && c.req.header('accept')?.includes('text/html');
    if (shell && navigates) return c.html(faultPage(shell, code), code === 'not-ready' ? 503 : 500);
    return problem(c, code);
  });
  return app;
}

function apiRoutes(deps: Deps) {
  return new Hono()
    .basePath('/api')
    .route('/', viewerRoutes(deps))
    .route('/', signInRoutes(deps))
    .route('/', accountRoutes(deps))
    .route('/', apiTokenRoutes(deps))
    .route('/', organizationRoutes(deps))
    .route('/', peopleRoutes(deps))
    .route('/', activityRoutes(deps))
    .route('/', projectRoutes(deps))
    .route('/', repositoryRoutes(deps));
}

/** Spans carry the whole address. A callback's holds codes; an invitation's lets in whoever has it, as a way back does. */
function holdsSecret(address: string): boolean {
  const { pathname, searchParams } = new URL(address);
  return /^\/(auth|invitations|api\/invitations)\//.test(pathname) || searchParams.has('return-to');
}

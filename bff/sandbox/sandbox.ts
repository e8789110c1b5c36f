import { bitbucketApi } from './bitbucket/api.ts';
import type { Deliveries, Send } from './bitbucket/deliveries.ts';
import { createDeliveries } from './bitbucket/deliveries.ts';
import { bitbucketWeb } from './bitbucket/web.ts';
import type { Faults } from './faults.ts';
import { createFaults } from './faults.ts';
import type { Git } from './git.ts';
import { githubApi } from './github/api.ts';
import { githubWeb } from './github/web.ts';
import { gitlab } from './gitlab/web.ts';
import type { Origins, Place, SshAccess } from './place.ts';
import type { Part, RequestLog } from './requests.ts';
import { createRequestLog } from './requests.ts';
import type { Service } from './state.ts';
import type { Fetch } from './wire.ts';
import { wire } from './wire.ts';
import type { World } from './world.ts';

export interface Sandbox {
  world: World;
  faults: Faults;
  requests: RequestLog;
  origins: Origins;
  /** One way in for each host; `githubApi` answers under the path of its origin. */
  doors: Record<keyof Origins, Fetch>;
  /** What Bitbucket delivers to webhooks. */
  deliveries: Deliveries;
  /** For those who play: pushes through it are announced. */
  place: Place;
}

const tokenPaths = new Set([
  'POST /site/oauth2/access_token',
  'POST /login/oauth/access_token',
  'POST /oauth/token',
  'POST /oauth/revoke',
]);

/** All three services over one world, each behind its own door. */
export function createSandbox(options: {
  world: World;
  origins: Origins;
  git: Git;
  ssh?: () => SshAccess;
  /** How deliveries of webhooks travel; without it none are made. */
  send?: Send;
}): Sandbox {
  const { world, origins } = options;
  const faults = createFaults();
  const requests = createRequestLog();
  const place: Place = {
    world,
    origins,
    faults,
    requests,
    git: options.git,
    ssh: options.ssh ?? (() => ({ unavailable: 'This sandbox runs without SSH.' })),
  };
  const deliveries = createDeliveries({ ...place }, options.send ?? null);
  place.git = deliveries.watching(options.git);
  place.deliveries = deliveries.made;

  const webPart = (method: string, path: string): Part | null => {
    if (path === '/' || path.startsWith('/sandbox')) return null;
    if (tokenPaths.has(`${method} ${path}`)) return 'token';
    return path.startsWith('/api/') ? 'api' : 'web';
  };
  const door = (
    service: Service,
    partOf: (method: string, path: string) => Part | null,
    app: { fetch: (request: Request) => Response | Promise<Response> },
  ) =>
    wire(
      {
        service,
        partOf,
        faults,
        requests,
        now: world.now,
        elsewhere: `${service === 'bitbucket' ? origins.github : origins.bitbucket}/redirected`,
      },
      async (request) => app.fetch(request),
    );
  const githubBase = new URL(origins.githubApi).pathname.replace(/\/$/, '');
  return {
    place,
    world,
    faults,
    requests,
    origins,
    deliveries,
    doors: {
      bitbucket: door('bitbucket', webPart, bitbucketWeb(place)),
      api: door('bitbucket', () => 'api', bitbucketApi(place)),
      github: door('github', webPart, githubWeb(place)),
      githubApi: door('github', () => 'api', githubApi(place, githubBase)),
      gitlab: door('gitlab', webPart, gitlab(place)),
    },
  };
}

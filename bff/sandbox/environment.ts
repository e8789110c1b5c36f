import type { Origins, SshAccess } from './place.ts';
import type { Service } from './state.ts';
import type { World } from './world.ts';
import { clientOf } from './world.ts';

/** The product's environment variables that lead it to this sandbox. Holds the clients' secrets. */
export function environment(world: World, origins: Origins, ssh?: SshAccess): Record<string, string> {
  const credentials = (service: Service) => {
    const client = clientOf(world, service);
    const name = service.toUpperCase();
    return { [`${name}_CLIENT_ID`]: client.id, [`${name}_CLIENT_SECRET`]: client.secret };
  };
  return {
    ...credentials('bitbucket'),
    BITBUCKET_WEB_URL: origins.bitbucket,
    BITBUCKET_API_URL: `${origins.api}/2.0`,
    ...(ssh && !('unavailable' in ssh)
      ? {
          // OpenSSH logs in users of the operating system only, so here it is whoever runs the sandbox.
          BITBUCKET_SSH_HOST: ssh.user === 'git' ? ssh.host : `${ssh.user}@${ssh.host}`,
          BITBUCKET_SSH_PORT: String(ssh.port),
          BITBUCKET_SSH_KNOWN_HOSTS: ssh.knownHostsFile,
        }
      : {}),
    ...credentials('github'),
    GITHUB_WEB_URL: origins.github,
    GITHUB_API_URL: origins.githubApi,
    ...credentials('gitlab'),
    GITLAB_WEB_URL: origins.gitlab,
  };
}

import type { RequestHandler } from 'msw';
import { http } from 'msw';
import { environment } from './environment.ts';
import { createGit, type Git } from './git.ts';
import type { Origins } from './place.ts';
import type { Sandbox } from './sandbox.ts';
import { createSandbox } from './sandbox.ts';
import type { World } from './world.ts';
import { createWorld } from './world.ts';

const virtualOrigins: Origins = {
  bitbucket: 'https://bitbucket.test',
  api: 'https://api.bitbucket.test',
  github: 'https://github.test',
  githubApi: 'https://api.github.test',
  gitlab: 'https://gitlab.test',
};

export interface MountedSandbox extends Sandbox {
  /** For msw's `setupServer(...handlers)`. */
  handlers: RequestHandler[];
  /** What the product has to be configured with to meet this sandbox (names of its environment variables). */
  env: Record<string, string>;
  /** What the repositories hold. */
  git: Git;
  /** Removes the git repositories that were made. */
  close(): Promise<void>;
}

/**
 * The sandbox inside the process, under virtual origins. Git repositories are made in a temporary directory when the
 * first call needs one. There is no SSH.
 */
export function mountSandbox(
  options: { world?: World; origins?: Origins; dir?: string } = {},
): MountedSandbox {
  const world = options.world ?? createWorld();
  const origins = options.origins ?? virtualOrigins;
  const git = createGit(options.dir);
  const sandbox = createSandbox({ world, origins, git });
  return {
    ...sandbox,
    env: environment(world, origins),
    git,
    handlers: (Object.keys(sandbox.doors) as (keyof Origins)[]).map((name) =>
      http.all(`${new URL(origins[name]).origin}/*`, ({ request }) => sandbox.doors[name](request)),
    ),
    close: () => git.close(),
  };
}

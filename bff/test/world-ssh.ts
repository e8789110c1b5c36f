/** SSH for request tests: answers from a sandbox's world as its real server would, without a connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { fullName, type World } from '../sandbox/world.ts';
import type { Ssh, SshProof } from '../src/ssh/read-refs.ts';

export type WorldSsh = Ssh & {
  /** While set, every login ends with it. */
  fault: 'host-key-mismatch' | 'unreachable' | null;
  /** Milliseconds that every login takes. */
  delay: number;
  /** How many logins were tried so far. */
  logins: number;
};

/** The fingerprint that a mismatch presents. */
const FOREIGN_HOST_KEY = 'SHA256:Zm9yZWlnbiBmb3JlaWduIGZvcmVpZ24gZm9yZWlnbiA';

export function createWorldSsh(world: World): WorldSsh {
  const ssh: WorldSsh = {
    fault: null,
    delay: 0,
    logins: 0,
    async readRefs({ fullName: name, privateKey }) {
      ssh.logins += 1;
      if (ssh.delay > 0) await sleep(ssh.delay);
      if (ssh.fault === 'host-key-mismatch') return { kind: ssh.fault, presented: FOREIGN_HOST_KEY };
      if (ssh.fault === 'unreachable') return { kind: ssh.fault, words: 'Connection refused' };
      return answer(world, name, publicKeyOf(privateKey));
    },
    cloneUrl: (name) => `git@ssh.bitbucket.org:${name}.git`,
  };
  return ssh;
}

function answer(world: World, name: string, key: string): SshProof {
  const installed = world.data.deployKeys.filter((each) => each.key === key && !each.stopped);
  const repositories = installed.flatMap(
    (each) => world.data.repositories.find(({ uuid }) => uuid === each.repository) ?? [],
  );
  // As at Bitbucket, a key without a repository cannot log in at all.
  if (repositories.length === 0) {
    return { kind: 'refused', words: 'git@ssh.bitbucket.org: Permission denied (publickey).' };
  }
  const follows = world.data.quirks.gitFollowsRename;
  const served = repositories.some(
    (each) => fullName(world, each) === name || (follows && each.formerNames.includes(name)),
  );
  return served
    ? { kind: 'reads' }
    : {
        kind: 'refused',
        words: 'repository access denied. deployment key is not associated with the requested repository.',
      };
}

/** Type and base64 part, as the world keeps it. */
function publicKeyOf(privateKey: string): string {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw new Error('The private key cannot be read.');
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
}

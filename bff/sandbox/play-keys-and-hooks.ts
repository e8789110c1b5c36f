/** What an admin of a repository does to its access keys and webhooks at Bitbucket. Every function changes the world at once. */
import { generateKeyPairSync } from 'node:crypto';
import type { DeployKey, Hook } from './state.ts';
import type { World } from './world.ts';

/** What can be changed about a webhook by hand; its secret can only be taken away, nobody here needs to know a new one. */
export type HookChange = Partial<Pick<Hook, 'url' | 'active' | 'events' | 'description'>> & { secret?: null };

/** Changes a webhook as its form does. Throws when no event is left, which the form refuses too. */
export function editHook(world: World, hook: Hook, change: HookChange): void {
  if (change.events?.length === 0) throw new Error('a webhook has at least one event');
  Object.assign(hook, structuredClone(change));
  world.changed();
}

export function deleteHook(world: World, uuid: string): void {
  world.data.hooks = world.data.hooks.filter((hook) => hook.uuid !== uuid);
  world.changed();
}

export function deleteKey(world: World, id: number): void {
  world.data.deployKeys = world.data.deployKeys.filter((key) => key.id !== id);
  world.changed();
}

/** Puts another public key (type and base64) under the same id. */
export function swapKey(world: World, key: DeployKey, publicKey = newPublicKey()): void {
  key.key = publicKey;
  world.changed();
}

/** A stopped key stays in the list, but SSH refuses it. */
export function stopKey(world: World, key: DeployKey, stopped: boolean): void {
  key.stopped = stopped;
  world.changed();
}

/** An ed25519 public key as OpenSSH writes it, without a comment; nobody has its private half. */
export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(point)]).toString('base64')}`;
}

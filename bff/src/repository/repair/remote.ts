/** Keys and webhooks alike: what an operation asks of the provider about either of them. */
import type { CredentialRow } from '../../db/schema.ts';
import type {
  RepositoryAccess,
  RepositoryAddress,
  RepositoryAnswer,
} from '../../providers/repository-access.ts';
import type { Repairable } from '../finding.ts';
import type { Listed } from './plan.ts';

type Made = Pick<CredentialRow, 'match' | 'title'> & { material: string };

export type Remote = {
  list(access: RepositoryAccess, token: string, at: RepositoryAddress): Promise<RepositoryAnswer<Listed[]>>;
  /** The id that the provider gave it. */
  add(
    access: RepositoryAccess,
    token: string,
    at: RepositoryAddress,
    made: Made,
  ): Promise<RepositoryAnswer<string>>;
  remove(
    access: RepositoryAccess,
    token: string,
    at: RepositoryAddress,
    id: string,
  ): Promise<RepositoryAnswer<'removed' | 'was-gone'>>;
};

export const remotes: Record<Repairable, Remote> = {
  'deploy-key': {
    list: async (access, token, at) =>
      mapped(await access.listKeys(token, at), (keys) =>
        keys.map(({ id, publicKey }) => ({ id, identity: publicKey })),
      ),
    add: async (access, token, at, { match, title }) =>
      mapped(await access.addKey(token, at, { publicKey: match, label: title }), ({ id }) => id),
    remove: (access, token, at, id) => access.removeKey(token, at, id),
  },
  webhook: {
    list: async (access, token, at) =>
      mapped(await access.listWebhooks(token, at), (webhooks) =>
        webhooks.map(({ id, url }) => ({ id, identity: url })),
      ),
    add: async (access, token, at, made) => {
      const answer = await access.addWebhook(token, at, draftOf(access, made));
      // Whatever was made then, it is not what was asked for.
      if (answer.ok && answer.value.url !== made.match) {
        return { ok: false, refusal: { kind: 'fault', fault: { code: 'provider-unexpected' } } };
      }
      return mapped(answer, ({ id }) => id);
    },
    remove: (access, token, at, id) => access.removeWebhook(token, at, id),
  },
};

/** A webhook as it has to be at the provider. */
export function draftOf({ events }: RepositoryAccess, { match, title, material }: Made) {
  return { url: match, title, events, secret: material };
}

function mapped<A, B>(answer: RepositoryAnswer<A>, change: (value: A) => B): RepositoryAnswer<B> {
  return answer.ok ? { ok: true, value: change(answer.value) } : answer;
}

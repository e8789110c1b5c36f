/** `repo:push` payloads of our own making, in the shape of Bitbucket's. */

export const hash = (digit: string) => digit.repeat(40);

type Side = { type?: 'branch' | 'tag'; name?: string; hash: string } | null;

/** A `repo:push` of our own making. */
export function push(
  repository: { uuid: string; fullName?: string },
  ...changes: { old: Side; new: Side }[]
) {
  const ref = (side: Side) =>
    side && {
      type: side.type ?? 'branch',
      name: side.name ?? 'main',
      target: {
        type: 'commit',
        hash: side.hash,
        message: 'Mend the sail\n\nIt was torn.\n',
        author: { type: 'author', raw: 'Nora Lindqvist <nora@harbour.example>' },
      },
    };
  return {
    actor: { type: 'user', display_name: 'Nora Lindqvist', nickname: 'nora' },
    repository: {
      type: 'repository',
      uuid: repository.uuid,
      full_name: repository.fullName ?? 'harbour-works/pilot-api',
    },
    push: {
      changes: changes.map((change) => ({ old: ref(change.old), new: ref(change.new), forced: false })),
    },
  };
}

export const moved = (
  from: string | null,
  to: string | null,
  name = 'main',
  type: 'branch' | 'tag' = 'branch',
) => ({
  old: from === null ? null : { type, name, hash: hash(from) },
  new: to === null ? null : { type, name, hash: hash(to) },
});

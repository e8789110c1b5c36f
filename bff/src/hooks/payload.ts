/**
 * What a delivery says, read leniently: only what is needed, in our words, and odd parts cost nothing but themselves.
 * Pure. What it says is data and no authority: nobody's rights follow from a name in it.
 */
import { z } from 'zod';

export type RefType = 'branch' | 'tag';

/** A branch or tag that moved. */
export type RefMove = {
  refType: RefType;
  refName: string;
  /** Commit before; null: it is new. 40 hex digits. */
  oldHash: string | null;
  /** Commit now; null: it was deleted. */
  newHash: string | null;
  forced: boolean;
  /** First line of the newest commit's message, and its author's name. */
  message: string | null;
  author: string | null;
  /** Why it started nothing, by the project's settings as they were when it was worked on. */
  leftOut?: LeftOut;
};

/** How a project's settings leave out a branch or tag. */
export type LeftOut = 'branches-off' | 'tags-off' | 'not-in-whitelist';

/** What a page shows of a delivery; never the payload itself. */
export type DeliveryFacts = {
  /** Who did it, by the name that Bitbucket gives them. */
  actor: string | null;
  /** `workspace/slug`, as it was then. */
  repository: string | null;
  moves: RefMove[];
  /** Changes that were of no form we know. */
  odd: number;
  pullRequest: {
    id: number;
    title: string;
    state: string | null;
    from: string | null;
    commit: string | null;
  } | null;
  /** The repository's name before, when it was renamed. */
  renamedFrom: string | null;
};

/** Why nothing came of a delivery. */
export type IgnoredReason =
  | 'not-json'
  | 'unexpected-shape'
  | 'unknown-event'
  | 'pull-request'
  | 'nothing-moved'
  | 'only-deletions'
  | 'left-out'
  | 'repeated'
  | 'other-repository'
  | 'project-deleted';

type DeliveryKind = 'push' | 'repository' | 'pull-request' | 'unknown';

type ReadDelivery =
  | { ok: true; kind: DeliveryKind; facts: DeliveryFacts }
  | { ok: false; reason: 'not-json' | 'unexpected-shape' };

const LONGEST_TEXT = 300;
const MOST_MOVES = 1_000;

const text = z
  .string()
  .transform((value) => value.slice(0, LONGEST_TEXT))
  .nullish()
  .catch(null);
const Hash = z.string().regex(/^[0-9a-f]{40,64}$/);
const Ref = z.object({
  type: z.enum(['branch', 'tag']),
  name: z.string().min(1).max(1_000),
  target: z.object({
    hash: Hash,
    message: text,
    author: z.object({ raw: text }).nullish().catch(null),
  }),
});
const Change = z
  .object({ old: Ref.nullish(), new: Ref.nullish(), forced: z.boolean().nullish().catch(null) })
  .refine((change) => change.old || change.new);
const Body = z.object({
  actor: z.object({ display_name: text, nickname: text }).nullish().catch(null),
  repository: z.object({ full_name: text }).nullish().catch(null),
});
const Push = z.object({ push: z.object({ changes: z.array(z.unknown()).nullish() }) });
const PullRequest = z.object({
  pullrequest: z.object({
    id: z.int(),
    title: text,
    state: text,
    source: z
      .object({
        branch: z.object({ name: text }).nullish().catch(null),
        // Shortened to twelve digits.
        commit: z.object({ hash: text }).nullish().catch(null),
      })
      .nullish()
      .catch(null),
  }),
});
const Updated = z.object({ changes: z.object({ full_name: z.object({ old: text }).nullish() }).nullish() });
const Identity = z.object({ repository: z.object({ uuid: z.string().max(100) }) });

const REPOSITORY_EVENTS = ['repo:updated', 'repo:transfer', 'repo:deleted'];

/** The JSON of a body; undefined when it is none. Replaces what a database or an address cannot hold. */
export function parsePayload(bytes: Uint8Array): unknown {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(decoded, (_key, value: unknown) =>
      typeof value === 'string' ? storable(value) : value,
    );
  } catch {
    return undefined;
  }
}

function storable(value: string): string {
  return value.replaceAll('\u0000', '\ufffd').toWellFormed();
}

/** The repository that a payload is about, in lower case; null when it does not say. */
export function repositoryOf(payload: unknown): string | null {
  const parsed = Identity.safeParse(payload);
  return parsed.success ? parsed.data.repository.uuid.toLowerCase() : null;
}

function kindOf(event: string): DeliveryKind {
  if (event === 'repo:push') return 'push';
  if (REPOSITORY_EVENTS.includes(event)) return 'repository';
  return event.startsWith('pullrequest:') ? 'pull-request' : 'unknown';
}

/** Reads a stored delivery. An unknown event is read as far as it goes. */
export function readDelivery(event: string, bytes: Uint8Array): ReadDelivery {
  const payload = parsePayload(bytes);
  if (payload === undefined) return { ok: false, reason: 'not-json' };
  const body = Body.safeParse(payload);
  if (!body.success || repositoryOf(payload) === null) return { ok: false, reason: 'unexpected-shape' };
  const { actor, repository } = body.data;
  const facts: DeliveryFacts = {
    actor: actor?.display_name || actor?.nickname || null,
    repository: repository?.full_name ?? null,
    moves: [],
    odd: 0,
    pullRequest: null,
    renamedFrom: null,
  };
  const kind = kindOf(event);
  if (kind === 'push') {
    const push = Push.safeParse(payload);
    if (!push.success) return { ok: false, reason: 'unexpected-shape' };
    return { ok: true, kind, facts: { ...facts, ...readMoves(push.data.push.changes ?? []) } };
  }
  if (kind === 'pull-request')
    return { ok: true, kind, facts: { ...facts, pullRequest: readPullRequest(payload) } };
  const updated = Updated.safeParse(payload);
  const renamedFrom = (updated.success && updated.data.changes?.full_name?.old) || null;
  return { ok: true, kind, facts: { ...facts, renamedFrom } };
}

function readMoves(changes: unknown[]): Pick<DeliveryFacts, 'moves' | 'odd'> {
  const moves: RefMove[] = [];
  let odd = Math.max(0, changes.length - MOST_MOVES);
  for (const each of changes.slice(0, MOST_MOVES)) {
    const change = Change.safeParse(each);
    const ref = change.success ? (change.data.new ?? change.data.old) : undefined;
    if (!change.success || !ref) {
      odd += 1;
      continue;
    }
    moves.push({
      refType: ref.type,
      refName: ref.name,
      oldHash: change.data.old?.target.hash ?? null,
      newHash: change.data.new?.target.hash ?? null,
      forced: change.data.forced === true,
      message: change.data.new?.target.message?.split('\n')[0] ?? null,
      // The address in angle brackets is nobody's business here.
      author: change.data.new?.target.author?.raw?.replace(/\s*<.*$/s, '') || null,
    });
  }
  return { moves, odd };
}

function readPullRequest(payload: unknown): DeliveryFacts['pullRequest'] {
  const parsed = PullRequest.safeParse(payload);
  if (!parsed.success) return null;
  const { id, title, state, source } = parsed.data.pullrequest;
  return {
    id,
    title: title ?? '',
    state: state ?? null,
    from: source?.branch?.name ?? null,
    commit: source?.commit?.hash ?? null,
  };
}

/** What follows from the rows of a project and from what the provider lists. Pure; nothing is ever known by its label. */
import type { CredentialRow } from '../../db/schema.ts';

/** A deploy key or webhook as listed: `identity` is the key's "type base64", or the webhook's URL. */
export type Listed = { id: string; identity: string };
type Row = Pick<CredentialRow, 'id' | 'kind' | 'state' | 'match' | 'remoteId'>;

/** The listed object that is this generation: the one we knew, else the oldest. Null: there is none. */
export function findOwn(row: Pick<Row, 'match' | 'remoteId'>, listed: Listed[]): string | null {
  const own = listed.filter(({ identity }) => identity === row.match).map(({ id }) => id);
  if (row.remoteId !== null && own.includes(row.remoteId)) return row.remoteId;
  return own.sort(byId)[0] ?? null;
}

/** Numbers by value, UUIDs by their letters: every replica chooses the same one. */
function byId(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

export type Removal = { remoteId: string; credentialId: string };
export type RemovalPlan = {
  /** To be deleted at the provider: what belongs to retiring generations and tombstones, and second copies of live ones. */
  remove: Removal[];
  /** Live generations whose object has another id than was stored. */
  adopt: Removal[];
};

/** `rows`: all of the project for one kind and one repository. */
export function planRemoval(rows: Row[], listed: Listed[]): RemovalPlan {
  const plan: RemovalPlan = { remove: [], adopt: [] };
  for (const row of rows) {
    const own = listed.filter(({ identity }) => identity === row.match);
    if (row.state === 'retiring' || row.state === 'gone') {
      const all = listed.filter((each) => own.includes(each) || isChangedByHand(row, each));
      plan.remove.push(...all.map(({ id }) => ({ remoteId: id, credentialId: row.id })));
      continue;
    }
    const kept = findOwn(row, listed);
    // Of one that is still being made nobody knows yet which copy is kept.
    if (kept === null || row.state === 'intended') continue;
    if (kept !== row.remoteId) plan.adopt.push({ remoteId: kept, credentialId: row.id });
    const copies = own.filter(({ id }) => id !== kept);
    plan.remove.push(...copies.map(({ id }) => ({ remoteId: id, credentialId: row.id })));
  }
  return plan;
}

/**
 * A webhook that we made and that somebody led to another address: its UUID is given once, so it is still ours. A key's
 * number is no such proof: another key under it is another's.
 */
function isChangedByHand({ kind, remoteId }: Row, { id }: Listed): boolean {
  return kind === 'webhook' && id === remoteId;
}

/** Addresses below our own that no row knows: left by a time that the database has forgotten. */
export function findUnknown(known: ReadonlySet<string>, base: string, listed: Listed[]): Listed[] {
  return listed.filter(({ identity }) => identity.startsWith(base) && !known.has(identity));
}

import type { OperationView } from 'bff';
import { leftoverWords } from './operation-words.ts';

/** What stayed behind at the provider. */
export function Leftovers({ operation: { leftovers } }: { operation: OperationView }) {
  return leftovers.map((leftover) => (
    <p key={`${leftover.subject} ${leftover.title}`}>{leftoverWords(leftover)}</p>
  ));
}

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router-dom';
import { attemptQuery } from './queries.ts';

/** The walk that the address names, if any. */
export function useAttempt() {
  const id = useSearchParams()[0].get('attempt');
  const { data, isError } = useQuery({ ...attemptQuery(id ?? ''), enabled: id !== null && id !== 'unknown' });
  return { attempt: id ? (data ?? null) : null, unknown: id === 'unknown' || (id !== null && isError) };
}

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Problem } from '../api.ts';
import { attemptQuery } from './queries.ts';

/** The walk that the address names, if any. `failure`: what it came to could not be asked just now. */
export function useAttempt() {
  const id = useSearchParams()[0].get('attempt');
  const { data, error } = useQuery({ ...attemptQuery(id ?? ''), enabled: id !== null && id !== 'unknown' });
  const unknown = id === 'unknown' || (error instanceof Problem && error.code === 'not-found');
  return { attempt: id ? (data ?? null) : null, unknown, failure: unknown ? null : error };
}

/** Every way in which a provider can go wrong without proving anything, and the fault that the product makes of it. */
import type { FaultMode } from '../sandbox/faults.ts';

export const MODES = {
  '429': 'provider-rate-limited',
  '429-retry-after': 'provider-rate-limited',
  '429-text': 'provider-rate-limited',
  '500': 'provider-error',
  '502': 'provider-error',
  '503': 'provider-error',
  '504': 'provider-error',
  hang: 'provider-timeout',
  drip: 'provider-timeout',
  reset: 'provider-unreachable',
  cut: 'provider-unreachable',
  malformed: 'provider-unexpected',
  empty: 'provider-unexpected',
  'wrong-type': 'provider-unexpected',
  huge: 'provider-unexpected',
  'gzip-bomb': 'provider-unexpected',
  'redirect-301': 'provider-unexpected',
  'redirect-302': 'provider-unexpected',
  'redirect-307': 'provider-unexpected',
  'redirect-308': 'provider-unexpected',
} as const satisfies Partial<Record<FaultMode, string>>;

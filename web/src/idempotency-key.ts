import { useRef } from 'react';

/** A key for each click: what is sent again because its answer got lost carries the same one, anything else another. */
export function useIdempotencyKey(): (of: unknown) => { headers: { 'Idempotency-Key': string } } {
  const last = useRef<{ of: string; key: string } | null>(null);
  return (of) => {
    const what = JSON.stringify(of) ?? '';
    if (last.current?.of !== what) last.current = { of: what, key: newKey() };
    return { headers: { 'Idempotency-Key': last.current.key } };
  };
}

/** A random UUID; `crypto.randomUUID` is missing on pages that were not loaded over https. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

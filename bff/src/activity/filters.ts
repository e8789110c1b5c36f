/** What the Activity page's list can be narrowed to; the page's address and the API name it alike. */

export const ACTIVITY_KINDS = ['delivery', 'workflow'] as const;
export const ACTIVITY_STATES = [
  'received',
  'done',
  'ignored',
  'created',
  'reading',
  'waiting',
  'handing-over',
  'handed-over',
  'failed',
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];
export type ActivityState = (typeof ACTIVITY_STATES)[number];

/** The filters in a page's address as the API's address has them; what is no filter of the API's is left out. */
export function filtersOf(query: URLSearchParams): string {
  const kind = ACTIVITY_KINDS.find((each) => each === query.get('kind'));
  const state = ACTIVITY_STATES.find((each) => each === query.get('state'));
  const asked = new URLSearchParams({ ...(kind && { kind }), ...(state && { state }) });
  return asked.size > 0 ? `?${asked}` : '';
}

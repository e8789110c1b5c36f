/** Time as Bitbucket writes it: microseconds and an offset. */
export function bitbucketTime(ms: number): string {
  return new Date(ms).toISOString().replace(/Z$/, '000+00:00');
}

import { useEffect, useState } from 'react';

const STEPS: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [3_600, 'minute', 60],
  [86_400, 'hour', 3_600],
  [7 * 86_400, 'day', 86_400],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const dayOnly = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });

/** How long ago, in words; a date when it is more than a week. Clocks that disagree by a little read as the shortest time. */
export function ago(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000;
  if (seconds < 60) return 'less than a minute ago';
  for (const [limit, unit, size] of STEPS) {
    if (seconds < limit) return relative.format(-Math.floor(seconds / size), unit);
  }
  return `on ${dayOnly.format(at)}`;
}

/** A moment: relative words that stay true while the page is open, with the exact time in UTC at hand. */
export function Moment({ at, form = 'ago' }: { at: string; form?: 'ago' | 'day' | 'exact' }) {
  const now = useNow();
  const date = new Date(at);
  const words = {
    ago: () => ago(date, now),
    day: () => dayOnly.format(date),
    exact: () => `${exact.format(date)} UTC`,
  };
  return (
    <time dateTime={at} title={`${exact.format(date)} UTC`}>
      {words[form]()}
    </time>
  );
}

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

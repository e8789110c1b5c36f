import { act, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ago, Moment } from './moment.tsx';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('how long ago', () => {
  test.each([
    ['this very moment', 0, 'less than a minute ago'],
    ['a second short of a minute', 59 * SECOND, 'less than a minute ago'],
    ['a minute', MINUTE, '1 minute ago'],
    ['a second short of two minutes', 2 * MINUTE - SECOND, '1 minute ago'],
    ['a second short of an hour', HOUR - SECOND, '59 minutes ago'],
    ['an hour', HOUR, '1 hour ago'],
    ['a second short of a day', DAY - SECOND, '23 hours ago'],
    ['a day', DAY, '1 day ago'],
    ['a second short of a week', 7 * DAY - SECOND, '6 days ago'],
    ['a week', 7 * DAY, 'on 13 November 2026'],
    ['a year and more', 400 * DAY, 'on 16 October 2025'],
    // The clock of the server and the clock of the browser are two.
    ['a clock that is ahead', -90 * SECOND, 'less than a minute ago'],
  ])('%s', (_, passed, words) => {
    expect(ago(new Date(NOW.getTime() - passed), NOW)).toBe(words);
  });

  test('a date is told in UTC, wherever the browser is', () => {
    expect(ago(new Date('2026-11-01T23:59:59.000Z'), NOW)).toBe('on 1 November 2026');
  });
});

describe('a moment on the page', () => {
  afterEach(() => vi.useRealTimers());

  test('carries the exact time in UTC, for people and for machines', () => {
    render(<Moment at="2026-05-03T08:15:07.000Z" form="day" />);
    const time = screen.getByText('3 May 2026');
    expect(time.tagName).toBe('TIME');
    expect(time.getAttribute('datetime')).toBe('2026-05-03T08:15:07.000Z');
    expect(time.getAttribute('title')).toBe('3 May 2026 at 08:15:07 UTC');
  });

  test('stays true while the page is open', () => {
    vi.useFakeTimers({ now: NOW });
    render(<Moment at="2026-11-20T09:59:30.000Z" />);
    expect(screen.getByText('less than a minute ago')).toBeDefined();
    act(() => vi.advanceTimersByTime(MINUTE));
    expect(screen.getByText('1 minute ago')).toBeDefined();
    act(() => vi.advanceTimersByTime(4 * MINUTE));
    expect(screen.getByText('5 minutes ago')).toBeDefined();
  });

  test('asks for no more ticks once it is gone', () => {
    vi.useFakeTimers({ now: NOW });
    const { unmount } = render(<Moment at="2026-11-20T09:59:30.000Z" />);
    expect(vi.getTimerCount()).toBe(1);
    unmount();
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** Before and after every test of the page: nothing it did may go by unnoticed, and nothing of it may stay. */
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { forgetAnswers, openTheNet } from './bff.ts';
import { standInForDialogs } from './dialog.ts';

const unexpected: string[] = [];
const said = vi.spyOn(console, 'error').mockImplementation((...words) => {
  unexpected.push(words.map(String).join(' '));
});
const { server } = openTheNet((request) => unexpected.push(`asked for ${request}`));

// How long something may take says nothing here: what never comes is ended by the test's own limit.
configure({ asyncUtilTimeout: 60_000 });
standInForDialogs();

beforeAll(() => {
  // A page that updates outside of the testing library's calls is what a browser sees as well.
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
});

afterEach(async () => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  window.history.replaceState(null, '', '/');
  document.title = '';
  document.getElementById('first-data')?.remove();
  await forgetAnswers();
  const found = unexpected.splice(0);
  expect(found, 'requests that nobody answers, or words on the console').toEqual([]);
});

afterAll(() => {
  server.close();
  said.mockRestore();
});

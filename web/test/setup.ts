/** Before and after every test of the page: nothing it did may go by unnoticed, and nothing of it may stay. */
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { forgetAnswers, openTheNet } from './bff.ts';
import { hear, takeSurprises } from './console.ts';
import { standInForDialogs } from './dialog.ts';

const strays: string[] = [];
const said = vi.spyOn(console, 'error').mockImplementation((...words) => hear(words));
const { server } = openTheNet((request) => strays.push(request));

// How long something may take says nothing here: what never comes is ended by the test's own limit.
configure({ asyncUtilTimeout: 20_000 });
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
  const surprises = { strays: strays.splice(0), console: takeSurprises() };
  expect(surprises, 'requests that nobody answers, and words on the console').toEqual({
    strays: [],
    console: [],
  });
});

afterAll(() => {
  server.close();
  said.mockRestore();
});

/** Before and after every test of the page: nothing it did may go by unnoticed, and nothing of it may stay. */
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { loadEveryPage } from '../src/routes.tsx';
import { forgetAnswers, openTheNet } from './bff.ts';
import { hear, takeSurprises } from './console.ts';
import { standInForDialogs } from './dialog.ts';
import { FakeEventSource, sources } from './events.ts';

const strays: string[] = [];
const said = vi.spyOn(console, 'error').mockImplementation((...words) => hear(words));
const { server } = openTheNet((request) => strays.push(request));

// How long something may take says nothing here: what never comes is ended by the test's own limit.
configure({ asyncUtilTimeout: 20_000 });
standInForDialogs();

beforeAll(async () => {
  // As after the first visit: what a test opens is drawn at once.
  await loadEveryPage();
  Object.assign(globalThis, { EventSource: FakeEventSource });
  // A page that updates outside of the testing library's calls is what a browser sees as well.
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
});

afterEach(async () => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  window.history.replaceState(null, '', '/');
  document.title = '';
  sources.length = 0;
  Reflect.deleteProperty(document, 'hidden');
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

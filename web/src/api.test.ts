import { HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { answer, asked, networkLoss, problem } from '../test/bff.ts';
import { account, stranger } from '../test/data.ts';
import { watchLeaving } from '../test/page.tsx';
import { api, data, Problem, readFirstData } from './api.ts';

const ACCOUNT = 'GET /api/account';
const askForAccount = () => data(api.account.$get());
/** What a request came to when it came to no data. */
const failed = (request: Promise<unknown>) =>
  request.then(
    () => expect.fail('There was an answer.'),
    (error: unknown) => error,
  );

describe('an answer', () => {
  test('is its data when all is well', async () => {
    answer(ACCOUNT, account());
    expect(await askForAccount()).toEqual(account());
  });

  test('of every kind was asked for with the header that no foreign page can send', async () => {
    answer(ACCOUNT, account());
    answer('PATCH /api/account', account());
    await askForAccount();
    await data(api.account.$patch({ json: { screenName: 'Noor' } }));
    expect(asked.map(({ headers }) => headers.get('x-requested-with'))).toEqual(['semaphore', 'semaphore']);
    expect(asked[1]).toMatchObject({ address: 'PATCH /api/account', body: { screenName: 'Noor' } });
  });

  test('with a problem is that problem, with the sentence of the service', async () => {
    answer('PATCH /api/account', () => problem('invalid-screen-name', 422, 'Enter a name.'));
    const error = await failed(data(api.account.$patch({ json: { screenName: '' } })));
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ code: 'invalid-screen-name', detail: 'Enter a name.' });
  });

  test('that never comes is "offline"', async () => {
    answer(ACCOUNT, networkLoss);
    expect(await failed(askForAccount())).toMatchObject({ code: 'offline', detail: null });
  });

  // A proxy in front of the service has pages of its own.
  test.each([
    ['503 with a page', 503, '<h1>Service Unavailable</h1>', 'text/html', 'not-ready'],
    ['502 with a page', 502, '<h1>Bad Gateway</h1>', 'text/html', 'internal'],
    ['500 with nothing', 500, '', 'text/plain', 'internal'],
    ['500 with JSON of another shape', 500, '[]', 'application/json', 'internal'],
    ['500 with JSON null', 500, 'null', 'application/json', 'internal'],
  ])('%s is a problem that has words', async (_, status, body, type, code) => {
    answer(ACCOUNT, () => new HttpResponse(body, { status, headers: { 'Content-Type': type } }));
    expect(await failed(askForAccount())).toMatchObject({ code });
  });

  test.each([
    ['a page instead of data', '<h1>Log in to the Wi-Fi</h1>', 'text/html'],
    ['half of the data', '{"screenName": "No', 'application/json'],
  ])('of 200 with %s is an answer of something else', async (_, body, type) => {
    answer(ACCOUNT, () => new HttpResponse(body, { headers: { 'Content-Type': type } }));
    expect(await failed(askForAccount())).toMatchObject({ code: 'offline' });
  });
});

describe('without a session', () => {
  beforeEach(() => answer(ACCOUNT, () => problem('not-logged-in', 401)));

  test.each([
    ['/account', '/login?return-to=%2Faccount'],
    ['/organizations/acme?tab=a&b=c', '/login?return-to=%2Forganizations%2Facme%3Ftab%3Da%26b%3Dc'],
  ])('%s leads to the log-in page, and back afterwards', async (here, there) => {
    window.history.replaceState(null, '', here);
    const { assign } = watchLeaving();
    expect(await failed(askForAccount())).toMatchObject({ code: 'not-logged-in' });
    expect(assign.mock.calls).toEqual([[there]]);
  });

  test.each(['/login', '/signup'])('%s leads nowhere: one is there already', async (here) => {
    window.history.replaceState(null, '', here);
    const { assign } = watchLeaving();
    expect(await failed(askForAccount())).toMatchObject({ code: 'not-logged-in' });
    expect(assign).not.toHaveBeenCalled();
  });
});

describe('the first data', () => {
  test('is none when the HTML came without', () => {
    expect(readFirstData()).toEqual({ answers: {}, fault: null });
  });

  test('is read with everything that a person may be called', () => {
    const block = document.createElement('script');
    block.type = 'application/json';
    block.id = 'first-data';
    const named = stranger({ supportUrl: '</script><script>alert(1)</script>' });
    // As the service writes it: no text can end the block.
    block.textContent = JSON.stringify({ '/api/session': named }).replaceAll('<', '\\u003c');
    document.head.append(block);
    expect(readFirstData()).toEqual({ answers: { '/api/session': named }, fault: null });
  });

  test('holds instead what kept the service from making the page', () => {
    const block = document.createElement('script');
    block.type = 'application/json';
    block.id = 'first-data';
    block.textContent = JSON.stringify({ fault: 'not-ready' });
    document.head.append(block);
    expect(readFirstData()).toEqual({ answers: {}, fault: 'not-ready' });
  });
});

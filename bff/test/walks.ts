/** What tests ask after a walk to a provider. */
import type { AccountView, ConnectionView, SignInProblem } from '../src/app.ts';
import type { Browser, Landing, Provider } from './browser.ts';

export type AttemptView = { id: string; provider: Provider; page: string; problem: SignInProblem | null };

/** What the page that the walk ended on can say of it; throws when the walk left nothing to say. */
export async function attemptOf(browser: Browser, landing: Landing): Promise<AttemptView> {
  const id = new URL(landing.path, 'http://here.invalid').searchParams.get('attempt');
  const response = await browser.api('GET', `/api/sign-in-attempts/${id}`);
  if (response.status !== 200) throw new Error(`${landing.path} tells of no walk (${response.status}).`);
  return (await response.json()) as AttemptView;
}

export async function problemOf(browser: Browser, landing: Landing): Promise<SignInProblem | null> {
  return (await attemptOf(browser, landing)).problem;
}

export function accountOf(browser: Browser): Promise<AccountView> {
  return browser.json<AccountView>('/api/account');
}

export async function connectionOf(browser: Browser, provider: Provider): Promise<ConnectionView> {
  const { connections } = await accountOf(browser);
  const connection = connections.find((each) => each.provider === provider);
  if (!connection) throw new Error(`The account page has no row for ${provider}.`);
  return connection;
}

/** Whether this browser is logged in. */
export async function isLoggedIn(browser: Browser): Promise<boolean> {
  return (await browser.api('GET', '/api/account')).status === 200;
}

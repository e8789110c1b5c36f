/** The way back from a provider: from the callback's query to a profile that is logged in, or a sentence that says why not. */
import { randomUUID } from 'node:crypto';
import { connectAccount } from '../accounts/connect.ts';
import { emailKey } from '../accounts/email.ts';
import { firstScreenName } from '../accounts/screen-name.ts';
import { keepWaiting } from '../accounts/waiting.ts';
import type { Tx } from '../db/connect.ts';
import type { StartPage } from '../db/schema.ts';
import { isConflict } from '../db/violation.ts';
import type { Deps } from '../deps.ts';
import { exchangeCode, type Tokens } from '../providers/oauth.ts';
import type { Account, Answer, PrimaryEmail, Provider, Refusal } from '../providers/provider.ts';
import { type Attempt, consumeAttempt, findOpenAttempt, recordProblem, recordReplay } from './attempt.ts';
import { callbackUrl } from './callback-url.ts';
import { decideSignIn, type SignInFacts, type SignInProblem } from './outcome.ts';

export type FinishInput = {
  provider: Provider;
  /** The callback's query as it arrived; nothing of it is trusted or shown. */
  callback: URLSearchParams;
  browser: string | undefined;
  /** Who is logged in as the callback arrives. */
  sessionProfileId: string | null;
};

/**
 * `attemptId` null: a walk that this browser did not make, so nothing is known of it. `returnTo`: where the next try
 * should lead.
 */
export type Finished =
  | { ok: true; profileId: string; created: boolean; attempt: Attempt }
  | { ok: false; page: StartPage; attemptId: string | null; returnTo: string | null };

/** Two walks that create the same profile or connection at once: the loser looks again and finds the winner's. */
const DECISIONS = 3;

/** What a provider says of a code that it did not issue, or not to us; GitHub has a word of its own. */
const CODE_ERRORS = ['invalid_grant', 'bad_verification_code'];

/** Ends the walk. Everything expected is a value; the database is changed in one transaction or not at all. */
export async function finishSignIn(deps: Deps, input: FinishInput): Promise<Finished> {
  const { provider, callback, browser, sessionProfileId } = input;
  const state = callback.getAll('state');
  if (!browser) return endUnknown(deps, input);
  const consumed = await consumeAttempt(deps, { state, browser, provider: provider.facts.id });
  if (consumed.kind === 'unknown') return endUnknown(deps, input);
  const { attempt } = consumed;
  if (consumed.kind === 'replayed') {
    const attemptId = await recordReplay(deps, attempt, browser);
    return { ok: false, page: attempt.page, attemptId, returnTo: null };
  }

  const problem =
    consumed.kind === 'expired'
      ? ({ code: 'attempt-expired' } as const)
      : await walkBack(deps, { provider, callback, state: consumed.state, sessionProfileId, attempt }).catch(
          (error: unknown) => {
            // The walk is spent and the person is on their way back: they get a sentence on the page they started from.
            deps.log.error({ err: error, attempt: attempt.id }, 'sign-in failed');
            return { code: 'service-fault' } as const;
          },
        );
  if ('profileId' in problem) return { ok: true, ...problem, attempt };
  await recordProblem(deps.db, attempt.id, problem);
  deps.log.info(
    { provider: provider.facts.id, attempt: attempt.id, problem: problem.code },
    'sign-in ended early',
  );
  return { ok: false, page: attempt.page, attemptId: attempt.id, returnTo: attempt.returnTo };
}

/**
 * A callback whose state is missing or not this browser's. Nothing is spent and nothing is believed of it, not even that
 * it is a denial: anybody can write such an address. The person goes back to the page they started from, if any.
 */
async function endUnknown(deps: Deps, input: FinishInput): Promise<Finished> {
  const { provider, browser, sessionProfileId } = input;
  const open = browser && (await findOpenAttempt(deps, { browser, provider: provider.facts.id }));
  const page = open ? open.page : sessionProfileId ? 'account' : 'log-in';
  return { ok: false, page, attemptId: null, returnTo: null };
}

type Welcome = { profileId: string; created: boolean };

async function walkBack(
  deps: Deps,
  input: {
    provider: Provider;
    callback: URLSearchParams;
    state: string;
    sessionProfileId: string | null;
    attempt: Attempt;
  },
): Promise<Welcome | SignInProblem> {
  const { provider, callback, state, sessionProfileId, attempt } = input;
  if (attempt.page === 'account' && attempt.profileId !== sessionProfileId)
    return { code: 'session-changed' };
  if (callback.has('error')) {
    return { code: callback.get('error') === 'access_denied' ? 'consent-denied' : 'provider-refused' };
  }
  if (callback.getAll('code').length !== 1) return { code: 'attempt-broken' };

  const { verifier } = attempt;
  const redirectUri = callbackUrl(deps.config, provider);
  // Before the exchange, so that what the tokens live is never taken for longer than it is.
  const at = deps.now();
  const exchanged = await exchangeCode(provider, deps.outbound, { callback, state, redirectUri, verifier });
  if (!exchanged.ok && exchanged.kind === 'fault') return faultProblem(exchanged.fault);
  if (!exchanged.ok)
    return { code: CODE_ERRORS.includes(exchanged.error) ? 'attempt-broken' : 'provider-refused' };

  const { tokens } = exchanged;
  const [account, email] = await Promise.all([
    provider.readAccount(tokens.accessToken),
    // Connecting needs no address: the person is known by their session.
    attempt.profileId
      ? ({ ok: true, value: { state: 'missing' } } as const)
      : provider.readPrimaryEmail(tokens.accessToken),
  ]);
  if (!account.ok) return refusalProblem(account.refusal);
  return settle(deps, { provider, attempt, account: account.value, email, tokens, at });
}

type Vouched = {
  provider: Provider;
  attempt: Attempt;
  account: Account;
  email: Answer<PrimaryEmail>;
  tokens: Tokens;
  /** When the tokens were asked for. */
  at: Date;
};

async function settle(deps: Deps, vouched: Vouched): Promise<Welcome | SignInProblem> {
  for (let decision = 1; ; decision += 1) {
    try {
      return await deps.db.transaction().execute((tx) => settleOnce(deps, tx, vouched));
    } catch (error) {
      if (!isConflict(error) || decision === DECISIONS) throw error;
    }
  }
}

async function settleOnce(deps: Deps, tx: Tx, vouched: Vouched): Promise<Welcome | SignInProblem> {
  const { provider, attempt, account, email, tokens, at } = vouched;
  const outcome = decideSignIn(await readFacts(tx, vouched));

  switch (outcome.kind) {
    case 'create-profile': {
      const profileId = randomUUID();
      await tx
        .insertInto('profile')
        .values({
          id: profileId,
          screenName: firstScreenName(account.displayName, account.nickname),
          email: outcome.email,
          emailKey: emailKey(outcome.email),
          avatarUrl: account.avatarUrl,
          createdAt: at,
        })
        .execute();
      await connectAccount(tx, deps, { profileId, provider, account, tokens, at });
      return { profileId, created: true };
    }
    case 'log-in':
    case 'connect':
    case 'reconnect': {
      const { profileId } = outcome;
      await connectAccount(tx, deps, { profileId, provider, account, tokens, at });
      return { profileId, created: false };
    }
    case 'refuse': {
      const { nickname } = account;
      if (outcome.because === 'email-unread')
        return email.ok ? { code: 'no-email', nickname } : refusalProblem(email.refusal);
      if (outcome.because === 'email-unconfirmed')
        return { code: outcome.because, nickname, email: addressOf(email) ?? '' };
      return { code: outcome.because, nickname };
    }
    case 'wait': {
      const identity = { kind: outcome.because, account, email: addressOf(email) };
      await keepWaiting(tx, deps.sealer, {
        attemptId: attempt.id,
        profileId: outcome.profileId,
        identity,
        tokens,
      });
      return describeWaiting(deps, tx, vouched, outcome);
    }
  }
}

async function readFacts(tx: Tx, { provider, attempt, account, email }: Vouched): Promise<SignInFacts> {
  // An unconfirmed address finds nobody, so it is not even looked up. Before the connection: the same identity that comes in
  // elsewhere at this moment makes both in one transaction, and who sees its profile must see that it is their own.
  const emailProfile =
    email.ok && email.value.state === 'confirmed'
      ? await tx
          .selectFrom('profile')
          .select('id')
          .where('emailKey', '=', emailKey(email.value.address))
          .executeTakeFirst()
      : undefined;
  const ofProvider = tx.selectFrom('connection').where('provider', '=', provider.facts.id);
  const owner = await ofProvider
    .select(['id as connectionId', 'profileId'])
    .where('accountId', '=', account.accountId)
    // Held until the end: a disconnect at the same moment comes before all of this, or after.
    .forUpdate()
    .executeTakeFirst();
  const current = attempt.profileId
    ? await ofProvider
        .select(['id as connectionId', 'nickname'])
        .where('profileId', '=', attempt.profileId)
        .executeTakeFirst()
    : undefined;
  return {
    connectingProfileId: attempt.profileId,
    email: email.ok ? email.value : { state: 'unread' },
    owner: owner ?? null,
    current: current ?? null,
    emailProfileId: emailProfile?.id ?? null,
  };
}

async function describeWaiting(
  deps: Deps,
  tx: Tx,
  { provider, attempt, account, email }: Vouched,
  outcome: { because: 'email-taken' | 'different-account'; profileId: string },
): Promise<SignInProblem> {
  const { nickname } = account;
  const connections = await tx
    .selectFrom('connection')
    .select(['provider', 'nickname'])
    .where('profileId', '=', outcome.profileId)
    .execute();
  if (outcome.because === 'different-account') {
    const previous = connections.find((connection) => connection.provider === provider.facts.id);
    return {
      code: 'different-account',
      nickname,
      previousNickname: previous?.nickname ?? '',
      waitingId: attempt.id,
    };
  }
  return {
    code: 'email-taken',
    nickname,
    email: addressOf(email) ?? '',
    existingProviders: connections.flatMap(({ provider: id }) => {
      const name = deps.providers.get(id)?.facts.name;
      return name ? [{ id, name }] : [];
    }),
    waitingId: attempt.id,
  };
}

function addressOf(email: Answer<PrimaryEmail>): string | null {
  return email.ok && email.value.state !== 'missing' ? email.value.address : null;
}

function refusalProblem(refusal: Refusal): SignInProblem {
  if (refusal.kind === 'scope-missing') return { code: 'scope-missing', missing: refusal.missing };
  if (refusal.kind === 'fault') return faultProblem(refusal.fault);
  // A token that was issued a moment ago and is refused: the provider contradicts itself.
  return { code: 'provider-unexpected', retryAt: null };
}

function faultProblem({
  code,
  retryAt,
}: {
  code: Extract<SignInProblem, { retryAt: unknown }>['code'];
  retryAt?: Date;
}) {
  return { code, retryAt: retryAt?.toISOString() ?? null };
}

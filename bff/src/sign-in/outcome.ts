/** What a walk to a provider can come to, decided without IO: the rules of product.md, sections 1 and 2. */
import type { PrimaryEmail, ProviderId } from '../providers/provider.ts';

/** Why a walk ended without what the person wanted; the page has a sentence and a next step for each. */
export type SignInProblem =
  | { code: 'consent-denied' }
  | { code: 'attempt-expired' }
  | { code: 'attempt-replayed' }
  | { code: 'attempt-broken' }
  | { code: 'session-changed' }
  | { code: 'provider-refused' }
  | { code: 'service-fault' }
  | {
      code:
        | 'provider-timeout'
        | 'provider-unreachable'
        | 'provider-rate-limited'
        | 'provider-error'
        | 'provider-unexpected';
      retryAt: string | null;
    }
  | { code: 'scope-missing'; missing: string[] }
  | { code: 'no-email'; nickname: string }
  | { code: 'email-unconfirmed'; nickname: string; email: string }
  | {
      code: 'email-taken';
      nickname: string;
      email: string;
      existingProviders: { id: ProviderId; name: string }[];
      /** The connection waits under this id for the profile's owner to log in. */
      waitingId: string;
    }
  | { code: 'different-account'; nickname: string; previousNickname: string; waitingId: string }
  | { code: 'account-owned-by-another'; nickname: string };

export type SignInProblemCode = SignInProblem['code'];

/** Everything the decision depends on. */
export type SignInFacts = {
  /** The person who pressed "Grant access"; null on the sign-up and log-in pages. */
  connectingProfileId: string | null;
  /** `unread`: the provider could not be asked; enough for an account that we know. */
  email: PrimaryEmail | { state: 'unread' };
  /** The connection that this account at the provider has with us already. */
  owner: { connectionId: string; profileId: string } | null;
  /** The profile that has the account's confirmed e-mail address. */
  emailProfileId: string | null;
  /** The connection that the connecting person has at this provider, whatever account it is. */
  current: { connectionId: string; nickname: string } | null;
};

export type SignInOutcome =
  | { kind: 'log-in'; profileId: string; connectionId: string }
  | { kind: 'create-profile'; email: string }
  | { kind: 'connect'; profileId: string }
  | { kind: 'reconnect'; profileId: string; connectionId: string }
  | {
      kind: 'refuse';
      because: 'email-unread' | 'no-email' | 'email-unconfirmed' | 'account-owned-by-another';
    }
  | { kind: 'wait'; because: 'email-taken' | 'different-account'; profileId: string };

/** Decides where an account that a provider vouched for belongs. Never links by e-mail address alone. */
export function decideSignIn(facts: SignInFacts): SignInOutcome {
  const { connectingProfileId, email, owner, emailProfileId, current } = facts;

  if (connectingProfileId !== null) {
    if (owner && owner.profileId !== connectingProfileId) {
      return { kind: 'refuse', because: 'account-owned-by-another' };
    }
    if (owner) return { kind: 'reconnect', profileId: connectingProfileId, connectionId: owner.connectionId };
    if (current) return { kind: 'wait', because: 'different-account', profileId: connectingProfileId };
    return { kind: 'connect', profileId: connectingProfileId };
  }

  if (owner) return { kind: 'log-in', ...owner };
  if (email.state === 'unread') return { kind: 'refuse', because: 'email-unread' };
  if (email.state === 'missing') return { kind: 'refuse', because: 'no-email' };
  if (email.state === 'unconfirmed') return { kind: 'refuse', because: 'email-unconfirmed' };
  if (emailProfileId !== null) return { kind: 'wait', because: 'email-taken', profileId: emailProfileId };
  return { kind: 'create-profile', email: email.address };
}

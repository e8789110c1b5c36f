import { describe, expect, test } from 'vitest';
import { decideSignIn, type SignInFacts, type SignInOutcome } from './outcome.ts';

const stranger: SignInFacts = {
  connectingProfileId: null,
  email: { state: 'confirmed', address: 'ada@mole.example' },
  owner: null,
  emailProfileId: null,
  current: null,
};
const mine = { connectionId: 'c1', profileId: 'me' };
const theirs = { connectionId: 'c2', profileId: 'other' };
const unread = { state: 'unread' } as const;
const missing = { state: 'missing' } as const;
const unconfirmed = { state: 'unconfirmed', address: 'ada@mole.example' } as const;

const rows: { rule: string; facts: Partial<SignInFacts>; outcome: SignInOutcome }[] = [
  {
    rule: 'a new identity with a confirmed address that nobody has becomes a profile',
    facts: {},
    outcome: { kind: 'create-profile', email: 'ada@mole.example' },
  },
  {
    rule: 'a confirmed address that a profile has already links nothing and waits for its owner',
    facts: { emailProfileId: 'other' },
    outcome: { kind: 'wait', because: 'email-taken', profileId: 'other' },
  },
  {
    rule: 'an unconfirmed address creates no profile',
    facts: { email: unconfirmed },
    outcome: { kind: 'refuse', because: 'email-unconfirmed' },
  },
  {
    rule: 'an unconfirmed address finds no profile',
    facts: { email: unconfirmed, emailProfileId: 'other' },
    outcome: { kind: 'refuse', because: 'email-unconfirmed' },
  },
  {
    rule: 'without an address there is no profile',
    facts: { email: missing },
    outcome: { kind: 'refuse', because: 'no-email' },
  },
  {
    rule: 'while the address cannot be read there is no profile',
    facts: { email: unread },
    outcome: { kind: 'refuse', because: 'email-unread' },
  },
  {
    rule: 'a known identity logs in',
    facts: { owner: mine },
    outcome: { kind: 'log-in', ...mine },
  },
  {
    rule: "a known identity logs in to its own profile though its address is another profile's by now",
    facts: { owner: mine, emailProfileId: 'other' },
    outcome: { kind: 'log-in', ...mine },
  },
  {
    rule: 'a known identity logs in without a confirmed address',
    facts: { owner: mine, email: unconfirmed },
    outcome: { kind: 'log-in', ...mine },
  },
  {
    rule: 'a known identity logs in without any address',
    facts: { owner: mine, email: missing },
    outcome: { kind: 'log-in', ...mine },
  },
  {
    rule: 'a known identity logs in while its address cannot be read',
    facts: { owner: mine, email: unread },
    outcome: { kind: 'log-in', ...mine },
  },
  {
    rule: 'Grant access connects an account that nobody has',
    facts: { connectingProfileId: 'me', email: missing },
    outcome: { kind: 'connect', profileId: 'me' },
  },
  {
    rule: "Grant access connects whatever the account's address, even another profile's",
    facts: { connectingProfileId: 'me', emailProfileId: 'other' },
    outcome: { kind: 'connect', profileId: 'me' },
  },
  {
    rule: 'Grant access as the same account connects it again',
    facts: { connectingProfileId: 'me', owner: mine, current: { connectionId: 'c1', nickname: 'ada' } },
    outcome: { kind: 'reconnect', profileId: 'me', connectionId: 'c1' },
  },
  {
    rule: 'Grant access as a different account than before waits for the choice to switch or to stay',
    facts: { connectingProfileId: 'me', current: { connectionId: 'c1', nickname: 'ada' } },
    outcome: { kind: 'wait', because: 'different-account', profileId: 'me' },
  },
  {
    rule: 'Grant access as an account of another profile is refused',
    facts: { connectingProfileId: 'me', owner: theirs },
    outcome: { kind: 'refuse', because: 'account-owned-by-another' },
  },
  {
    rule: 'Grant access as an account of another profile is refused, also in the place of an own one',
    facts: { connectingProfileId: 'me', owner: theirs, current: { connectionId: 'c1', nickname: 'ada' } },
    outcome: { kind: 'refuse', because: 'account-owned-by-another' },
  },
];

test.each(rows)('$rule', ({ facts, outcome }) => {
  expect(decideSignIn({ ...stranger, ...facts })).toEqual(outcome);
});

describe('whatever the facts', () => {
  const emails: SignInFacts['email'][] = [stranger.email, unconfirmed, missing, unread];
  const all = emails.flatMap((email) =>
    [null, 'me'].flatMap((connectingProfileId) =>
      [null, mine, theirs].flatMap((owner) =>
        [null, 'me', 'other'].flatMap((emailProfileId) =>
          [null, { connectionId: 'c1', nickname: 'ada' }].map((current) => ({
            email,
            connectingProfileId,
            owner,
            emailProfileId,
            current,
          })),
        ),
      ),
    ),
  );

  test('an address alone never leads into a profile (OA-08)', () => {
    for (const facts of all) {
      const outcome = decideSignIn(facts);
      const enters = 'profileId' in outcome && outcome.kind !== 'wait' ? outcome.profileId : null;
      const entitled = [facts.owner?.profileId, facts.connectingProfileId];
      if (enters) expect(entitled, JSON.stringify(facts)).toContain(enters);
    }
  });

  test('only a confirmed address that nobody has creates a profile', () => {
    for (const facts of all.filter((each) => decideSignIn(each).kind === 'create-profile')) {
      expect(facts).toMatchObject({
        connectingProfileId: null,
        owner: null,
        emailProfileId: null,
        email: { state: 'confirmed' },
      });
    }
  });

  test('the address makes no difference to an identity that is known, or to a person who is logged in', () => {
    for (const facts of all.filter(({ owner, connectingProfileId }) => owner || connectingProfileId)) {
      expect(decideSignIn(facts)).toEqual(decideSignIn({ ...facts, email: unread, emailProfileId: null }));
    }
  });
});

-- People, their connections to providers, and what it takes to log in.
-- Statements end with a semicolon at the end of a line; the runner splits there (PGlite takes one statement at a time).

create table profile (
  id uuid primary key,
  screen_name text not null,
  -- As the provider wrote it; `email_key` is the same in lower case and is what identifies a person.
  email text not null,
  email_key text not null unique,
  avatar_url text,
  created_at timestamptz not null
);

-- One row for each tie of a profile to an account at a provider. A revoked connection keeps its row: the identity
-- still logs in, and the page can say who it was.
create table connection (
  id uuid primary key,
  profile_id uuid not null references profile (id) on delete cascade,
  provider text not null check (provider in ('bitbucket', 'github', 'gitlab')),
  -- The provider's immutable id of the account, never a nickname.
  account_id text not null,
  nickname text not null,
  account_url text not null,
  state text not null check (state in ('connected', 'not-connected')),
  -- Why access ended, and when that was seen.
  reason text check (reason in ('revoked', 'expired', 'unusable')),
  reason_at timestamptz,
  connected_at timestamptz not null,
  -- When the provider last proved that the grant works.
  confirmed_at timestamptz,
  -- When we last asked, and what kept the provider from answering.
  checked_at timestamptz,
  fault text,
  fault_retry_at timestamptz,
  -- Null: the provider does not say what was granted.
  missing_scopes text[],
  -- When the background look is due.
  sweep_at timestamptz not null,
  unique (provider, account_id),
  unique (profile_id, provider),
  check ((state = 'not-connected') = (reason is not null))
);
create index connection_sweep on connection (sweep_at) where state = 'connected';

create sequence grant_version;

-- The tokens of a connected connection. Access tokens of Bitbucket reach 4 kB, so no length is set.
create table "grant" (
  connection_id uuid primary key references connection (id) on delete cascade,
  access_token text not null,
  refresh_token text,
  scopes text[] not null,
  issued_at timestamptz not null,
  -- Null: the access token does not run out.
  expires_at timestamptz,
  -- Unique for ever: whoever stores a rotated pair, or ends a grant, names the very tokens that this is about.
  version bigint not null default nextval('grant_version'),
  -- A lease on refreshing; the database's clock decides, so replicas need not agree on the time.
  refresh_holder uuid,
  refresh_until timestamptz,
  -- A refresh of these tokens got no answer: the provider may have rotated them, and only it knows.
  refresh_lost boolean not null default false,
  -- Refusals in a row that do not prove a revocation by themselves.
  refusals integer not null default 0,
  first_refused_at timestamptz,
  last_refused_at timestamptz
);

-- When a provider last refreshed any grant of an OAuth client of ours: tells one dead grant from a spell.
create table oauth_client (
  provider text not null,
  fingerprint text not null,
  refreshed_at timestamptz not null,
  primary key (provider, fingerprint)
);

create table session (
  id uuid primary key,
  -- SHA-256 of the cookie's value; the value itself is stored nowhere.
  token_hash text not null unique,
  profile_id uuid not null references profile (id) on delete cascade,
  created_at timestamptz not null,
  seen_at timestamptz not null
);
create index session_profile on session (profile_id);

-- A walk to a provider and back: started on one of our pages, bound to the browser, ended once.
create table sign_in_attempt (
  id uuid primary key,
  state_hash text not null unique,
  browser_hash text not null,
  provider text not null,
  page text not null check (page in ('sign-up', 'log-in', 'account')),
  -- Set when a logged-in person connects a provider: the callback must come back to the same person.
  profile_id uuid references profile (id) on delete cascade,
  return_to text,
  verifier text,
  started_at timestamptz not null,
  consumed_at timestamptz,
  -- What went wrong, with its facts, for the page that the person comes back to.
  problem jsonb,
  -- A connection that waits for the person's word: whose it may become, and the sealed identity and tokens.
  waiting_profile_id uuid references profile (id) on delete cascade,
  waiting_identity jsonb,
  waiting_tokens text,
  check ((waiting_profile_id is null) = (waiting_tokens is null))
);
create index sign_in_attempt_started on sign_in_attempt (started_at);
create index sign_in_attempt_waiting on sign_in_attempt (waiting_profile_id) where waiting_profile_id is not null;

create table organization (
  id uuid primary key,
  name text not null,
  slug text not null unique,
  created_at timestamptz not null
);

create table membership (
  organization_id uuid not null references organization (id) on delete cascade,
  profile_id uuid not null references profile (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member')),
  created_at timestamptz not null,
  primary key (organization_id, profile_id)
);
create index membership_profile on membership (profile_id);

-- A sealed text of ours: a start with keys that do not open it is refused.
create table key_check (
  id integer primary key check (id = 1),
  sealed text not null
);

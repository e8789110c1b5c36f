-- Tokens for the command line, and what a project's file says beside name, URL and pipeline file.

create table api_token (
  id uuid primary key,
  profile_id uuid not null references profile (id) on delete cascade,
  name text not null,
  -- SHA-256 of the token; the token itself is stored nowhere.
  token_hash text not null unique,
  created_at timestamptz not null,
  -- To the minute.
  last_used_at timestamptz
);
create index api_token_profile on api_token (profile_id, created_at);

alter table project
  add column visibility text not null default 'private' check (visibility in ('private', 'public')),
  -- Which events start workflows, in the order of the API; none: nothing does.
  add column run_on text[] not null default '{tags,branches}',
  -- Exact names or /regular expressions/ of branches and tags; none: all of them.
  add column whitelist jsonb not null default '{"branches":[],"tags":[]}',
  -- What is kept for the command line and read by nothing else here, in the shape of the API.
  add column kept jsonb not null default '{}';

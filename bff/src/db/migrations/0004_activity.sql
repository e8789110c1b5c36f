-- What Bitbucket announced, which workflows came of it, and what it did not announce.

create table delivery (
  id uuid primary key,
  -- The order of arrival, in which a project's deliveries are worked on.
  seq bigint generated always as identity,
  project_id uuid not null references project (id),
  -- The webhook it came through.
  credential_id uuid not null references credential (id),
  -- Bitbucket's id of the delivery, the same over its attempts; chosen from the content where it sent none.
  request_id text not null,
  hook_id text,
  event text not null,
  attempt integer not null,
  received_at timestamptz not null,
  -- The exact bytes, as the text that they are, or in base64 where they are none; null when they were kept long enough.
  payload text,
  encoding text not null check (encoding in ('utf8', 'base64')),
  size integer not null,
  state text not null check (state in ('received', 'done', 'ignored')),
  -- Why nothing came of it.
  reason text,
  facts jsonb,
  worked_at timestamptz,
  check ((state = 'received') = (worked_at is null)),
  check ((state = 'ignored') = (reason is not null))
);
create unique index delivery_request on delivery (credential_id, request_id);
create index delivery_activity on delivery (project_id, received_at, id);
create index delivery_received on delivery (project_id, seq) where state = 'received';

-- A branch or tag that moved, as one delivery told of it; the order of its rows is the order of the moves.
create table ref_change (
  delivery_id uuid not null references delivery (id) on delete cascade,
  index integer not null,
  seq bigint not null,
  project_id uuid not null references project (id),
  credential_id uuid not null references credential (id),
  ref_type text not null check (ref_type in ('branch', 'tag')),
  ref_name text not null,
  old_hash text,
  new_hash text,
  -- The same move was told of before, through another webhook or once more through this one.
  repeated boolean not null,
  received_at timestamptz not null,
  primary key (delivery_id, index)
);
create index ref_change_ref on ref_change (project_id, ref_type, ref_name, credential_id, seq);

create table workflow (
  id uuid primary key,
  project_id uuid not null references project (id),
  repository_uuid text not null,
  ref_type text not null check (ref_type in ('branch', 'tag')),
  ref_name text not null,
  old_hash text,
  new_hash text not null,
  origin text not null check (origin in ('push', 'gap', 'person')),
  delivery_id uuid references delivery (id) on delete set null,
  requested_by uuid references profile (id) on delete set null,
  idempotency_key text,
  pipeline_file text not null,
  state text not null check (state in ('created', 'reading', 'waiting', 'handing-over', 'handed-over', 'failed')),
  -- Why it failed, or what it waits for.
  problem jsonb,
  -- Of the step that it is at.
  attempts integer not null default 0,
  next_try_at timestamptz,
  created_at timestamptz not null,
  finished_at timestamptz,
  check ((state in ('handed-over', 'failed')) = (finished_at is not null)),
  unique (project_id, requested_by, idempotency_key)
);
create index workflow_activity on workflow (project_id, created_at, id);
create index workflow_ref on workflow (project_id, ref_type, ref_name, created_at);
create index workflow_open on workflow (next_try_at) where state in ('created', 'reading', 'handing-over');
create index workflow_waiting on workflow (created_at) where state = 'waiting';

-- Where each branch was when we last heard of it or saw it.
create table branch_head (
  project_id uuid not null references project (id) on delete cascade,
  -- A project can move to another repository, and back.
  repository_uuid text not null,
  name text not null,
  hash text not null,
  seen_at timestamptz not null,
  primary key (project_id, repository_uuid, name)
);

-- When the branch heads were last compared with what was announced, and when that is due again.
create table head_comparison (
  project_id uuid primary key references project (id) on delete cascade,
  repository_uuid text not null,
  -- The webhook that was active then: another one is a reason to look at once.
  webhook_id uuid,
  compared_at timestamptz,
  due_at timestamptz not null,
  attempts integer not null default 0,
  -- Missed pushes are run without asking: the webhook was just mended.
  run_missed boolean not null default false
);
create index head_comparison_due on head_comparison (due_at);

-- A branch was found somewhere else than what was announced. Several pushes in a row are one gap.
create table gap (
  id uuid primary key,
  project_id uuid not null references project (id),
  repository_uuid text not null,
  branch text not null,
  old_hash text,
  new_hash text not null,
  -- Between these two the branch moved.
  last_known_at timestamptz not null,
  found_at timestamptz not null,
  -- suspected: the announcement may still be on its way.
  state text not null check (state in ('suspected', 'open', 'announced', 'run', 'passed')),
  workflow_id uuid references workflow (id)
);
create unique index gap_open on gap (project_id, repository_uuid, branch) where state in ('suspected', 'open');
create index gap_project on gap (project_id, found_at);

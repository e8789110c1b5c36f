-- Projects, what was found out about their repositories, and the keys and webhooks that were made for them.

create table project (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  name text not null,
  -- The name in lower case: unique in the organization.
  name_key text not null,
  description text not null default '',
  created_by uuid references profile (id) on delete set null,
  created_at timestamptz not null,
  -- A deleted project keeps its row: what was ever made for it at the provider is recognised for ever.
  state text not null check (state in ('creating', 'ready', 'deleting', 'deleted')),
  provider text not null check (provider in ('bitbucket')),
  -- The provider's immutable id; the names are only where it was found.
  repository_uuid text not null,
  -- workspace/slug of the URL that the project has.
  repository_name text not null,
  -- workspace/slug where the provider last said that the repository is.
  seen_name text not null,
  -- As last seen; null: the repository is empty.
  default_branch text,
  pipeline_file text not null default '.semaphore/semaphore.yml',
  -- The member whose grant the project uses.
  token_owner_id uuid references profile (id) on delete set null,
  -- Grows with everything that the project's pages show.
  version bigint not null default 1,
  -- The look that is under way or was the last; shared by all replicas through its lease (the database's clock).
  look_holder uuid,
  look_until timestamptz,
  look_started_at timestamptz,
  look_finished_at timestamptz,
  -- When the background look is due.
  look_due_at timestamptz not null,
  -- When it is due to be searched for what was made for it and nobody uses, and how often that was done since the last doubt.
  reconcile_at timestamptz,
  reconcile_round integer not null default 0
);
create unique index project_name on project (organization_id, name_key) where state <> 'deleted';
create index project_token_owner on project (token_owner_id);
create index project_look_due on project (look_due_at) where state = 'ready';
create index project_reconcile on project (reconcile_at) where reconcile_at is not null;

-- What the last look saw, one row for each thing that is checked. What was last proved stays beside what could not be asked.
create table finding (
  project_id uuid not null references project (id) on delete cascade,
  subject text not null check (subject in ('token-owner', 'deploy-key', 'webhook', 'pipeline-file')),
  state text not null check (state in ('healthy', 'broken', 'not-checked')),
  cause text,
  facts jsonb not null,
  checked_at timestamptz not null,
  -- The look that saw this: while another is under way, this row is about to be replaced.
  look uuid,
  proved_state text check (proved_state in ('healthy', 'broken')),
  proved_cause text,
  proved_facts jsonb,
  proved_at timestamptz,
  primary key (project_id, subject),
  check ((state = 'healthy') = (cause is null)),
  check ((proved_state is null) = (proved_at is null))
);

-- A generation of a deploy key or webhook. Its identity is chosen before any call, states only move to the right, and the
-- row stays for ever, so that whatever a lost or late request leaves behind is recognised as ours.
create table credential (
  id uuid primary key,
  project_id uuid not null references project (id),
  kind text not null check (kind in ('deploy-key', 'webhook')),
  -- Where it is: a project that moves to another repository has some at either.
  repository_uuid text not null,
  state text not null check (state in ('intended', 'present', 'active', 'retiring', 'gone')),
  -- A key's "type base64", a webhook's URL: what it is recognised by at the provider.
  match text not null unique,
  remote_id text,
  title text not null,
  -- Private key or secret; null when gone.
  material text,
  -- Whose grant made it, and so whose revocation takes it away.
  made_by uuid references profile (id) on delete set null,
  created_at timestamptz not null,
  check ((state = 'gone') = (material is null))
);
create unique index credential_active on credential (project_id, kind) where state = 'active';
create unique index credential_coming on credential (project_id, kind) where state in ('intended', 'present');

-- Something that is being done with a project's key and webhook, by whichever process holds the lease.
create table operation (
  id uuid primary key,
  project_id uuid not null references project (id),
  kind text not null check (kind in ('create', 'repair', 'move', 'delete', 'sweep')),
  subjects text[] not null,
  -- Null: the service itself.
  requested_by uuid references profile (id) on delete set null,
  idempotency_key text not null,
  body_hash text not null,
  -- The repository to move to.
  target jsonb,
  state text not null check (state in ('running', 'done', 'failed')),
  epoch bigint not null default 1,
  lease_until timestamptz,
  -- The provider asked to be left alone until then, or a doubt has to settle.
  not_before timestamptz,
  attempts integer not null default 0,
  steps jsonb not null,
  problem jsonb,
  result jsonb,
  created_at timestamptz not null,
  finished_at timestamptz,
  unique (project_id, requested_by, idempotency_key),
  check ((state = 'running') = (finished_at is null))
);
create unique index operation_running on operation (project_id) where state = 'running';
create index operation_project on operation (project_id, created_at);

-- Every request that changes something at the provider, written down before it is sent.
create table upstream_call (
  operation_id uuid not null references operation (id) on delete cascade,
  seq integer not null,
  verb text not null,
  target text not null,
  sent_at timestamptz not null,
  outcome text,
  primary key (operation_id, seq)
);
create index upstream_call_target on upstream_call (target);

-- Invitations to an organization. Whoever has the link has the invitation, so the link itself is stored nowhere.
create table invitation (
  id uuid primary key,
  organization_id uuid not null references organization (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member')),
  -- SHA-256 of the token in the link.
  token_hash text not null unique,
  -- What somebody offered ends with their profile.
  created_by uuid not null references profile (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  single_use boolean not null,
  -- How many people joined by it.
  used_count integer not null default 0,
  check (used_count >= 0 and (used_count <= 1 or not single_use))
);
create index invitation_organization on invitation (organization_id);
create index invitation_created_by on invitation (created_by);

-- From here on it is sealed, because it may be the link of an invitation. Walks that are under way lose it.
update sign_in_attempt set return_to = null;

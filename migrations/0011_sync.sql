-- What is remembered of the exchange with QContact. qcontact_sync_log is for people to read and may be pruned by the
-- host; nothing here depends on it.

-- one row a tenant: the shared session and who is calling just now, so that any number of processes sign in once,
-- share one token, keep one budget and wait together
create table sync_tenants (
  tenant text primary key,
  access_token text,
  client text,
  uid text,
  session_at timestamptz,
  -- one call at a time: the token changes with each reply
  busy_by uuid,
  busy_until timestamptz,
  paused_until timestamptz,
  minute timestamptz,
  calls integer not null default 0,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_failure text
);

-- every case its list ever showed; the fingerprint tells whether the row has changed
create table sync_sightings (
  tenant text not null,
  case_id varchar(100) not null,
  fingerprint text not null,
  pass uuid not null,
  seen_at timestamptz not null,
  listed boolean not null default true,
  primary key (tenant, case_id)
);
create index idx_sync_sightings_pass on sync_sightings (tenant, pass) where listed;

-- which ticket a case is, and per field what both sides last agreed on; nothing personal
create table sync_cases (
  tenant text not null,
  case_id varchar(100) not null,
  ticket_id uuid not null unique references tickets (id),
  bases jsonb not null default '{}',
  last_change_id text,
  linked_at timestamptz not null,
  synced_at timestamptz,
  gone_at timestamptz,
  version integer not null default 1,
  primary key (tenant, case_id)
);
create index idx_sync_cases_synced on sync_cases (tenant, synced_at);

-- cases that are not in step just now, and why; of words of ours only
create table sync_troubles (
  tenant text not null,
  case_id varchar(100) not null,
  problem text not null,
  attempts integer not null default 1,
  -- how often each kind of trouble was met
  counts jsonb not null default '{}',
  since timestamptz not null,
  latest_at timestamptz not null,
  primary key (tenant, case_id)
);

-- the bases of what says who and where a client is: erasable. Without its row nothing personal is taken in again
create table sync_personal (
  ticket_id uuid primary key references tickets (id),
  bases jsonb not null
);

-- what could not be agreed on, for a manager; ours and theirs may say who a client is: erasable
create table sync_conflicts (
  id uuid primary key,
  tenant text not null,
  case_id varchar(100) not null,
  ticket_id uuid not null references tickets (id),
  field varchar(30),
  kind varchar(30) not null check (kind in
    ('both_changed', 'status_refused', 'reopened', 'arrived_so', 'not_taken', 'overtaken', 'gone')),
  ours text,
  theirs text,
  winner varchar(10) not null check (winner in ('local', 'remote')),
  times integer not null default 1,
  found_at timestamptz not null,
  latest_at timestamptz not null,
  resolved_at timestamptz,
  resolved_by text,
  resolution varchar(20) check (resolution in ('keep_ours', 'take_theirs', 'follow_up', 'noted', 'agreed')),
  resolution_notes text,
  follow_up_id uuid references tickets (id),
  version integer not null default 1
);
create unique index uq_sync_conflicts_open on sync_conflicts (ticket_id, coalesce(field, ''), kind) where resolved_at is null;
create index idx_sync_conflicts_newest on sync_conflicts (latest_at desc, id desc);
create index idx_sync_conflicts_ticket on sync_conflicts (ticket_id);

-- notes of the kind client, and fixed sentences, on their way out: by the id of the note or of the event, each once
create table sync_notes (
  id uuid primary key,
  ticket_id uuid not null references tickets (id),
  sentence varchar(30),
  queued_at timestamptz not null,
  seq bigint generated always as identity,
  sent_at timestamptz,
  -- it could not be said, and waits for nobody but a person
  given_up_at timestamptz,
  remote_id text
);
create index idx_sync_notes_waiting on sync_notes (ticket_id, seq)
  where sent_at is null and given_up_at is null;

create table sync_runs (
  id uuid primary key,
  tenant text not null,
  kind varchar(10) not null check (kind in ('changes', 'full', 'case')),
  asked_by text not null,
  asked_at timestamptz not null,
  started_at timestamptz,
  listed_at timestamptz,
  failure text
);
create index idx_sync_runs_newest on sync_runs (asked_at desc, id desc);

create table sync_run_cases (
  run_id uuid not null references sync_runs (id) on delete cascade,
  case_id varchar(100) not null,
  outcome varchar(20) check (outcome in ('in_step', 'repaired', 'conflict', 'created', 'skipped', 'waiting', 'failed')),
  drift integer not null default 0,
  why text,
  done_at timestamptz,
  primary key (run_id, case_id)
);

-- hints that came in, by their sender's id: each once
create table sync_hints (
  id text primary key,
  received_at timestamptz not null
);
create index idx_sync_hints_received on sync_hints (received_at);

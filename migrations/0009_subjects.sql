-- Clients of tickets as subjects: the keys by which what is personal about them is sealed, and its erasure.

-- One key per ticket, so that a corrected DR takes its evidence along. No foreign key on purpose: a key is never deleted,
-- it is only destroyed, and a row says so for good.
create table subject_keys (
  ticket_id uuid primary key,
  key bytea check (octet_length(key) = 32),
  made_at timestamptz not null default clock_timestamp(),
  destroyed_at timestamptz,
  destroyed_by text,
  check ((key is null) = (destroyed_at is not null)),
  check ((destroyed_at is null) = (destroyed_by is null))
);

create function refuse_change_of_subject_key() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.key is not null and new.key is null and new.ticket_id = old.ticket_id and new.made_at = old.made_at then
      return new;
    end if;
  end if;
  raise exception 'a subject key can only be destroyed, once: % refused', tg_op using errcode = 'restrict_violation';
end
$$;
create trigger subject_keys_are_only_destroyed before update or delete on subject_keys
  for each row execute function refuse_change_of_subject_key();
create trigger subject_keys_are_not_truncated before truncate on subject_keys
  for each statement execute function refuse_change_of_subject_key();

-- What the commitments of a snapshot are to, path by path. Written with the snapshot; only an erasure takes it away.
create table snapshot_openings (
  snapshot_id uuid primary key,
  ticket_id uuid not null,
  openings jsonb not null check (jsonb_typeof(openings) = 'object')
);
create index idx_snapshot_openings_ticket on snapshot_openings (ticket_id);

alter table tickets
  -- when what was personal about its client was erased; it takes no photo and no document any more
  add column erased_at timestamptz;

-- who erased whom, and why; the reason is the operator's own record and stays
create table subject_erasures (
  id uuid primary key,
  project_id text not null,
  -- null: the client of one ticket that has no drop
  dr_number varchar(50),
  at timestamptz not null,
  by text not null,
  reason text not null,
  tickets uuid[] not null
);
create index idx_subject_erasures_newest on subject_erasures (at desc, id desc);
create index idx_subject_erasures_tickets on subject_erasures using gin (tickets);

create table subject_exports (
  id uuid primary key,
  project_id text not null,
  dr_number varchar(50),
  at timestamptz not null,
  by text not null,
  tickets uuid[] not null
);

-- viewing copies whose subject is erased, until they are out of the storage
create table objects_to_erase (
  bucket text not null,
  name text not null,
  ticket_id uuid not null,
  primary key (bucket, name)
);

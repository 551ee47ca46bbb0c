-- Sealed handovers. Nothing that the application can say changes or removes one.

create table handover_snapshots (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid not null references tickets (id) on delete restrict,

  handover_type varchar(30) not null check (handover_type in ('build_to_qa', 'qa_to_maintenance', 'maintenance_complete')),

  snapshot_data jsonb not null,
  evidence_links jsonb,
  decisions jsonb,
  guarantee_status varchar(30),

  from_owner_type varchar(20) check (from_owner_type in ('build', 'qa', 'maintenance')),
  from_owner_id text,
  to_owner_type varchar(20) check (to_owner_type in ('build', 'qa', 'maintenance')),
  to_owner_id text,

  handover_at timestamptz not null default now(),
  handover_by text not null,

  is_locked boolean not null default true check (is_locked),

  project_id text not null,
  format_version integer not null,
  snapshot_bytes bytea not null,
  sha256 char(64) not null,
  prev_hash char(64) not null,
  seq bigint not null check (seq > 0),
  chain_hash char(64) not null,

  created_at timestamptz not null default now(),
  unique (project_id, seq),
  unique (project_id, prev_hash)
);
create index idx_handover_ticket on handover_snapshots (ticket_id);

-- the head of each project's chain; its row is the lock under which the next snapshot is appended
create table snapshot_chains (
  project_id text primary key,
  seq bigint not null,
  chain_hash char(64) not null
);

create function refuse_change_of_snapshot() returns trigger language plpgsql as $$
begin
  raise exception 'a handover snapshot is immutable: % refused', tg_op using errcode = 'restrict_violation';
end
$$;
create trigger handover_snapshots_are_immutable before update or delete on handover_snapshots
  for each row execute function refuse_change_of_snapshot();
create trigger handover_snapshots_are_not_truncated before truncate on handover_snapshots
  for each statement execute function refuse_change_of_snapshot();

create function refuse_delete_of_sealed_ticket() returns trigger language plpgsql as $$
begin
  if exists (select from handover_snapshots where ticket_id = old.id) then
    raise exception 'ticket % has a handover snapshot and cannot be deleted', old.ticket_uid
      using errcode = 'restrict_violation', constraint = 'sealed_ticket_is_kept';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end
$$;
create trigger sealed_tickets_are_kept before delete on tickets
  for each row execute function refuse_delete_of_sealed_ticket();
create trigger sealed_tickets_are_not_soft_deleted before update of deleted_at on tickets
  for each row when (new.deleted_at is not null and old.deleted_at is null)
  execute function refuse_delete_of_sealed_ticket();

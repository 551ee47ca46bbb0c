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

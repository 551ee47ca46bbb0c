-- When a ticket's SLA is worth looking at again, and by which version of ticket and settings that was worked out: a
-- ticket whose row is missing, of another version or due is looked at by the next run. Derived: it may be emptied.
create table sla_watch (
  ticket_id uuid primary key references tickets (id) on delete cascade,
  ticket_version integer not null,
  settings_version integer not null,
  next_at timestamptz
);
create index idx_sla_watch_due on sla_watch (next_at) where next_at is not null;

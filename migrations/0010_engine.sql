-- What the background engine keeps beside its queue (which is pg-boss's own schema).

-- The moment of the last hand-over from the outbox: the next is later, whatever the clock of the machine does, and waits
-- its turn at this row.
create table relay_clock (
  only_row boolean primary key default true check (only_row),
  at timestamptz not null
);
insert into relay_clock (at) values ('1970-01-01Z');

-- Events that a reaction could not handle: they wait for a person. `retry_asked_at`: on its way back to the queue.
create table dead_letters (
  id uuid primary key,
  reaction text not null,
  key text not null,
  event_id uuid not null,
  event_type text not null,
  ticket_id uuid,
  event jsonb not null,
  reason text not null,
  attempts int not null check (attempts >= 0),
  queued_at timestamptz not null,
  died_at timestamptz not null,
  retry_asked_at timestamptz,
  unique (reaction, event_id)
);
create index idx_dead_letters_died on dead_letters (died_at desc, id desc);
create index idx_dead_letters_ticket on dead_letters (ticket_id) where ticket_id is not null;
create index idx_dead_letters_retry on dead_letters (retry_asked_at) where retry_asked_at is not null;

-- Who retried or dropped which, and why; it outlives the dead letter and holds nothing of the event.
create table dead_letter_decisions (
  id uuid primary key default gen_random_uuid(),
  dead_letter_id uuid not null,
  reaction text not null,
  event_id uuid not null,
  event_type text not null,
  ticket_id uuid,
  decision text not null check (decision in ('retried', 'dropped')),
  reason text not null check (reason <> ''),
  decided_by text not null,
  decided_at timestamptz not null
);
create index idx_dead_letter_decisions on dead_letter_decisions (dead_letter_id, decided_at);

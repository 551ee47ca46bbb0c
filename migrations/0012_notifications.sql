-- What is told by WhatsApp. The rows people read are in whatsapp_notifications, with names, numbers and texts, and may be
-- pruned or erased; what keeps a message from going out twice is here, and stays.

-- an attempt to send one message: written before anything leaves, so that a crash leaves it `sending`, never unseen
create table whatsapp_sends (
  id uuid primary key,
  session text not null,
  -- the part of WhatsApp's id that is the same in answer, acks and look-ups; null where the engine gives none beforehand
  message_id varchar(100),
  state varchar(20) not null check (state in ('sending', 'answered', 'refused')),
  -- after this nobody works on it any more
  lease_until timestamptz not null,
  claimed_at timestamptz not null,
  -- null: nothing was heard about it yet
  outcome varchar(20) not null default 'pending' check (outcome in
    ('pending', 'unknown', 'sent', 'failed', 'delivered', 'read')),
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  error text,
  look_ups integer not null default 0,
  look_up_at timestamptz,
  -- when WAHA's answer left open whether it went out
  unclear_at timestamptz
);
create unique index uq_whatsapp_sends_message on whatsapp_sends (session, message_id) where message_id is not null;
create index idx_whatsapp_sends_open on whatsapp_sends (lease_until) where state = 'sending';
create index idx_whatsapp_sends_look_up on whatsapp_sends (look_up_at) where look_up_at is not null;
create index idx_whatsapp_sends_unclear on whatsapp_sends (unclear_at) where unclear_at is not null;
create index idx_whatsapp_sends_recent on whatsapp_sends (claimed_at);

-- each thing to be told once: unique for ever, whatever becomes of its row in whatsapp_notifications
create table notification_ledger (
  id uuid primary key,
  event_id uuid not null,
  kind varchar(40) not null,
  recipient_type varchar(20) not null check (recipient_type in
    ('contractor', 'technician', 'client', 'team', 'manager', 'qa')),
  recipient_id text not null,
  ticket_id uuid references tickets (id),
  project_id text,
  happened_at timestamptz not null,
  created_at timestamptz not null default now(),
  status varchar(20) not null default 'pending' check (status in
    ('pending', 'unknown', 'sent', 'failed', 'delivered', 'read')),
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  error text,
  -- the attempt it went with; null while it waits
  send_id uuid references whatsapp_sends (id),
  -- a person who settled what nobody could know, or asked for it to be sent once more
  settled_by text,
  settled_at timestamptz,
  constraint uq_notification unique (event_id, kind, recipient_type, recipient_id)
);
create index idx_notification_ledger_waiting on notification_ledger (happened_at, id)
  where send_id is null and status in ('pending', 'unknown');
create index idx_notification_ledger_unknown on notification_ledger (created_at desc, id desc) where status = 'unknown';
create index idx_notification_ledger_send on notification_ledger (send_id) where send_id is not null;

-- which notifications an attempt carried: one that nobody knows the outcome of may be followed by another on a person's word
create table whatsapp_send_parts (
  send_id uuid not null references whatsapp_sends (id),
  notification_id uuid not null references notification_ledger (id),
  primary key (send_id, notification_id)
);
create index idx_whatsapp_send_parts_notification on whatsapp_send_parts (notification_id);

create index idx_notification_ledger_newest on notification_ledger (created_at desc, id desc);
create index idx_notification_ledger_ticket on notification_ledger (ticket_id, created_at desc, id desc);
create index idx_notification_ledger_happened on notification_ledger (happened_at);

-- what stands for a notification where several become one message
alter table whatsapp_notifications add column digest_line text;

-- what every process that sends must agree on; one row
create table notification_control (
  single boolean primary key default true check (single),
  -- the switch people have
  sending boolean not null default true,
  switched_by text,
  switched_at timestamptz,
  switch_reason text,
  -- the pace of all messages together
  next_send_at timestamptz,
  -- since when nothing but outcomes nobody knows came back; at a few recipients everything waits, each time longer
  trouble_since timestamptz,
  pauses integer not null default 0,
  paused_until timestamptz,
  -- WhatsApp takes no first message of ours to anyone until then
  restricted_until timestamptz,
  -- when that was said, or a person let messages go again: what was said before counts no more
  restricted_at timestamptz,
  -- first messages refused in a row without a word until when
  restriction_steps integer not null default 0,
  session_status text,
  session_seen_at timestamptz,
  version integer not null default 1
);
insert into notification_control default values;

-- what WAHA told us, each once; numbers, names and texts are not kept
create table waha_events (
  event_id varchar(100) primary key,
  event varchar(40) not null,
  session text not null,
  message_id varchar(100),
  -- -1 error, 1 sent, 2 delivered, 3 and 4 read
  ack smallint,
  detail text,
  until timestamptz,
  at timestamptz not null,
  received_at timestamptz not null,
  done_at timestamptz
);
create index idx_waha_events_waiting on waha_events (received_at) where done_at is null;
create index idx_waha_events_message on waha_events (session, message_id) where message_id is not null;
create index idx_waha_events_age on waha_events (received_at);

-- which numbers are on WhatsApp and under which chat, asked before the first message to each
create table whatsapp_contacts (
  phone varchar(64) primary key,
  chat_id varchar(100),
  on_whatsapp boolean not null,
  checked_at timestamptz not null,
  -- since when a message of ours is known to have got through
  reached_at timestamptz
);
comment on table whatsapp_contacts is
  'Telephone numbers, by themselves personal data: erasing a person deletes the row of the number, and WhatsApp is asked again.';

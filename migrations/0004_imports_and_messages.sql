-- What comes in by workbook, and what goes out.

create table weekly_reports (
  id uuid primary key default gen_random_uuid(),
  report_uid varchar(20) unique not null,

  week_number integer not null check (week_number between 1 and 53),
  year integer not null,
  report_date date not null,
  project_id text not null,
  first_report_id uuid references weekly_reports (id),

  original_filename varchar(255),
  file_path text,
  file_sha256 char(64) not null,
  layout varchar(20) not null check (layout in ('notes', 'flat')),

  total_rows integer,
  imported_count integer,
  skipped_count integer,
  error_count integer,
  errors jsonb,

  status varchar(20) not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),

  imported_at timestamptz,
  imported_by text,
  committed_by text,
  started_at timestamptz,

  created_at timestamptz not null default now(),
  version integer not null default 1
);
create index idx_weekly_reports_newest on weekly_reports (created_at desc, id desc);
create index idx_weekly_reports_week on weekly_reports (project_id, year, week_number);
create unique index uq_weekly_reports_file on weekly_reports (project_id, file_sha256) where status <> 'failed';

-- a workbook being read: its rows are a report from the moment weekly_reports has its id, and nothing until then
create table weekly_report_uploads (
  id uuid primary key,
  begun_at timestamptz not null default now()
);

create table weekly_report_rows (
  report_id uuid not null references weekly_report_uploads (id) on delete cascade,
  line_no integer not null,
  row_no integer not null,
  first_line integer,
  first_row integer,
  line jsonb not null,
  -- what the row held of a client: erasable, and gone once the row is done, except where it was rejected
  personal jsonb,
  import_key text,
  fate varchar(20) not null check (fate in
    ('create', 'joins_open', 'monitor', 'duplicate_in_file', 'unknown_drop', 'invalid')),
  reason text not null,
  ticket_id uuid references tickets (id),
  joined boolean not null default false,
  done_at timestamptz,
  primary key (report_id, line_no)
);
create index idx_weekly_report_rows_todo on weekly_report_rows (report_id, line_no) where done_at is null;
create index idx_weekly_report_rows_rejected on weekly_report_rows (report_id, line_no) where fate = 'invalid';
create index idx_weekly_report_rows_ticket on weekly_report_rows (ticket_id);
create index idx_tickets_import_key on tickets (project_id, import_key) where import_key is not null;

create table qcontact_sync_log (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid references tickets (id),
  qcontact_ticket_id varchar(100),
  sync_direction varchar(10) not null check (sync_direction in ('inbound', 'outbound')),
  sync_type varchar(30) not null check (sync_type in ('create', 'status_update', 'assignment', 'note_add', 'full_sync')),
  request_payload jsonb,
  response_payload jsonb,
  status varchar(20) not null check (status in ('success', 'failed', 'partial')),
  error_message text,
  synced_at timestamptz not null default now()
);
create index idx_qcontact_sync_ticket on qcontact_sync_log (ticket_id);
create index idx_qcontact_sync_newest on qcontact_sync_log (synced_at desc, id desc);

create table whatsapp_notifications (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid references tickets (id),
  recipient_type varchar(20) not null check (recipient_type in ('contractor', 'technician', 'client', 'team', 'manager', 'qa')),
  recipient_phone varchar(64),
  recipient_name varchar(255),
  message_template varchar(100),
  message_content text,
  status varchar(20) not null default 'pending' check (status in
    ('pending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
  waha_message_id varchar(100),
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  error_message text,
  created_at timestamptz not null default now()
);
create index idx_whatsapp_ticket on whatsapp_notifications (ticket_id);

-- domain events on their way to the queue: written with the change they tell of, claimed in bulk by the relay
create table outbox (
  id bigint generated always as identity primary key,
  event_id uuid not null unique,
  type text not null,
  ticket_id uuid,
  body jsonb not null,
  at timestamptz not null
);

-- which handler has done which event: its effect and this row are written together
create table handled_events (
  handler text not null,
  event_id uuid not null,
  at timestamptz not null default now(),
  primary key (handler, event_id)
);

-- what time has already made us say, each once: SLA marks per clock and priority, risk warnings per day
create table timed_marks (
  ticket_id uuid not null references tickets (id) on delete cascade,
  mark text not null,
  at timestamptz not null,
  primary key (ticket_id, mark)
);

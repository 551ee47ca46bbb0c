-- The ticket and everything that belongs to one ticket. Ids of people, contractors, teams and projects are the host's
-- own, kept as text: hosts differ in their key types (see migrations/optional for foreign keys).

create sequence ticket_uid_seq start with 1000001;

create table tickets (
  id uuid primary key default gen_random_uuid(),
  ticket_uid varchar(20) unique not null default 'FT' || nextval('ticket_uid_seq')::text,

  source varchar(20) not null check (source in
    ('qcontact', 'weekly_report', 'construction', 'ad_hoc', 'incident', 'revenue', 'ont_swap', 'manual', 'system')),
  external_id varchar(100),
  import_key text,

  title varchar(255) not null,
  description text,
  ticket_type varchar(50) not null check (ticket_type in
    ('maintenance', 'new_installation', 'modification', 'ont_swap', 'incident', 'infrastructure')),
  priority varchar(20) not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent', 'critical')),
  status varchar(30) not null default 'open' check (status in
    ('open', 'assigned', 'in_progress', 'on_hold', 'pending_qa', 'qa_in_progress', 'qa_rejected', 'qa_approved',
     'pending_handover', 'handed_to_maintenance', 'closed', 'cancelled')),

  dr_number varchar(50),
  project_id text not null,
  zone_id text,
  zone_no varchar(50),
  pole_number varchar(50),
  pon_number varchar(50),
  address text,
  gps_coordinates point,
  place_confirmed_by text,
  place_confirmed_at timestamptz,
  place_confirmed_reason text,

  ont_serial varchar(100),
  ont_serial_recorded_at timestamptz,
  ont_rx_level numeric(8, 3),
  ont_model varchar(100),
  ups_serial varchar(100),

  assigned_to text,
  assigned_contractor_id text,
  assigned_team varchar(100),

  guarantee_status varchar(30) check (guarantee_status in
    ('under_guarantee', 'out_of_guarantee', 'pending_classification')),
  guarantee_expires_at timestamptz,
  guarantee_rule varchar(50),
  billing_by_hand jsonb,
  is_billable boolean,
  billing_classification varchar(50) check (billing_classification in
    ('contractor_guarantee', 'internal', 'billable_standard', 'material_warranty', 'billable_client',
     'billable_third_party', 'pending_classification')),

  qa_ready boolean not null default false,
  qa_readiness_check_at timestamptz,
  qa_readiness_failed_reasons jsonb,
  last_check jsonb,

  fault_cause varchar(50) check (fault_cause in
    ('workmanship', 'material_failure', 'client_damage', 'third_party', 'environmental', 'vandalism', 'unknown')),
  fault_cause_details text,
  fault_component varchar(20) check (fault_component in ('homedrop', 'fibre', 'ont', 'gizzu')),
  fault_confirmed_by text,
  fault_confirmed_at timestamptz,

  rectification_count integer not null default 0 check (rectification_count >= 0),

  sla_due_at timestamptz,
  sla_response_due_at timestamptz,
  sla_first_response_at timestamptz,
  sla_breached boolean not null default false,

  created_at timestamptz not null default now(),
  created_by text,
  source_created_at timestamptz,
  updated_at timestamptz not null default now(),
  closed_at timestamptz,
  closed_by text,
  deleted_at timestamptz,

  version integer not null default 1,
  owner_type varchar(20) not null default 'build' check (owner_type in ('build', 'qa', 'maintenance')),
  weekly_note smallint check (weekly_note between 1 and 5),
  paperwork boolean not null default false,
  duplicate_of uuid references tickets (id) on delete restrict,
  follow_up_of uuid references tickets (id) on delete restrict,

  as_built_confirmed_at timestamptz,
  as_built_confirmed_by text,
  as_built_document text,

  step_list_version integer not null default 1,
  step_overrides jsonb not null default '{}',
  worked_by text[] not null default '{}',
  assigned_ever text[] not null default '{}',
  status_history jsonb not null default '[]',
  -- what only the present status knows (hold, submission, review, approval, cancellation)
  status_facts jsonb not null default '{}',

  -- punctuation parts words, so that a pole, a number or a name is found however it is spelt; see search-words.ts
  search tsvector generated always as (
    to_tsvector('simple', translate(
      coalesce(ticket_uid, '') || ' ' || coalesce(dr_number, '') || ' ' || coalesce(pole_number, '') || ' ' ||
      coalesce(ont_serial, '') || ' ' || coalesce(external_id, '') || ' ' || coalesce(title, '') || ' ' ||
      coalesce(description, ''),
      '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)))) stored,

  check (status <> 'on_hold' or status_facts ? 'hold'),
  check (status in ('open', 'cancelled')
    or assigned_to is not null or assigned_contractor_id is not null or assigned_team is not null)
);

create index idx_tickets_dr on tickets (dr_number);
create index idx_tickets_status on tickets (status);
create index idx_tickets_project on tickets (project_id);
create index idx_tickets_assigned on tickets (assigned_to);
create index idx_tickets_contractor on tickets (assigned_contractor_id);
create index idx_tickets_sla on tickets (sla_due_at) where not sla_breached;
create index idx_tickets_team on tickets (assigned_team);
create index idx_tickets_project_status on tickets (project_id, status) where deleted_at is null;
create index idx_tickets_created_by on tickets (created_by);
create index idx_tickets_overdue on tickets (sla_due_at)
  where deleted_at is null and status in ('open', 'assigned', 'in_progress', 'qa_rejected');
-- one per order a list can be asked for, so that each page is a walk along its index; the expressions are those of ticket-sorts.ts
create index idx_tickets_newest on tickets (created_at, id) where deleted_at is null;
create index idx_tickets_updated on tickets (updated_at, id) where deleted_at is null;
create index idx_tickets_due on tickets (coalesce(sla_due_at, '9999-12-31T00:00:00Z'), id) where deleted_at is null;
create index idx_tickets_by_priority on tickets
  (array_position('{low,normal,high,urgent,critical}', priority::text), id) where deleted_at is null;
create index idx_tickets_by_status on tickets
  (array_position('{open,assigned,in_progress,on_hold,pending_qa,qa_in_progress,qa_rejected,qa_approved,pending_handover,handed_to_maintenance,closed,cancelled}',
                  status::text), id) where deleted_at is null;
create index idx_tickets_by_uid on tickets (lpad(ticket_uid, 20) collate "C", id) where deleted_at is null;
create index idx_tickets_by_dr on tickets (coalesce(dr_number, '~') collate "C", id) where deleted_at is null;
create index idx_tickets_place_dr on tickets (project_id, dr_number) where deleted_at is null;
create index idx_tickets_place_pole on tickets (pole_number, project_id, created_at) where deleted_at is null;
create index idx_tickets_place_pon on tickets (pon_number, project_id, created_at) where deleted_at is null;
create index idx_tickets_place_zone on tickets (zone_no, project_id, created_at) where deleted_at is null;
create index idx_tickets_duplicate_of on tickets (duplicate_of) where duplicate_of is not null;
create index idx_tickets_follow_up_of on tickets (follow_up_of) where follow_up_of is not null;
create index idx_tickets_external on tickets (external_id) where external_id is not null;
create index idx_tickets_search on tickets using gin (search);
-- one open ticket per imported fault, however many imports run at once
create unique index uq_tickets_import_key on tickets (project_id, import_key)
  where import_key is not null and deleted_at is null
    and status in ('open', 'assigned', 'in_progress', 'on_hold', 'pending_qa', 'qa_in_progress', 'qa_rejected',
                   'qa_approved', 'pending_handover');

-- a client's name and numbers, apart so that they can be erased
create table ticket_clients (
  ticket_id uuid primary key references tickets (id) on delete cascade,
  name text,
  phone text,
  email text
);

create table verification_steps (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid not null references tickets (id) on delete cascade,
  step_number integer not null check (step_number between 1 and 12),
  step_key varchar(40) not null check (step_key in
    ('house_front', 'cable_from_pole', 'cable_entry_outside', 'cable_entry_inside', 'wall_before_install',
     'ont_back_after_install', 'work_area_final', 'ont_barcode', 'ups_serial', 'power_meter_reading', 'green_lights',
     'customer_signature')),
  step_name varchar(100) not null,
  step_description text,

  is_complete boolean not null default false,
  done_at timestamptz,
  completed_at timestamptz,
  completed_by text,

  photo_required boolean not null default false,
  photo_url text,
  photo_verified boolean not null default false,
  scanned_value text,
  notes text,

  verdict varchar(20) check (verdict in ('correct', 'incorrect', 'missing')),
  verdict_comment text,
  verdict_by text,
  verdict_at timestamptz,
  version integer not null default 1,

  created_at timestamptz not null default now(),
  unique (ticket_id, step_number),
  unique (ticket_id, step_key)
);
create index idx_verification_ticket on verification_steps (ticket_id);

create table ticket_attachments (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid not null references tickets (id) on delete cascade,

  filename varchar(255) not null,
  file_type varchar(50) check (file_type in ('photo', 'document', 'excel', 'pdf')),
  mime_type varchar(100),
  file_size integer,

  storage_path text not null,
  storage_url text,
  storage_bucket text not null,
  storage_generation text not null,
  sha256 char(64) not null,

  uploaded_by text,
  uploaded_at timestamptz not null default now(),

  verification_step_id uuid references verification_steps (id),
  is_evidence boolean not null default false,

  step_key varchar(40),
  is_current boolean not null default false,
  work_cycle integer not null default 0,
  width integer,
  height integer,
  captured_at timestamptz,
  done_at timestamptz,
  verdicts jsonb not null default '[]',
  overrides jsonb not null default '[]',
  reuse_cleared jsonb,
  seq bigint generated always as identity
);
create index idx_attachments_ticket on ticket_attachments (ticket_id);
create unique index uq_attachments_current on ticket_attachments (verification_step_id)
  where is_current and verification_step_id is not null;

-- every use of every picture, kept when the host's retention job prunes attachments; no foreign key on purpose
create table photo_hashes (
  photo_id uuid primary key,
  sha256 char(64) not null,
  ticket_id uuid not null,
  step_key varchar(40) not null,
  project_id text not null,
  dr_number varchar(50),
  uploaded_at timestamptz not null
);
create index idx_photo_hashes_sha256 on photo_hashes (sha256);

-- how often a picture was used: read with its uses and checked when one is added, so that two uploads at once see each other
create table photo_digests (
  sha256 char(64) primary key,
  uses integer not null
);

create table ticket_notes (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid not null references tickets (id) on delete cascade,

  note_type varchar(20) not null default 'internal' check (note_type in ('internal', 'client', 'system')),
  content text not null,

  created_by text,
  created_at timestamptz not null default now(),
  seq bigint generated always as identity,

  -- every domain event of a ticket is one system note: this table is its timeline
  system_event varchar(50),
  event_data jsonb,
  check ((note_type = 'system') = (system_event is not null))
);
create index idx_notes_ticket on ticket_notes (ticket_id);
create index idx_notes_timeline on ticket_notes (ticket_id, seq desc);

create table qa_readiness_checks (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid not null references tickets (id) on delete cascade,

  passed boolean not null,
  checked_at timestamptz not null default now(),
  checked_by text,

  photos_exist boolean,
  photos_count integer,
  photos_required_count integer,
  photo_quality boolean,
  dr_populated boolean,
  pole_populated boolean,
  pon_populated boolean,
  zone_populated boolean,
  ont_serial_recorded boolean,
  ont_rx_recorded boolean,
  ont_rx_within_limits boolean,
  platforms_aligned boolean,
  fault_attributed boolean,

  failed_checks jsonb,
  results jsonb not null,

  created_at timestamptz not null default now()
);
create index idx_qa_readiness_ticket on qa_readiness_checks (ticket_id);

create table qa_decisions (
  id uuid primary key,
  ticket_id uuid not null references tickets (id) on delete cascade,
  kind varchar(30) not null check (kind in ('approved', 'approved_with_conditions', 'rejected', 'returned_from_gate')),
  decided_at timestamptz not null,
  decided_by text not null,
  codes text[] not null default '{}',
  reason text,
  verdicts jsonb not null default '[]',
  risks jsonb not null default '[]',
  gate_failures jsonb not null default '[]',
  seq bigint generated always as identity
);
create index idx_qa_decisions_ticket on qa_decisions (ticket_id, decided_at);

create table qa_risk_acceptances (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid not null references tickets (id) on delete cascade,

  risk_type varchar(50) not null check (risk_type in
    ('minor_defect', 'documentation_gap', 'pending_material', 'access_pending', 'other')),
  risk_description text not null,
  conditions text,
  steps text[] not null default '{}',

  risk_expiry_date date not null,
  requires_followup boolean not null default true,
  followup_date date,

  status varchar(20) not null default 'active' check (status in ('active', 'resolved', 'expired', 'escalated')),
  resolved_at timestamptz,
  resolved_by text,
  resolution_notes text,
  escalation_ticket_id uuid references tickets (id) on delete restrict,
  reviews jsonb not null default '[]',

  accepted_by text not null,
  accepted_at timestamptz not null default now(),
  seq bigint generated always as identity,

  created_at timestamptz not null default now()
);
create index idx_risk_acceptance_ticket on qa_risk_acceptances (ticket_id);
create index idx_risk_acceptance_expiry on qa_risk_acceptances (risk_expiry_date) where status = 'active';
create index idx_risk_acceptance_unresolved on qa_risk_acceptances (risk_expiry_date, id) where status <> 'resolved';
create index idx_risk_acceptance_followup on qa_risk_acceptances (followup_date, id) where status <> 'resolved';

create table platform_waivers (
  ticket_id uuid not null references tickets (id) on delete cascade,
  platform varchar(20) not null check (platform in ('sow', 'sharepoint', 'tracker')),
  waived_by text not null,
  waived_at timestamptz not null,
  reason text not null,
  primary key (ticket_id, platform)
);

create table ticket_links (
  ticket_id uuid not null references tickets (id) on delete cascade,
  other_id uuid not null references tickets (id) on delete cascade,
  kind varchar(20) not null check (kind in ('related', 'escalation')),
  linked_by text not null,
  linked_at timestamptz not null,
  primary key (ticket_id, other_id, kind),
  check (ticket_id <> other_id)
);
create index idx_ticket_links_other on ticket_links (other_id);

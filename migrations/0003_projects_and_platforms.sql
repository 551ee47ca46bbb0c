-- What holds for a whole project: its settings, its guarantee, its people, and what SOW, SharePoint and tracker say.

-- facts_version moves whenever settings or platform records change; whoever judged by older facts is refused
create table project_settings (
  project_id text primary key,
  settings jsonb not null default '{}',
  -- 0: nobody has set anything, the defaults hold
  version integer not null default 0,
  facts_version bigint not null default 1,
  updated_at timestamptz not null default now(),
  updated_by text
);

create table project_settings_history (
  project_id text not null,
  version integer not null,
  settings jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (project_id, version)
);

create table guarantee_periods (
  id uuid primary key default gen_random_uuid(),
  project_id text not null unique,
  installation_guarantee_days integer not null default 90 check (installation_guarantee_days between 0 and 3650),
  material_guarantee_days integer not null default 365 check (material_guarantee_days between 0 and 3650),
  contractor_liable_during_guarantee boolean not null default true,
  auto_classify_out_of_guarantee boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table drop_installations (
  project_id text not null,
  dr_number varchar(50) not null,
  installed_on date not null,
  source text not null default 'entered' check (source in ('entered', 'host_drops')),
  -- where whoever entered it has it from
  said_source text not null,
  recorded_by text not null,
  recorded_at timestamptz not null,
  version integer not null default 1,
  -- what it said before, oldest first
  earlier jsonb not null default '[]',
  primary key (project_id, dr_number)
);

create table platform_imports (
  id uuid primary key,
  project_id text not null,
  platform varchar(20) not null check (platform in ('sow', 'sharepoint', 'tracker')),
  filename text not null,
  file_sha256 char(64) not null,
  layout jsonb not null,
  carries text[] not null,
  rows_read integer not null,
  rows_kept integer not null,
  drops integer not null,
  repeated_drops integer not null,
  spares integer not null,
  problem_count integer not null,
  problems jsonb not null default '[]',
  tickets_rechecked integer not null default 0,
  tickets_fallen_back integer not null default 0,
  tickets_reset integer not null default 0,
  imported_by text not null,
  imported_at timestamptz not null
);
create index idx_platform_imports_latest on platform_imports (project_id, platform, imported_at desc);

-- the workbook that stands for a platform now; a platform without a row here is not connected
create table platform_connections (
  project_id text not null,
  platform varchar(20) not null check (platform in ('sow', 'sharepoint', 'tracker')),
  carries text[] not null,
  import_id uuid not null references platform_imports (id),
  imported_at timestamptz not null,
  primary key (project_id, platform)
);

create table platform_records (
  project_id text not null,
  platform varchar(20) not null,
  dr_number varchar(50) not null,
  row_no integer not null,
  pole_number varchar(50),
  pon_number varchar(50),
  zone_no varchar(50),
  ont_serial varchar(100),
  installed_on date,
  spare boolean not null default false,
  status text,
  address text,
  latitude double precision,
  longitude double precision,
  as_of timestamptz not null,
  primary key (project_id, platform, dr_number, row_no)
);
create index idx_platform_records_pole on platform_records (project_id, pole_number) where platform = 'sow';

create table directory_projects (
  id text primary key,
  code varchar(20) not null unique,
  name text not null,
  manager_id text,
  group_id text
);
create table directory_contractors (
  id text primary key,
  name text not null,
  phone text,
  group_id text,
  is_own boolean not null default false
);
create table directory_people (
  id text primary key,
  name text not null,
  role varchar(20) not null check (role in
    ('technician', 'contractor', 'qa', 'qa_lead', 'manager', 'admin', 'viewer', 'service')),
  contractor_id text references directory_contractors (id),
  phone text,
  email text
);
create index idx_directory_people_contractor on directory_people (contractor_id);
create table directory_teams (
  id text primary key,
  name text not null,
  contractor_id text references directory_contractors (id),
  member_ids text[] not null default '{}',
  phone text,
  group_id text
);

create table repeat_fault_escalations (
  id uuid primary key default gen_random_uuid(),
  scope_type varchar(20) not null check (scope_type in ('pole', 'pon', 'zone', 'dr')),
  scope_value varchar(100) not null,
  project_id text not null,
  fault_count integer not null,
  fault_threshold integer not null,
  window_days integer not null,
  contributing_tickets jsonb not null default '[]',
  escalation_ticket_id uuid references tickets (id) on delete restrict,
  escalation_type varchar(30) check (escalation_type in ('investigation', 'inspection', 'replacement')),
  status varchar(20) not null default 'open' check (status in ('open', 'investigating', 'resolved', 'no_action')),
  investigating_since timestamptz,
  resolution_notes text,
  resolved_at timestamptz,
  resolved_by text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  check (status <> 'investigating' or investigating_since is not null),
  check ((status in ('resolved', 'no_action')) = (resolved_at is not null))
);
create index idx_escalation_scope on repeat_fault_escalations (scope_type, scope_value);
create index idx_escalation_newest on repeat_fault_escalations (created_at desc, id desc);
create unique index uq_escalation_ticket on repeat_fault_escalations (escalation_ticket_id);
-- when counting last started again
create index idx_escalation_ended on repeat_fault_escalations (project_id, scope_type, scope_value, resolved_at)
  where resolved_at is not null;
-- one open escalation per scope and project, also when two faults arrive at the same moment
create unique index uq_escalation_open on repeat_fault_escalations (project_id, scope_type, scope_value)
  where status in ('open', 'investigating');

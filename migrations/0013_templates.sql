-- What each project's messages say in words of its own, by kind; the built-in text stands for every kind that is not there.
create table project_templates (
  project_id text primary key,
  version integer not null check (version > 0),
  templates jsonb not null check (jsonb_typeof(templates) = 'object'),
  updated_at timestamptz not null,
  updated_by text not null
);

export const CANARY = 'CANARY'

/** Rows with a client's data under the name of the drop $1 of the project `lawley`, that need no ticket. */
export const BESIDE_DROP: ReadonlyArray<string> = [
  `insert into platform_records (project_id, platform, dr_number, row_no, address, latitude, longitude, as_of)
  values ('lawley', 'sow', $1, 1, '${CANARY}', -26.123456, 27.654321, now())`,
  `insert into drop_installations (project_id, dr_number, installed_on, said_source, recorded_by, recorded_at, earlier)
  values ('lawley', $1, '2026-01-01', '${CANARY}', 'mpho', now(), '[{"source": "${CANARY}", "installed_on": "2026-01-02"}]')`,
  `insert into repeat_fault_escalations (scope_type, scope_value, project_id, fault_count, fault_threshold, window_days,
    status, resolved_at, resolution_notes) values ('dr', $1, 'lawley', 3, 3, 30, 'resolved', now(), '${CANARY}')`,
  `with upload as (insert into weekly_report_uploads (id) values (gen_random_uuid()) returning id),
  report as (insert into weekly_reports (id, report_uid, week_number, year, report_date, project_id, file_sha256, layout)
    select id, 'WR-' || substr(id::text, 1, 8), 1, 2026, '2026-01-04', 'lawley', md5(id::text) || md5(id::text), 'flat' from upload returning id)
  insert into weekly_report_rows (report_id, line_no, row_no, line, personal, fate, reason)
  select id, 1, 1, jsonb_build_object('dr', $1::text, 'description', '${CANARY}', 'reason', '${CANARY}',
    'values', '{"comment": "${CANARY}"}'::jsonb, 'problems', '[{"value": "${CANARY}"}]'::jsonb),
    '{"clientName": "${CANARY}"}', 'invalid', 'no serial' from upload`,
]

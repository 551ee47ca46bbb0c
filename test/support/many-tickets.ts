import type { Queryable } from '../../src/adapters/contract/pool.ts'
import { LIVE_STATES } from '../../src/application/ticket/clock-states.ts'

/** The moment the generated tickets are looked at. */
export const LOOKED_AT = '2026-11-22T20:15:00.000Z'

const TICKETS = `
insert into tickets (source, title, description, ticket_type, priority, status, dr_number, project_id, zone_no, pole_number,
  pon_number, address, assigned_to, assigned_contractor_id, assigned_team, guarantee_status, qa_ready, last_check,
  fault_cause, rectification_count, sla_due_at, sla_response_due_at, sla_first_response_at, sla_breached, created_at,
  created_by, updated_at, paperwork, status_facts, status_history)
select case when n % 3 = 0 then 'weekly_report' when n % 3 = 1 then 'qcontact' else 'manual' end,
  'No link light, case ' || n, 'RX level dropped after the storm; client reports a blinking red light on the ONT. Reported again ' || n,
  case when n % 7 = 0 then 'new_installation' when n % 11 = 0 then 'incident' else 'maintenance' end,
  (array['low', 'normal', 'normal', 'high', 'urgent', 'critical'])[1 + n % 6],
  s.status, 'DR' || (1700000 + n % 23708), 'project-' || n % 6, (n % 24)::text, 'LAW.P.A' || lpad((n % 4000)::text, 4, '0'),
  (n % 212)::text, n || ' Main Road, Lawley',
  case when s.status <> 'open' then 'technician-' || n % 40 end,
  case when s.status <> 'open' then 'contractor-' || n % 8 end,
  case when s.status <> 'open' and n % 2 = 0 then 'team-' || n % 16 end,
  'under_guarantee', s.status in ('pending_qa', 'closed'),
  case when n % 4 > 0 then jsonb_build_object('id', n, 'at', '2026-11-01T08:00:00.000Z', 'by', 'x', 'passed', n % 4 = 3,
    'results', jsonb_build_array(
      jsonb_build_object('check', 'photos_exist', 'outcome', case when n % 4 = 3 then 'passed' else 'failed' end,
        'expected', 'every required step', 'actual', '3', 'sentence', 'Three are missing.'),
      jsonb_build_object('check', 'platforms_aligned', 'outcome', case when n % 4 = 1 then 'failed' else 'passed' end,
        'expected', 'the same', 'actual', 'another pole', 'sentence', 'They differ.'))) end,
  (array['workmanship', 'material_failure', 'unknown', 'environmental', 'vandalism'])[1 + n % 5],
  case when n % 97 = 0 then 4 else n % 3 end,
  m.at + interval '3 days', m.at + interval '18 hours', case when s.status <> 'open' then m.at + interval '5 hours' end,
  n % 9 = 0, m.at, 'manager-' || n % 4, m.at + interval '1 day', n % 25 = 0,
  case when s.status = 'on_hold' then '{"hold": {}}'::jsonb else '{}' end,
  jsonb_build_array(jsonb_build_object('at', m.at, 'status', 'open'), jsonb_build_object('at', m.at, 'status', s.status))
from generate_series(1, $1::int) n,
  lateral (select case when n % 10 < 8 then 'closed' else (array['open', 'assigned', 'in_progress', 'on_hold', 'pending_qa',
    'qa_in_progress', 'qa_rejected', 'qa_approved', 'pending_handover', 'handed_to_maintenance', 'cancelled'])[1 + n / 10 % 11]
    end as status) s,
  lateral (select $2::timestamptz - make_interval(mins => (n::bigint * 7919 % 525600)::int) as at) m`

const STEPS = `
insert into verification_steps (ticket_id, step_number, step_key, step_name, is_complete, photo_required)
select t.id, k.n, k.key, k.key, k.n <= 7, k.n in (7, 10, 11)
from tickets t, unnest(array['house_front', 'cable_from_pole', 'cable_entry_outside', 'cable_entry_inside',
  'wall_before_install', 'ont_back_after_install', 'work_area_final', 'ont_barcode', 'ups_serial', 'power_meter_reading',
  'green_lights', 'customer_signature']) with ordinality k(key, n)
where t.status = any($1::text[]) or $1::text[] is null`

const REST = `
insert into ticket_clients (ticket_id, name, phone) select id, 'Client ' || ticket_uid, '+27820000000' from tickets;
insert into qa_risk_acceptances (ticket_id, risk_type, risk_description, risk_expiry_date, accepted_by)
select id, 'minor_defect', 'Conduit still to be painted', '2026-11-10'::date + (rectification_count * 7), 'lead'
from tickets where status in ('qa_approved', 'pending_handover');
insert into ticket_attachments (ticket_id, filename, file_type, storage_path, storage_bucket, storage_generation, sha256, is_evidence)
select id, 'photo.jpg', 'photo', 'p/' || id, 'bucket', '1', repeat('a', 64), true from tickets where fault_cause = 'workmanship'
  and rectification_count > 0;
insert into repeat_fault_escalations (scope_type, scope_value, project_id, fault_count, fault_threshold, window_days)
select 'pole', 'LAW.P.A' || n, 'project-1', 4, 3, 90 from generate_series(1, 40) n;
analyze`

/** Fills a migrated, empty database with tickets as they lie after some years: four of five closed. */
export const manyTickets = async (pool: Queryable, count: number, stepsOf: 'all' | 'live' = 'live'): Promise<void> => {
  await pool.query(TICKETS, [count, LOOKED_AT])
  await pool.query(STEPS, [stepsOf === 'all' ? null : LIVE_STATES])
  await pool.query(REST)
}

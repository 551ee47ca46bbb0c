import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { problemOf } from '../../src/adapters/http/problem.ts'
import { takenField } from '../../src/adapters/http/taken-field.ts'
import { describeOn } from '../support/databases.ts'
import { assigned, sendPhoto } from '../support/field-photos.ts'
import { type Api, apiOn } from '../support/http-api.ts'
import { jpeg } from '../support/pictures.ts'

/** Unique by what we number, derive or replace ourselves: no request can run into one of these. */
const OURS = new Set([
  'dead_letter_decisions_pkey',
  'dead_letters_pkey',
  'dead_letters_reaction_event_id_key',
  'directory_contractors_pkey',
  'directory_people_pkey',
  'directory_projects_pkey',
  'directory_teams_pkey',
  'drop_installations_pkey',
  'guarantee_periods_pkey',
  'guarantee_periods_project_id_key',
  'handled_events_pkey',
  'handover_snapshots_pkey',
  'handover_snapshots_project_id_prev_hash_key',
  'handover_snapshots_project_id_seq_key',
  'notification_control_pkey',
  'notification_ledger_pkey',
  'objects_to_erase_pkey',
  'outbox_event_id_key',
  'outbox_pkey',
  'photo_digests_pkey',
  'photo_hashes_photo_no_key',
  'platform_connections_pkey',
  'platform_imports_pkey',
  'platform_records_pkey',
  'platform_waivers_pkey',
  'project_settings_history_pkey',
  'project_settings_pkey',
  'project_templates_pkey',
  'qa_decisions_pkey',
  'qcontact_sync_log_pkey',
  'relay_clock_pkey',
  'repeat_fault_escalations_pkey',
  'signing_keys_pkey',
  'sla_watch_pkey',
  'snapshot_anchor_stamps_pkey',
  'snapshot_anchors_pkey',
  'snapshot_chains_pkey',
  'snapshot_openings_pkey',
  'subject_erasures_pkey',
  'subject_exports_pkey',
  'subject_keys_pkey',
  'sync_cases_pkey',
  'sync_cases_ticket_id_key',
  'sync_conflicts_pkey',
  'sync_hints_pkey',
  'sync_notes_pkey',
  'sync_personal_pkey',
  'sync_run_cases_pkey',
  'sync_runs_pkey',
  'sync_sightings_pkey',
  'sync_tenants_pkey',
  'sync_troubles_pkey',
  'ticket_clients_pkey',
  'ticket_links_pkey',
  'ticketing_migration_checksums_pkey',
  'ticketing_migrations_pkey',
  'tickets_ticket_uid_key',
  'timed_marks_pkey',
  'uq_escalation_open',
  'uq_escalation_ticket',
  'uq_notification',
  'uq_sync_conflicts_open',
  'uq_whatsapp_sends_message',
  'verification_steps_pkey',
  'verification_steps_ticket_id_step_key_key',
  'verification_steps_ticket_id_step_number_key',
  'waha_events_pkey',
  'weekly_report_rows_pkey',
  'weekly_report_uploads_pkey',
  'weekly_reports_pkey',
  'weekly_reports_report_uid_key',
  'whatsapp_contacts_pkey',
  'whatsapp_notifications_pkey',
  'whatsapp_send_parts_pkey',
  'whatsapp_sends_pkey',
])

for (const engine of ['pglite', 'postgres'] as const)
  describeOn(engine, 'what is there already', () => {
    let api: Api
    beforeAll(async () => {
      api = await apiOn(engine)
    })
    afterAll(() => api.close())

    let seed = 4_000
    const photo = async (ticketId: string, id: string) => {
      seed += 1
      const picture = await jpeg({ seed, width: 800, height: 600 })
      return sendPhoto(api, ticketId, id, picture)
    }
    const paper = async (ticketId: string, id: string) =>
      api
        .as('naledi')
        .upload(`/tickets/${ticketId}/attachments`)
        .field('id', id)
        .attach('file', Buffer.from('%PDF-1.4\n%%EOF\n'), 'plan.pdf')
    const note = (ticketId: string, id: string) =>
      api.as('naledi').post(`/tickets/${ticketId}/notes`, { id, content: `of ${ticketId}` })
    const run = (ticketId: string, id: string) =>
      api.as('thabo').post(`/tickets/${ticketId}/qa-readiness-check`, { id })
    const risk = async (ticketId: string, id: string) => {
      const approved = { approvedBy: 'lerato', approvedAt: api.clock.now, conditions: [] }
      await api.pool.query("update tickets set status = 'qa_approved', status_facts = $2 where id = $1", [
        ticketId,
        JSON.stringify(approved),
      ])
      const { version } = (await api.as('zanele').get(`/tickets/${ticketId}`)).body.data
      return api.as('zanele').change(`/tickets/${ticketId}/risk-acceptance`, version, {
        id,
        risk_type: 'minor_defect',
        risk_description: 'The label is missing',
        risk_expiry_date: '2026-03-20',
      })
    }

    it.each([
      ['a photo', photo, 201],
      ['a document', paper, 201],
      ['a note', note, 201],
      ['a readiness run', run, 200],
      ['a risk acceptance', risk, 201],
    ] as const)('%s under the id of another ticket’s is refused by the field id', async (_, send, done) => {
      const [one, other] = [await assigned(api), await assigned(api)]
      const id = randomUUID()
      expect((await send(one.id, id)).status).toBe(done)
      const refused = await send(other.id, id)
      expect([refused.status, refused.body.error.code]).toEqual([409, 'CONFLICT'])
      expect(refused.body.error.details).toMatchObject({ rule: 'AlreadyExists', constraint: 'id' })
    })

    it('a ticket under the id of another is refused by the field id', async () => {
      const { id } = await assigned(api)
      const refused = await api
        .as('naledi')
        .post('/tickets', { id, project_id: 'lawley', ticket_type: 'modification', title: 'x', dr_number: 'DR1729500' })
      expect([refused.status, refused.body.error.details]).toEqual([409, { rule: 'AlreadyExists', constraint: 'id' }])
    })

    it('is named by a field of the request for every unique rule of the schema, and never by that rule', async () => {
      const { rows } = await api.pool.query<{ name: string }>(`
        select c.relname as name from pg_index i
          join pg_class c on c.oid = i.indexrelid
          join pg_namespace n on n.oid = c.relnamespace
        where i.indisunique and n.nspname = 'public'`)
      const names = rows.map(({ name }) => name)
      expect(names.length).toBeGreaterThan(40)
      expect(names.filter((name) => OURS.has(name) === (takenField(name) !== null))).toEqual([])
      expect([...OURS].filter((name) => !names.includes(name) && !name.startsWith('ticketing_migration'))).toEqual([])
      for (const name of names)
        expect(JSON.stringify(problemOf({ type: 'AlreadyExists', constraint: name }).details)).not.toContain(name)
    })
  })

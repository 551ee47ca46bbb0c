/** What a caller can have sent that was there already, by the database's name of the rule. */
const FIELDS: Readonly<Record<string, string>> = {
  tickets_pkey: 'id',
  ticket_notes_pkey: 'id',
  ticket_attachments_pkey: 'id',
  photo_hashes_pkey: 'id',
  qa_readiness_checks_pkey: 'id',
  qa_risk_acceptances_pkey: 'id',
  uq_tickets_import_key: 'external_id',
  uq_attachments_current: 'step',
  directory_projects_code_key: 'code',
  uq_weekly_reports_file: 'file',
  // Notes and documents are compared by their content, so their store names the field itself.
  id: 'id',
}

/** The field of the request that a unique constraint is about; null when no request decides what it holds. */
export const takenField = (constraint: string): string | null => FIELDS[constraint] ?? null

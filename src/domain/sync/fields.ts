/** What the two sides share about a case, by our names. */
export const SYNC_FIELDS = [
  'status',
  'assignee',
  'client_name',
  'client_phone',
  'client_email',
  'address',
  'description',
  'dr_number',
  'ont_serial',
] as const
export type SyncField = (typeof SYNC_FIELDS)[number]

/** Fields that say who or where a client is: kept apart, so that they can be erased, and shown in no log. */
const PERSONAL_FIELDS = ['client_name', 'client_phone', 'client_email', 'address', 'description'] as const
export const isPersonal = (field: SyncField): boolean => (PERSONAL_FIELDS as ReadonlyArray<string>).includes(field)

/** Facts that readiness depends on: frozen from QA on. */
export const isFact = (field: SyncField): boolean => field === 'dr_number' || field === 'ont_serial'

/** A value in the remote alphabet; null is nothing. */
export type Value = string | null

/** A field left out is not known on that side and is left alone. */
export type Values = { readonly [F in SyncField]?: Value }

/** Which way a field goes, and whose word counts when both sides changed it. */
export type FieldRule = {
  readonly field: SyncField
  readonly direction: 'in' | 'out' | 'both'
  readonly owner: 'local' | 'remote'
}

/** Client data is QContact's; workflow and the facts of the network are ours. */
export const FIELD_RULES: ReadonlyArray<FieldRule> = [
  { field: 'status', direction: 'both', owner: 'local' },
  { field: 'assignee', direction: 'both', owner: 'local' },
  { field: 'client_name', direction: 'in', owner: 'remote' },
  { field: 'client_phone', direction: 'in', owner: 'remote' },
  { field: 'client_email', direction: 'in', owner: 'remote' },
  { field: 'address', direction: 'in', owner: 'remote' },
  { field: 'description', direction: 'in', owner: 'remote' },
  { field: 'dr_number', direction: 'in', owner: 'local' },
  { field: 'ont_serial', direction: 'in', owner: 'local' },
]

import { z } from 'zod'
import { FIELD_RULES, type FieldRule, SYNC_FIELDS, type SyncField } from '../../domain/sync/fields.ts'
import { REMOTE_STATUSES, STATUS_MAPS } from '../../domain/sync/status-map.ts'
import { STATUSES, TICKET_TYPES } from '../../domain/ticket/ticket.ts'

const name = z.string().regex(/^\w{1,100}$/, 'letters, digits and _')
const path = z.string().regex(/^\w+(\.\w+){0,5}$/, 'names with dots between, such as relationships.contact.label')
const remoteId = z.string().regex(/^[\w.@:-]{1,100}$/, 'an id of QContact')
const writable = z.enum(REMOTE_STATUSES, { error: `one of ${REMOTE_STATUSES.join(', ')}, letter for letter` })

const whole = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, error).max(most, error)
}

const field = z
  .strictObject({
    local: z.enum(SYNC_FIELDS),
    read: path,
    /** The name under `fields` in a write; null where nothing is written. */
    write: name.nullable(),
    direction: z.enum(['in', 'out', 'both']),
    owner: z.enum(['local', 'remote']),
  })
  .refine(({ direction, write }) => direction === 'in' || write !== null, 'given a name to write where it goes out')
export type MappedField = z.output<typeof field>

const WHERE: { readonly [F in SyncField]: readonly [read: string, write: string | null] } = {
  status: ['fields.status', 'status'],
  assignee: ['relationships.assigned_to.id', 'assigned_to'],
  client_name: ['relationships.contact.label', null],
  client_phone: ['fields.telephone', null],
  client_email: ['fields.email', null],
  address: ['fields.address', null],
  description: ['fields.description', null],
  dr_number: ['relationships.c__dr_number.label', null],
  ont_serial: ['fields.c__serial_number', null],
}

const usual: ReadonlyArray<MappedField> = FIELD_RULES.map(({ field: local, direction, owner }: FieldRule) => ({
  local,
  read: WHERE[local][0],
  write: WHERE[local][1],
  direction,
  owner,
}))

const statusOut = z
  .strictObject(
    Object.fromEntries(STATUSES.map((status) => [status, writable])) as Record<
      (typeof STATUSES)[number],
      typeof writable
    >,
  )
  .default(STATUS_MAPS.out)

const assignee = z.union([
  z.strictObject({ remote: remoteId, technician: z.string().min(1).max(255) }),
  z.strictObject({ remote: remoteId, contractor: z.string().min(1).max(255) }),
  z.strictObject({ remote: remoteId, team: z.string().min(1).max(255) }),
])

/** One tenant of QContact, as its file describes it. Everything but its address has a usual value. */
export const qcontactConfiguration = z.strictObject({
  tenant: z.string().regex(/^[a-z0-9-]{1,63}$/, 'the name of the tenant: small letters, digits and -'),
  baseUrl: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an http or https address')
    .refine(
      (text) => !URL.canParse(text) || isSafe(new URL(text)),
      'an https address; http only to this very machine, since a password is sent there',
    )
    .transform((text) => text.replace(/\/+$/, '')),
  filters: z
    .array(
      z.strictObject({
        // Unfortunately not_equals answers 500 and so does not exist here.
        operator: z.enum(['all', 'any']),
        conditions: z
          .array(
            z.strictObject({
              name,
              value: z.union([z.string().max(255), z.number()]),
              operator: z.literal('equals', { error: 'equals' }),
            }),
          )
          .min(1)
          .max(20),
      }),
    )
    .max(10)
    .default([]),
  pageSize: whole(1, 200).default(50),
  pollSeconds: whole(60, 86_400).default(900),
  timeoutMs: whole(100, 300_000).default(30_000),
  /** Calls a minute, over all processes. */
  budgetPerMinute: whole(1, 100_000).default(120),
  fields: z
    .array(field)
    .min(1)
    .refine((fields) => new Set(fields.map(({ local }) => local)).size === fields.length, 'each field once')
    .refine((fields) => fields.some(({ local }) => local === 'status'), 'with the status among them')
    .default([...usual]),
  statusOut,
  statusAlias: z.record(z.string().max(100), writable).default({ ...STATUS_MAPS.alias }),
  assignees: z
    .array(assignee)
    .max(10_000)
    .refine((all) => new Set(all.map(({ remote }) => remote)).size === all.length, 'each id of QContact once')
    .default([]),
  notes: z
    .strictObject({
      strategy: z.enum(['entity', 'field', 'none']).default('entity'),
      /** The text field that is written to where notes may not be made. */
      field: name.default('c__update'),
    })
    .default({ strategy: 'entity', field: 'c__update' }),
  category: path.default('fields.category'),
  reference: path.default('fields.reference'),
  types: z.record(z.string().max(100), z.enum(TICKET_TYPES)).default({
    ONTMove: 'ont_swap',
    'New Installation': 'new_installation',
    Maintenance: 'maintenance',
  }),
  project: z.string().min(1).max(255).default('unassigned'),
  /** How its change log names us, where that is not the address we sign in with. */
  ourUser: z.string().max(255).nullable().default(null),
})
export type QContactConfiguration = z.output<typeof qcontactConfiguration>

const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)

/** A case as the stand-in keeps it. */
export type StandInCase = {
  readonly id: number
  label: string
  readonly created_at: string
  updated_at: string
  readonly fields: Record<string, unknown>
  readonly relationships: Record<string, { readonly id: number | string; readonly label: string } | null>
  /** Newest last. */
  readonly events: Array<{
    readonly id: number
    readonly event_type: string
    readonly formatted_changes: ReadonlyArray<{ field: string; old_value: unknown; new_value: unknown }>
    readonly subtitle: string | null
    readonly public_note: boolean
    readonly pinned: boolean
    readonly user: { readonly email: string }
    readonly raised_at: string
  }>
}

type Said = string | number | null
/** What a form says of a field: text, a number, or nothing. */
const sayable = (value: unknown): Said => (typeof value === 'string' || typeof value === 'number' ? value : null)

export type NewCase = {
  readonly reference?: string
  readonly label?: string
  readonly status?: string
  readonly category?: string
  readonly assignee?: string
  readonly dr?: string
  readonly fields?: Readonly<Record<string, unknown>>
  readonly contact?: string
}

/** What may be written as a status, letter for letter. */
const WRITABLE = [
  'Open',
  'Assigned',
  'InProgress',
  'Escalated',
  'InReview',
  'Reviewed',
  'Pending Company Response',
  'Solved',
]

/** Ids do not fit in 32 bits. */
const FIRST_ID = 40_000_000_000

/** The cases of the stand-in: what its people do there, and what is asked of it over the wire. */
export const standInCases = (firstId: number = FIRST_ID) => {
  const cases = new Map<number, StandInCase>()
  let nextId = firstId
  let nextEvent = 70_000_000_000
  let ticks = Date.parse('2026-01-05T06:00:00.000Z')
  const moment = (): string => {
    ticks += 1
    return new Date(ticks).toISOString()
  }
  const known = (id: number | string): StandInCase => {
    const found = cases.get(Number(id))
    if (found === undefined) throw new Error(`no case ${id} here`)
    return found
  }
  const note = (one: StandInCase, user: string, text: string, isPublic: boolean): number => {
    one.events.push({
      id: ++nextEvent,
      event_type: 'note',
      formatted_changes: [],
      subtitle: text,
      public_note: isPublic,
      pinned: false,
      user: { email: user },
      raised_at: moment(),
    })
    return nextEvent
  }
  /** Writes fields as somebody; gives what it refuses, by name. */
  const write = (one: StandInCase, user: string, fields: Readonly<Record<string, unknown>>): string | null => {
    const status = fields.status
    if (status !== undefined && !(typeof status === 'string' && WRITABLE.includes(status))) return 'status'
    set(one, user, fields)
    return null
  }
  const set = (one: StandInCase, user: string, fields: Readonly<Record<string, unknown>>): void => {
    const changes = Object.entries(fields).flatMap(([field, said]) => {
      const value = sayable(said)
      const before = sayable(field === 'assigned_to' ? one.relationships.assigned_to?.id : one.fields[field])
      if (before === value || String(before) === String(value)) return []
      if (field === 'assigned_to')
        one.relationships.assigned_to = value === null ? null : { id: value, label: `Agent ${value}` }
      else one.fields[field] = value
      return [{ field, old_value: before, new_value: value }]
    })
    one.updated_at = moment()
    if (changes.length > 0)
      one.events.push({
        id: ++nextEvent,
        event_type: 'update',
        formatted_changes: changes,
        subtitle: null,
        public_note: false,
        pinned: false,
        user: { email: user },
        raised_at: one.updated_at,
      })
  }
  return {
    all: (): ReadonlyArray<StandInCase> => [...cases.values()],
    known,
    find: (id: string): StandInCase | undefined => cases.get(Number(id)),
    add: (said: NewCase = {}): string => {
      nextId += 7
      const reference = said.reference ?? `FT${String(100_000 + (((nextId - firstId) / 7) % 900_000))}`
      const at = moment()
      cases.set(nextId, {
        id: nextId,
        label: said.label ?? `Connection Issue ${reference}`,
        created_at: at,
        updated_at: at,
        fields: {
          status: said.status ?? 'Open',
          category: said.category ?? 'Connectivity::ONT/Gizzu',
          reference: null,
          ...said.fields,
        },
        relationships: {
          contact: said.contact === undefined ? null : { id: nextId + 1, label: said.contact },
          assigned_to: said.assignee === undefined ? null : { id: said.assignee, label: `Agent ${said.assignee}` },
          c__dr_number: said.dr === undefined ? null : { id: nextId + 2, label: said.dr },
        },
        events: [],
      })
      return String(nextId)
    },
    remove: (id: string): void => {
      cases.delete(Number(id))
    },
    /** Somebody at QContact changes a case; any status that can be read, also one that cannot be written. */
    change: (id: string, fields: Readonly<Record<string, unknown>>, user = 'agent@client.example'): void => {
      const one = known(id)
      const { status, dr, contact, ...others } = fields
      set(one, user, others)
      if (status !== undefined) set(one, user, { status })
      if (dr !== undefined) one.relationships.c__dr_number = dr === null ? null : { id: 1, label: String(sayable(dr)) }
      if (contact !== undefined)
        one.relationships.contact = contact === null ? null : { id: 2, label: String(sayable(contact)) }
      one.updated_at = moment()
    },
    write,
    note,
  }
}
export type StandInCases = ReturnType<typeof standInCases>

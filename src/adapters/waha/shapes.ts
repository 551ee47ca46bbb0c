/** Looks into what engines and versions answer, whose shapes differ from each other and from WAHA's own document. */
export const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  )

/** WhatsApp's own ids are letters and digits. */
const BARE = /^[A-Za-z0-9.-]{4,100}$/

const bare = (value: unknown): string | null => (typeof value === 'string' && BARE.test(value) ? value : null)

/** `true_<chat>_<id>` or `true_<group>_<id>_<participant>`; chat and participant change between answer and acks, the id does not. */
const inSerialized = (value: unknown): string | null => {
  if (typeof value !== 'string') return null
  return value.includes('_') ? bare(value.split('_')[2]) : bare(value)
}

/** The id that stays the same, from whatever an engine calls a message; null where there is none. */
export const messageIdIn = (body: unknown): string | null =>
  inSerialized(at(body, 'id')) ??
  bare(at(body, 'id', 'id')) ??
  bare(at(body, 'key', 'id')) ??
  bare(at(body, '_data', 'id', 'id')) ??
  bare(at(body, '_data', 'Info', 'ID'))

/** Whether we sent it ourselves. */
export const isFromUs = (body: unknown): boolean => {
  const said = at(body, 'fromMe') ?? at(body, 'id', 'fromMe') ?? at(body, 'key', 'fromMe')
  if (typeof said === 'boolean') return said
  const id = at(body, 'id')
  return typeof id === 'string' && id.startsWith('true_')
}

/** -1 to 4, or null. */
export const ackIn = (body: unknown): number | null => {
  const ack = at(body, 'ack')
  return typeof ack === 'number' && Number.isInteger(ack) && ack >= -1 && ack <= 4 ? ack : null
}

/** A chat id as it may be sent to; null for anything else. */
export const chatIdIn = (value: unknown): string | null => {
  if (typeof value !== 'string') return null
  const [, name, server] = /^(\d{5,30})(?::\d+)?@(c\.us|s\.whatsapp\.net|lid)$/.exec(value) ?? []
  return name === undefined ? null : `${name}@${server === 'lid' ? 'lid' : 'c.us'}`
}

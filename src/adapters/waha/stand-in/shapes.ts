/** WAHA's engines, each with its own shapes on the wire. */
export type Engine = 'NOWEB' | 'GOWS' | 'WEBJS'

export type StandInMessage = {
  readonly id: string
  readonly chatId: string
  readonly text: string
  readonly at: number
  ack: number
}

const ACK_NAMES = ['PENDING', 'SERVER', 'DEVICE', 'READ', 'PLAYED']
const ackName = (ack: number): string => (ack === -1 ? 'ERROR' : (ACK_NAMES[ack] ?? 'UNKNOWN'))

/** The 201 of sendText. */
export const sent = (engine: Engine, { id, chatId, text, at }: StandInMessage): unknown => {
  const serialized = `true_${chatId}_${id}`
  switch (engine) {
    case 'NOWEB':
      return {
        key: { remoteJid: chatId.replace('@c.us', '@s.whatsapp.net'), fromMe: true, id },
        message: { extendedTextMessage: { text } },
        messageTimestamp: String(Math.floor(at / 1_000)),
        status: 'PENDING',
      }
    case 'GOWS':
      return { id: serialized, _data: { Info: { ID: id } } }
    case 'WEBJS':
      return {
        _data: { id: { fromMe: true, remote: chatId, id, $1: serialized } },
        id: { fromMe: true, remote: chatId, id, $1: serialized },
        ack: 0,
        timestamp: Math.floor(at / 1_000),
        from: '27820000000@c.us',
        to: chatId,
        body: text,
      }
  }
}

export type AckForm = {
  /** The chat as a hidden id instead of the number. */
  readonly asLid?: boolean
  /** Who of a group it comes from. */
  readonly participant?: string
  readonly fromMe?: boolean
  readonly error?: object
}

/** The payload of an ack. */
export const acked = (engine: Engine, message: StandInMessage, ack: number, form: AckForm): object => {
  const chat = form.asLid === true ? '123456789012345@lid' : message.chatId
  const fromMe = form.fromMe ?? true
  const tail = form.participant === undefined ? '' : `_${form.participant}`
  const payload = {
    id: `${fromMe}_${chat}_${message.id}${tail}`,
    from: chat,
    fromMe,
    ack,
    ackName: ackName(ack),
    ...(form.error === undefined ? {} : { error: form.error }),
  }
  switch (engine) {
    case 'NOWEB':
      return payload
    case 'GOWS':
      return { ...payload, to: null, participant: form.participant ?? null, _data: { Info: { ID: message.id } } }
    case 'WEBJS':
      return {
        ...payload,
        to: message.chatId,
        timestamp: Math.floor(message.at / 1_000),
        body: message.text,
        _data: {},
      }
  }
}

/** A message as a look-up gives it. */
export const lookedUp = (message: StandInMessage): object => ({
  id: `true_${message.chatId}_${message.id}`,
  timestamp: Math.floor(message.at / 1_000),
  from: '27820000000@c.us',
  fromMe: true,
  source: 'api',
  to: message.chatId,
  body: message.text,
  hasMedia: false,
  ack: message.ack,
  ackName: ackName(message.ack),
})

/** What an engine that threw looks like: it says number and text back. */
export const thrown = (said: string, body: unknown): object => ({
  statusCode: 500,
  timestamp: new Date().toISOString(),
  exception: { message: said, name: 'Error', stack: `Error: ${said}\n    at Session.sendText` },
  request: { path: '/api/sendText', method: 'POST', body, query: {} },
  version: { version: '2026.7.2', engine: 'NOWEB', tier: 'CORE' },
})

import type { Readable } from 'node:stream'
import parseSax from 'exceljs/lib/utils/parse-sax.js'
import { refusal } from './refusal.ts'

/** What a part's reader is told; names come without a namespace prefix. */
export type XmlHandler = {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly text?: (text: string) => void
  readonly close?: (name: string) => void
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** Unfortunately exceljs decodes each chunk on its own and so breaks a character that lies across two: it is given text. */
async function* decoded(part: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of part) yield decoder.decode(chunk as Buffer, { stream: true })
  yield decoder.decode()
}

/** Reads one part chunk by chunk; yields after each chunk, so that what was found can be handed on. */
export async function* readXml(part: Readable, handler: XmlHandler): AsyncGenerator<void> {
  let depth = 0
  let opened = false
  for await (const events of parseSax(decoded(part))) {
    for (const event of events) {
      if (event.eventType === 'text') handler.text?.(event.value)
      else if (event.eventType === 'opentag') {
        depth += 1
        opened = true
        handler.open?.(localName(event.value.name), event.value.attributes)
      } else {
        depth -= 1
        handler.close?.(localName(event.value.name))
      }
    }
    yield
  }
  if (!opened || depth !== 0) throw refusal({ type: 'CorruptWorkbook', reason: 'one of its parts is cut off' })
}

export const readWholeXml = async (part: Readable, handler: XmlHandler): Promise<void> => {
  for await (const _ of readXml(part, handler));
}

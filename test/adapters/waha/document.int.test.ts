import { describe, expect, it } from 'vitest'
import { wahaMessenger } from '../../../src/adapters/waha/messenger.ts'
import { startWahaStandIn } from '../../../src/adapters/waha/stand-in/server.ts'
import type { Engine } from '../../../src/adapters/waha/stand-in/shapes.ts'
import { problemsOf, wahaDocument } from '../../support/waha-document.ts'

const document = wahaDocument()
if (document === null)
  console.info('WAHA’s own document is not beside this checkout: our requests are not checked against it')

describe.skipIf(document === null)('Every request we make', () => {
  it.each(['NOWEB', 'GOWS', 'WEBJS'] satisfies ReadonlyArray<Engine>)(
    'is one that WAHA’s own document allows, with %s',
    async (engine) => {
      if (document === null) return
      const waha = await startWahaStandIn({ engine })
      const messenger = wahaMessenger({ ...waha, session: 'default', timeoutMs: 5_000, askEveryMs: 0 })
      expect(await messenger.state()()).toEqual({ type: 'Working' })
      await messenger.lookFor('+27821234567')()
      const named = await messenger.newMessageId()()
      const messageId = named._tag === 'Right' ? named.right : null
      const answer = await messenger.send({ chatId: '27821234567@c.us', text: 'FT1 is yours', messageId })()
      expect(answer).toMatchObject({ type: 'Accepted', messageId: waha.sent[0]?.id })
      expect(await messenger.lookUp(waha.sent[0]?.id ?? '', '27821234567@c.us')()).toMatchObject({ right: { ack: 0 } })
      expect(waha.requests).toHaveLength(engine === 'WEBJS' ? 4 : 5)
      expect(waha.requests.flatMap((one) => problemsOf(document, one))).toEqual([])
      await waha.close()
    },
  )

  it('would be found out with a field too few, too many or of another type', () => {
    if (document === null) return
    const send = (body: object) => problemsOf(document, { method: 'POST', path: '/api/sendText', query: {}, body })
    expect(send({ session: 'default', chatId: 'x', text: 'y' })).toEqual([])
    expect(send({ chatId: 'x', text: 'y' })).toEqual(['the body lacks session'])
    expect(send({ session: 'default', chatId: 'x', text: 'y', to: 'z' })).toEqual(['the body has no to'])
    expect(send({ session: 'default', chatId: 7, text: 'y' })).toEqual(['chatId is no string'])
    expect(problemsOf(document, { method: 'GET', path: '/api/nope', query: {}, body: null })).toHaveLength(1)
  })
})

import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TemplateStore, TemplatesChange } from '../../src/application/ports/template-store.ts'
import { AT, later } from '../support/tickets.ts'

export type OpenTemplates = () => Promise<{ readonly templates: TemplateStore; readonly close: () => Promise<void> }>

const OWN = { assignment: 'Go and see {{ticket_uid}}', client_update: 'We are on our way: {{ticket_uid}}' }

/** What every store of message templates promises. */
export const templateStoreContract = (title: string, open: OpenTemplates): void => {
  describe(`Message templates ${title}`, () => {
    let templates: TemplateStore
    let close: () => Promise<void>
    beforeEach(async () => {
      const opened = await open()
      templates = opened.templates
      close = opened.close
    })
    afterEach(() => close())

    const change = (said: Partial<TemplatesChange> = {}): TemplatesChange => ({
      projectId: 'lawley',
      version: 0,
      own: OWN,
      by: 'mpho',
      at: AT,
      ...said,
    })

    it('a project that wrote none has none of its own, at version 0', async () => {
      expect(await templates.read('lawley')()).toEqual(
        E.right({ projectId: 'lawley', version: 0, own: {}, changedBy: null, changedAt: null }),
      )
    })

    it('come back as they were saved, with who wrote them and when, for that project alone', async () => {
      const saved = { projectId: 'lawley', version: 1, own: OWN, changedBy: 'mpho', changedAt: AT }
      expect(await templates.save(change())()).toEqual(E.right(saved))
      expect(await templates.read('lawley')()).toEqual(E.right(saved))
      expect(await templates.read('mohadin')()).toMatchObject({ right: { version: 0, own: {} } })
    })

    it('are replaced as a whole', async () => {
      await templates.save(change())()
      const again = await templates.save(
        change({ version: 1, own: { assignment: 'Only {{ticket_uid}}' }, by: 'naledi', at: later(5) }),
      )()
      expect(again).toEqual(
        E.right({
          projectId: 'lawley',
          version: 2,
          own: { assignment: 'Only {{ticket_uid}}' },
          changedBy: 'naledi',
          changedAt: later(5),
        }),
      )
    })

    it('are not written over by whoever read an earlier version, nor begun at a later one', async () => {
      expect(await templates.save(change({ version: 3 }))()).toEqual(
        E.left({ type: 'Stale', id: 'lawley', version: 0 }),
      )
      await templates.save(change())()
      const stale = E.left({ type: 'Stale', id: 'lawley', version: 1 })
      expect(await templates.save(change({ own: {} }))()).toEqual(stale)
      expect(await templates.save(change({ version: 2, own: {} }))()).toEqual(stale)
      expect(await templates.read('lawley')()).toMatchObject({ right: { version: 1, own: OWN } })
    })

    it('of two who change the same version at once, one wins', async () => {
      const both = await Promise.all([templates.save(change())(), templates.save(change({ by: 'naledi' }))()])
      expect(both.filter(E.isRight)).toHaveLength(1)
      expect(both.filter(E.isLeft)).toEqual([E.left({ type: 'Stale', id: 'lawley', version: 1 })])
    })
  })
}

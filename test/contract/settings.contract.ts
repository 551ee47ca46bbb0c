import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recheckTouched } from '../../src/application/platform/recheck-touched.ts'
import type { SettingsChange, Touch } from '../../src/application/ports/project-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import { ticketChanges } from '../../src/application/ticket/changes.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/settings/settings.ts'
import { changeDeps } from '../support/change-deps.ts'
import type { OutsideStores } from '../support/outside-stores.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'
import { AT, later, PLACE } from '../support/tickets.ts'

const untouched: Touch = () => null
const MANAGER: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }
/** The usual ticket reads -18.25 dBm. */
const STRICT = { ...DEFAULT_SETTINGS, rx: { min: -18, max: -10 } }

const change = (said: Partial<SettingsChange> = {}): SettingsChange => ({
  projectId: 'lawley',
  version: 0,
  settings: STRICT,
  by: 'mpho',
  at: AT,
  ...said,
})

/** What every store of project settings promises, with the tickets it stands beside. */
export const settingsContract = (title: string, open: () => Promise<OutsideStores>): void => {
  describe(`Project settings ${title}`, () => {
    let stores: OutsideStores
    beforeEach(async () => {
      stores = await open()
    })
    afterEach(() => stores.close())

    const touching = (): Touch =>
      recheckTouched(changeDeps(stores.tickets), { at: later(60), by: 'mpho', because: 'settings changed' })
    const save = async (said: Partial<SettingsChange> = {}, touch: Touch = untouched) => {
      const saved = await stores.projects.save(change(said), touch)()
      if (E.isLeft(saved)) throw new Error(JSON.stringify(saved.left))
      return saved.right
    }

    it('a project that set nothing has the defaults, at version 0', async () => {
      expect(await stores.projects.read('lawley')()).toEqual(
        E.right({ projectId: 'lawley', version: 0, settings: DEFAULT_SETTINGS, changedBy: null, changedAt: null }),
      )
      expect(await stores.projects.history('lawley')()).toEqual(E.right([]))
    })

    it('settings come back as they were saved, and the history keeps who set what and when', async () => {
      const guarantee = { ...DEFAULT_SETTINGS.guarantee, installationDays: 30, contractorLiable: false }
      const layouts = { ...DEFAULT_SETTINGS.layouts, sow: { ...DEFAULT_SETTINGS.layouts.sow, sheet: 'Drops' } }
      await save()
      const settings = {
        ...DEFAULT_SETTINGS,
        guarantee,
        layouts,
        stepOverrides: { maintenance: ['work_area_final'] as const },
      }
      await save({ version: 1, settings, by: 'anna', at: later(5) })
      expect(await stores.projects.read('lawley')()).toEqual(
        E.right({ projectId: 'lawley', version: 2, settings, changedBy: 'anna', changedAt: later(5) }),
      )
      expect(await stores.projects.history('lawley')()).toMatchObject(
        E.right([
          { version: 2, changedBy: 'anna', changedAt: later(5) },
          { version: 1, changedBy: 'mpho', changedAt: AT, settings: { rx: STRICT.rx } },
        ]),
      )
      expect(await stores.projects.read('mohadin')()).toMatchObject(E.right({ version: 0 }))
    })

    it('of two who read the same version the second is told so, and changes nothing', async () => {
      await save()
      const late = await stores.projects.save(
        change({ version: 0, by: 'anna', settings: DEFAULT_SETTINGS }),
        untouched,
      )()
      expect(late).toEqual(E.left({ type: 'Stale', id: 'lawley', version: 1 }))
      const early = await stores.projects.save(change({ version: 7 }), untouched)()
      expect(early).toEqual(E.left({ type: 'Stale', id: 'lawley', version: 1 }))
      expect(await stores.projects.read('lawley')()).toMatchObject(E.right({ version: 1, changedBy: 'mpho' }))
    })

    it('of ten who save at once exactly one wins', async () => {
      const saves = await Promise.all(
        Array.from({ length: 10 }, (_, n) => stores.projects.save(change({ by: `user-${n}` }), untouched)()),
      )
      expect(saves.filter(E.isRight)).toHaveLength(1)
      expect(saves.filter(E.isLeft).map(({ left }) => left.type)).toEqual(Array.from({ length: 9 }, () => 'Stale'))
      expect(await stores.projects.history('lawley')()).toMatchObject(E.right([{ version: 1 }]))
    })

    it('a pending ticket that no longer passes goes back to work, one that is ready loses its readiness', async () => {
      const pending = await storedIn(stores.tickets, 'pending_qa')
      const ready = await storedIn(stores.tickets, 'in_progress', { qaReady: true })
      const working = await storedIn(stores.tickets, 'in_progress', { qaReady: false })
      const reviewed = await storedIn(stores.tickets, 'qa_in_progress')
      const elsewhere = await storedIn(stores.tickets, 'pending_qa', { projectId: 'mohadin' })
      const { touched } = await save({}, touching())
      expect(touched).toEqual({ rechecked: 1, fellBack: 1, reset: 1 })
      const fallen = await loaded(stores.tickets, pending)
      expect(fallen.ticket).toMatchObject({ status: 'in_progress', qaReady: false, lastCheck: { passed: false } })
      expect(fallen.version).toBe(2)
      expect((await loaded(stores.tickets, ready)).ticket).toMatchObject({ status: 'in_progress', qaReady: false })
      for (const same of [working, reviewed, elsewhere])
        expect(await loaded(stores.tickets, same)).toMatchObject({ version: 1, ticket: { status: same.status } })
    })

    it('a pending ticket that still passes stays pending, by a check of the new settings', async () => {
      const pending = await storedIn(stores.tickets, 'pending_qa')
      const { touched } = await save({ settings: { ...DEFAULT_SETTINGS, rx: { min: -20, max: -10 } } }, touching())
      expect(touched).toEqual({ rechecked: 1, fellBack: 0, reset: 0 })
      const { ticket } = await loaded(stores.tickets, pending)
      expect(ticket).toMatchObject({ status: 'pending_qa', lastCheck: { passed: true, at: later(60) } })
      expect(ticket.lastCheck?.results.find(({ check }) => check === 'ont_rx_within_limits')?.expected).toBe(
        '-20 to -10 dBm',
      )
    })

    it('new guarantee terms reach the tickets that maintenance does not have yet', async () => {
      const ticket = await storedIn(stores.tickets, 'in_progress')
      const installed = { dr: PLACE.dr, projectId: 'lawley', installedOn: '2026-02-01', source: 'tracker sheet' }
      const recorded = { recordedBy: 'mpho', recordedAt: later(1), version: 1 }
      await stores.platforms.recordInstallation({ ...installed, ...recorded }, () => null)()
      const changes = ticketChanges(changeDeps(stores.tickets))
      const target = { ticketId: ticket.id, principal: MANAGER, version: null }
      const said = { component: 'ont', details: 'Dead', reason: 'Swapped' } as const
      await changes.attributeFault(target, { cause: 'material_failure', ...said })()
      const terms = { ...DEFAULT_SETTINGS.guarantee, materialDays: 10 }
      await save({ settings: { ...DEFAULT_SETTINGS, guarantee: terms } }, touching())
      expect((await loaded(stores.tickets, ticket)).ticket.guarantee.expiresOn).toBe('2026-02-11')
    })

    it('whoever decided by the former settings is refused', async () => {
      const ticket = await storedIn(stores.tickets, 'in_progress')
      const before = await loaded(stores.tickets, ticket)
      await save()
      const decided = await stores.tickets.commit(
        [],
        [{ before, next: { ...before.ticket, qaReady: true }, events: [], seal: null, picture: null }],
      )()
      expect(decided).toEqual(E.left({ type: 'Stale', id: ticket.id, version: 1 }))
    })

    it('a project that never had a row refuses a ticket decided before its first settings', async () => {
      const context = await stores.tickets.context('mohadin', null)()
      if (E.isLeft(context)) throw new Error('away')
      await save({ projectId: 'mohadin' })
      const ticket = await storedIn(stores.tickets, 'open', { projectId: 'mohadin' })
      const created = await stores.tickets.commit(
        [
          {
            ticket: { ...ticket, id: crypto.randomUUID(), uid: null, steps: [] },
            events: [],
            client: null,
            factsVersion: context.right.facts.version,
          },
        ],
        [],
      )()
      expect(created).toMatchObject(E.left({ type: 'Stale' }))
    })
  })
}

import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recheckTouched, resettled } from '../../src/application/platform/recheck-touched.ts'
import { settleInstalledDrop } from '../../src/application/platform/settle-drop.ts'
import type { Installation, PlatformImport } from '../../src/application/ports/platform-store.ts'
import type { Touch } from '../../src/application/ports/project-store.ts'
import type { Principal } from '../../src/application/principal.ts'
import { ticketChanges } from '../../src/application/ticket/changes.ts'
import type { NewTicket } from '../../src/domain/ticket/create-ticket.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { changeDeps } from '../support/change-deps.ts'
import { handing } from '../support/lifecycle.ts'
import type { OutsideStores } from '../support/outside-stores.ts'
import { importing, record } from '../support/platform-imports.ts'
import { aTicket, changeOf, creationOf, done, only } from '../support/stored-tickets.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'
import { AT, later, MANAGER as MPHO, PLACE, stamp } from '../support/tickets.ts'

const MANAGER: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }
const untouched: Touch = () => null
const other = 'DR1729501'
const third = 'DR1729502'

/** What every store of platform records promises, with the tickets it stands beside. */
export const platformContract = (title: string, open: () => Promise<OutsideStores>): void => {
  describe(`Platform records ${title}`, () => {
    let stores: OutsideStores
    beforeEach(async () => {
      stores = await open()
    })
    afterEach(() => stores.close())

    const touching = (): Touch =>
      recheckTouched(changeDeps(stores.tickets), { at: later(60), by: 'mpho', because: 'an import' })
    const replace = async (incoming: PlatformImport, touch: Touch = untouched) => {
      const replaced = await stores.platforms.replace(incoming, touch)()
      if (E.isLeft(replaced)) throw new Error(JSON.stringify(replaced.left))
      return replaced.right
    }
    const factsOf = async (dr: string, projectId = 'lawley') => {
      const context = await stores.tickets.context(projectId, dr)()
      if (E.isLeft(context)) throw new Error('away')
      return context.right.facts
    }
    const lookUp = async (dr: string, projectId: string | null = null) => {
      const answer = await stores.sow.rowsOf(dr, projectId)()
      if (E.isLeft(answer)) throw new Error('away')
      return answer.right
    }

    it('a platform never imported is not connected', async () => {
      expect(await stores.platforms.standing('lawley', 'sow')()).toEqual(E.right(null))
      expect(await stores.platforms.imports('lawley')()).toEqual(E.right([]))
      expect((await factsOf(PLACE.dr)).platforms.sow).toEqual({ connected: false, carries: [] })
    })

    it('an import connects its platform: its rows, and which fields it carries, are what decisions see', async () => {
      const incoming = importing([record(), record({ dr: other, pole: 'LAW.P.A003', spare: true })])
      const { sameFile, standing } = await replace(incoming)
      expect(sameFile).toBe(false)
      expect(standing).toEqual({
        ...incoming.summary,
        layout: incoming.layout,
        touched: { rechecked: 0, fellBack: 0, reset: 0 },
      })
      expect(await stores.platforms.standing('lawley', 'sow')()).toEqual(E.right(standing))
      expect(await stores.platforms.imports('lawley')()).toEqual(E.right([standing]))
      const facts = await factsOf(other)
      expect(facts.platforms.sow).toEqual({ connected: true, carries: ['pole', 'pon', 'zone'] })
      expect(facts.rows).toEqual([
        {
          platform: 'sow',
          dr: other,
          pole: 'LAW.P.A003',
          pon: '7',
          zone: '12',
          ontSerial: null,
          spare: true,
          asOf: AT,
        },
      ])
      expect((await factsOf(PLACE.dr, 'mohadin')).platforms.sow.connected).toBe(false)
    })

    it('a later import takes the place of the former one, whole, and of no other platform or project', async () => {
      await replace(importing([record(), record({ dr: other })]))
      await replace(
        importing([record({ ontSerial: 'ALCLB465A671' })], { platform: 'tracker', carries: ['ont_serial'] }),
      )
      await replace(importing([record()], { projectId: 'mohadin' }))
      const { standing } = await replace(importing([record({ dr: third }), record({ dr: third, pole: 'LAW.P.C698' })]))
      expect((await factsOf(PLACE.dr)).rows.map(({ platform }) => platform)).toEqual(['tracker'])
      expect((await factsOf(other)).rows).toEqual([])
      expect((await factsOf(third)).rows.map(({ pole }) => pole).toSorted()).toEqual(['LAW.P.A002', 'LAW.P.C698'])
      expect((await factsOf(PLACE.dr, 'mohadin')).rows).toHaveLength(1)
      expect(standing).toMatchObject({ drops: 1, repeatedDrops: 1, rowsKept: 2 })
      expect(await stores.platforms.imports('lawley')()).toMatchObject(E.right({ length: 3 }))
    })

    it('the same file again changes nothing and says so; read by another layout it is another file', async () => {
      const incoming = importing([record()])
      const first = await replace(incoming)
      const { version } = await factsOf(PLACE.dr)
      const again = await replace({
        ...importing([record({ pole: 'X' })]),
        summary: { ...incoming.summary, id: crypto.randomUUID() },
      })
      expect(again).toEqual({ sameFile: true, standing: first.standing })
      expect((await factsOf(PLACE.dr)).version).toBe(version)
      const layout = { ...incoming.layout, headerRow: 3 }
      const relaid = await replace({ ...incoming, layout, summary: { ...incoming.summary, id: crypto.randomUUID() } })
      expect(relaid.sameFile).toBe(false)
      await replace(importing([record()]))
      const back = await replace({ ...incoming, summary: { ...incoming.summary, id: crypto.randomUUID() } })
      expect(back.sameFile).toBe(false)
    })

    it('the first import checks every pending ticket with a drop, a later one those it says something else of', async () => {
      const agreeing = await storedIn(stores.tickets, 'pending_qa')
      const unknown = await storedIn(stores.tickets, 'pending_qa', { place: { ...PLACE, dr: other } })
      const ready = await storedIn(stores.tickets, 'in_progress', { place: { ...PLACE, dr: third }, qaReady: true })
      const first = await replace(importing([record(), record({ dr: third })]), touching())
      expect(first.standing.touched).toEqual({ rechecked: 2, fellBack: 1, reset: 1 })
      expect((await loaded(stores.tickets, agreeing)).ticket.status).toBe('pending_qa')
      const fallen = (await loaded(stores.tickets, unknown)).ticket
      expect(fallen).toMatchObject({ status: 'in_progress', qaReady: false, lastCheck: { passed: false } })
      expect((await loaded(stores.tickets, ready)).ticket.qaReady).toBe(false)

      const same = await replace(
        importing([record({ dr: third, pole: 'LAW.P.A009' }), record(), record({ dr: 'DR1729509' })]),
        touching(),
      )
      expect(same.standing.touched).toEqual({ rechecked: 0, fellBack: 0, reset: 0 })
      const moved = await replace(importing([record({ pole: 'LAW.P.A003' })]), touching())
      expect(moved.standing.touched).toEqual({ rechecked: 1, fellBack: 1, reset: 0 })
      expect((await loaded(stores.tickets, agreeing)).ticket.status).toBe('in_progress')
      expect(await stores.platforms.standing('lawley', 'sow')()).toMatchObject(E.right({ touched: { fellBack: 1 } }))
    })

    it('an import that carries another field checks every pending ticket anew', async () => {
      const pending = await storedIn(stores.tickets, 'pending_qa')
      await replace(importing([record({ zone: null })], { carries: ['pole', 'pon'] }), touching())
      expect((await loaded(stores.tickets, pending)).ticket.status).toBe('pending_qa')
      const { standing } = await replace(
        importing([record({ zone: null })], { carries: ['pole', 'pon', 'zone'] }),
        touching(),
      )
      expect(standing.touched).toEqual({ rechecked: 1, fellBack: 1, reset: 0 })
    })

    it('whoever decided by the former records is refused', async () => {
      const ticket = await storedIn(stores.tickets, 'in_progress')
      const before = await loaded(stores.tickets, ticket)
      await replace(importing([record()]))
      const decided = await stores.tickets.commit(
        [],
        [{ before, next: before.ticket, events: [], seal: null, picture: null }],
      )()
      expect(decided).toMatchObject(E.left({ type: 'Stale' }))
    })

    it('of imports at once one stands, whole', async () => {
      const files = Array.from({ length: 4 }, (_, n) =>
        importing(Array.from({ length: 50 }, (_, at) => record({ dr: `DR${1_729_500 + at}`, pole: `LAW.P.A00${n}` }))),
      )
      const done = await Promise.all(files.map((file) => stores.platforms.replace(file, untouched)()))
      expect(done.every(E.isRight)).toBe(true)
      const standing = await stores.platforms.standing('lawley', 'sow')()
      const winner = files.findIndex(({ summary }) => E.isRight(standing) && summary.id === standing.right?.id)
      for (const dr of ['DR1729500', 'DR1729549'])
        expect((await factsOf(dr)).rows.map(({ pole }) => pole)).toEqual([`LAW.P.A00${winner}`])
    })

    it('a drop is looked up in every project with a design, with what its pole says', async () => {
      expect(await lookUp(PLACE.dr)).toEqual({ rows: [], connected: [] })
      await replace(
        importing([
          record({ address: '1 Main Road', lat: -26.3, lon: 27.8, status: 'planned' }),
          record({ dr: other, pon: '8', spare: true }),
          record({ dr: third, pole: 'LAW.P.C175' }),
          record({ dr: third, pole: 'LAW.P.C698', pon: '137', zone: '11' }),
        ]),
      )
      await replace(importing([record({ pole: 'MOH.P.A001' })], { projectId: 'mohadin' }))
      await replace(importing([record()], { projectId: 'etwatwa', platform: 'tracker' }))
      const found = await lookUp(PLACE.dr, 'lawley')
      expect(found).toEqual({
        connected: ['lawley'],
        rows: [
          {
            projectId: 'lawley',
            dr: PLACE.dr,
            pole: PLACE.pole,
            pon: PLACE.pon,
            zone: PLACE.zone,
            address: '1 Main Road',
            latitude: -26.3,
            longitude: 27.8,
            status: 'planned',
            spare: false,
            source: 'workbook',
            asOf: AT,
            poleSays: { pons: ['7', '8'], zones: ['12'] },
          },
        ],
      })
      expect((await lookUp(PLACE.dr)).rows.map(({ projectId }) => projectId)).toEqual(['lawley', 'mohadin'])
      expect((await lookUp(other)).rows).toMatchObject([{ spare: true }])
      expect((await lookUp(third)).rows.map(({ pole, poleSays }) => [pole, poleSays?.pons])).toEqual([
        ['LAW.P.C175', ['7']],
        ['LAW.P.C698', ['137']],
      ])
      expect(await lookUp('DR9999999')).toEqual({ rows: [], connected: ['lawley', 'mohadin'] })
      expect(await lookUp(PLACE.dr, 'etwatwa')).toEqual({ rows: [], connected: [] })
    })

    const entry = (said: Partial<Installation> = {}): Installation => ({
      projectId: 'lawley',
      dr: PLACE.dr,
      installedOn: '2026-02-01',
      source: '1Map',
      recordedBy: 'mpho',
      recordedAt: AT,
      version: 1,
      ...said,
    })

    it("a tracker that brings a drop's installation date settles the guarantee of that drop's tickets, whatever their state", async () => {
      const ticket = await storedIn(stores.tickets, 'in_progress')
      const changes = ticketChanges(changeDeps(stores.tickets))
      const target = { ticketId: ticket.id, principal: MANAGER, version: null }
      const said = { component: 'ont', details: 'Dead', reason: 'Swapped' } as const
      await changes.attributeFault(target, { cause: 'material_failure', ...said })()
      expect((await loaded(stores.tickets, ticket)).ticket.guarantee.status).toBe('pending_classification')
      const dated = importing([record({ installedOn: '2026-02-01' })], { platform: 'tracker' })
      await replace(dated, touching())
      expect((await loaded(stores.tickets, ticket)).ticket.guarantee).toMatchObject({
        status: 'under_guarantee',
        expiresOn: '2027-02-01',
      })
    })

    it('an installation date is kept with its source, and starts the guarantee of the drop at once', async () => {
      expect(await stores.platforms.installation('lawley', PLACE.dr)()).toEqual(E.right(null))
      const ticket = await storedIn(stores.tickets, 'in_progress')
      const before = await loaded(stores.tickets, ticket)
      const looked: string[] = []
      const kept = await stores.platforms.recordInstallation(entry(), (stored) => {
        looked.push(`${stored.ticket.id} ${stored.installed?.day} ${stored.installed?.source}`)
        return null
      })()
      expect(kept).toEqual(E.right(entry()))
      expect(looked).toEqual([`${ticket.id} 2026-02-01 entered`])
      expect(await stores.platforms.installation('lawley', PLACE.dr)()).toEqual(E.right(entry()))
      expect((await factsOf(PLACE.dr)).version).toBeGreaterThan(before.facts.version)
    })

    describe('an installation that is handed over', () => {
      const faulty = async (
        place: Ticket['place'] = PLACE,
        cause: 'material_failure' | 'vandalism' = 'material_failure',
      ) => {
        const ticket = await storedIn(stores.tickets, 'in_progress', { place })
        const target = { ticketId: ticket.id, principal: MANAGER, version: null }
        const said = { component: 'ont', details: 'Dead', reason: 'Swapped' } as const
        await done(ticketChanges(changeDeps(stores.tickets)).attributeFault(target, { cause, ...said }))
        return ticket
      }
      const handedOver = async (at: string, said: Partial<NewTicket> = {}): Promise<string> => {
        const installing = { type: 'new_installation', cause: null, causeDetails: null, ...said } as const
        const { version: factsVersion } = await factsOf(PLACE.dr)
        const installation = creationOf(aTicket('pending_handover', installing), { factsVersion })
        const { created } = await done(stores.tickets.commit([installation], []))
        const stored = await loaded(stores.tickets, only(created))
        await done(stores.tickets.commit([], [changeOf(stored, handing(stamp(MPHO, at))(stored.ticket))]))
        return stored.ticket.id
      }
      const settle = (ticketId: string) =>
        done(settleInstalledDrop({ ...changeDeps(stores.tickets), platforms: stores.platforms })(ticketId))
      const figures = async (ticket: Ticket) => {
        const { version, ticket: now } = await loaded(stores.tickets, ticket)
        return { version, expiresOn: now.guarantee.expiresOn, status: now.guarantee.status }
      }

      it('starts the guarantee of the tickets of its drop that had none, once, and of no others', async () => {
        const ticket = await faulty()
        const elsewhere = await faulty({ ...PLACE, dr: other })
        const byVandals = await faulty(PLACE, 'vandalism')
        const before = await Promise.all([ticket, elsewhere, byVandals].map(figures))
        expect(before.map(({ expiresOn }) => expiresOn)).toEqual([null, null, null])
        const installation = await handedOver(AT)
        await settle(installation)
        const [settled, ...others] = await Promise.all([ticket, elsewhere, byVandals].map(figures))
        expect(settled).toMatchObject({ expiresOn: '2027-03-02', status: 'under_guarantee' })
        expect(others).toEqual(before.slice(1))
        await settle(installation)
        expect(await figures(ticket)).toEqual(settled)
      })

      it('leaves a guarantee that another date started: an entered one, or an earlier hand over', async () => {
        const ticket = await faulty()
        await settle(await handedOver(AT))
        const settled = await figures(ticket)
        await settle(await handedOver(later(20 * 24 * 60)))
        expect(await figures(ticket)).toEqual(settled)
        const entered = await faulty({ ...PLACE, dr: other })
        const installation = entry({ dr: other, version: 1 })
        const deps = changeDeps(stores.tickets)
        await done(stores.platforms.recordInstallation(installation, resettled(deps, later(60))))
        await settle(await handedOver(AT, { place: { ...PLACE, dr: other } }))
        expect(await figures(entered)).toMatchObject({ expiresOn: '2027-02-01' })
      })

      it('work of another kind, or none, starts nothing', async () => {
        const ticket = await faulty()
        const before = await figures(ticket)
        expect(await settle(await handedOver(AT, { type: 'modification' }))).toBeNull()
        expect(await settle(crypto.randomUUID())).toBeNull()
        expect(await figures(ticket)).toEqual(before)
      })
    })

    it('a correction of the date carries the version it corrects; the slower of two is refused', async () => {
      await stores.platforms.recordInstallation(entry(), untouched)()
      expect(await stores.platforms.recordInstallation(entry({ installedOn: '2026-02-02' }), untouched)()).toEqual(
        E.left({ type: 'Stale', id: PLACE.dr, version: 1 }),
      )
      expect(await stores.platforms.recordInstallation(entry({ dr: other, version: 2 }), untouched)()).toEqual(
        E.left({ type: 'Stale', id: other, version: 0 }),
      )
      const corrected = entry({ installedOn: '2026-02-03', version: 2, source: 'site visit' })
      expect(await stores.platforms.recordInstallation(corrected, untouched)()).toEqual(E.right(corrected))
      expect(await stores.platforms.installation('lawley', PLACE.dr)()).toEqual(E.right(corrected))
    })
  })
}

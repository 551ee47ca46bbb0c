import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { readInstallationDate, setInstallationDate } from '../../../src/application/platform/installation-date.ts'
import { lookUpDrop } from '../../../src/application/platform/look-up-drop.ts'
import { touchedDrops, touchesAll } from '../../../src/application/platform/touched-drops.ts'
import { changeDeps } from '../../support/change-deps.ts'
import { type OutsideStores, outsideInMemory } from '../../support/outside-stores.ts'
import { importing, record } from '../../support/platform-imports.ts'
import { principal } from '../../support/principals.ts'
import { loaded, storedIn } from '../../support/ticket-copies.ts'

const manager = principal('manager')
const technician = principal('technician')

describe('Looking a drop up', () => {
  let stores: OutsideStores
  beforeEach(async () => {
    stores = await outsideInMemory()
    await stores.directory.save({
      projects: [{ id: 'lawley', code: 'LAW', name: 'Lawley', managerId: null, groupId: null }],
    })()
  })
  const lookUp = async (drop: string, projectId: string | null = null, who = technician) => {
    const found = await lookUpDrop(stores)(who, drop, projectId)()
    if (E.isLeft(found)) throw new Error(JSON.stringify(found.left))
    return found.right
  }
  const design = (...records: Parameters<typeof importing>[0]) =>
    stores.platforms.replace(importing(records), () => null)()

  it('without any design there is nowhere to look', async () => {
    expect(await lookUp('DR1729500')).toEqual({
      dr_number: 'DR1729500',
      outcome: 'no_sow',
      sow_connected: false,
      projects_searched: [],
      rows: [],
    })
  })

  it('any spelling of the number finds it, with project, place and where that comes from', async () => {
    await design(record({ address: '1 Main Road', lat: -26.3, lon: 27.8 }))
    for (const spelling of ['DR1729500', 'DR 1729500', 'drop 1729500', '1729500', ' dr1729500 '])
      expect(await lookUp(spelling)).toMatchObject({
        outcome: 'found',
        rows: [
          {
            project_id: 'lawley',
            project_name: 'Lawley',
            dr_number: 'DR1729500',
            pole_number: 'LAW.P.A002',
            pon_number: '7',
            zone_no: '12',
            address: '1 Main Road',
            latitude: -26.3,
            source: 'workbook',
            pole_disagreements: [],
          },
        ],
      })
    expect(await lookUpDrop(stores)(technician, 'house 7', null)()).toEqual(
      E.left({ type: 'FieldInvalid', field: 'dr_number', rule: 'a drop number such as DR1729500', value: 'house 7' }),
    )
  })

  it('a spare, a drop in several rows and one nobody has are told apart', async () => {
    await design(
      record({ spare: true }),
      record({ dr: 'DR1753202', pole: 'LAW.P.C175' }),
      record({ dr: 'DR1753202', pole: 'LAW.P.C698' }),
    )
    expect(await lookUp('DR1729500')).toMatchObject({ outcome: 'spare', rows: [{ spare: true }] })
    expect(await lookUp('DR1753202')).toMatchObject({
      outcome: 'ambiguous',
      rows: [{ pole_number: 'LAW.P.C175' }, { pole_number: 'LAW.P.C698' }],
    })
    expect(await lookUp('DR9999999')).toMatchObject({
      outcome: 'not_found',
      sow_connected: true,
      projects_searched: ['lawley'],
    })
    expect(await lookUp('DR1729500', 'mohadin')).toMatchObject({ outcome: 'no_sow' })
  })

  it('a pole whose drops hang on another PON is shown beside what the drop says', async () => {
    await design(record(), record({ dr: 'DR1729501', pon: '8' }))
    expect((await lookUp('DR1729500')).rows[0]?.pole_disagreements).toEqual([
      { field: 'pon_number', drop: '7', pole: ['7', '8'] },
    ])
  })

  it('a viewer sees where it hangs, but not where it is', async () => {
    await design(record({ address: '1 Main Road', lat: -26.3, lon: 27.8 }))
    expect((await lookUp('DR1729500', null, principal('viewer'))).rows).toMatchObject([
      { pole_number: 'LAW.P.A002', address: null, latitude: null, longitude: null },
    ])
  })
})

describe('The installation date of a drop', () => {
  let stores: OutsideStores
  const deps = () => ({ ...changeDeps(stores.tickets), ...stores })
  beforeEach(async () => {
    stores = await outsideInMemory()
    await stores.directory.save({
      projects: [{ id: 'lawley', code: 'LAW', name: 'Lawley', managerId: null, groupId: null }],
    })()
  })
  const set = (said: Partial<Parameters<ReturnType<typeof setInstallationDate>>[1]> = {}, who = manager) =>
    setInstallationDate(deps())(who, {
      projectId: 'lawley',
      dr: 'DR 1729500',
      installedOn: '2026-02-01',
      source: ' 1Map ',
      version: 0,
      ...said,
    })()

  it('is entered with its source and read back; before that there is none', async () => {
    expect(await readInstallationDate(deps())(technician, 'lawley', 'DR1729500')()).toMatchObject(
      E.left({ type: 'NotFound' }),
    )
    const entered = await set()
    expect(entered).toMatchObject(E.right({ dr: 'DR1729500', source: '1Map', version: 1, recordedBy: 'manager-1' }))
    expect(await readInstallationDate(deps())(technician, 'lawley', 'drop 1729500')()).toEqual(entered)
    expect(await set()).toEqual(E.left({ type: 'Stale', id: 'DR1729500', version: 1 }))
  })

  it('starts the guarantee of the tickets of the drop at once', async () => {
    const ticket = await storedIn(stores.tickets, 'closed')
    await set()
    expect((await loaded(stores.tickets, ticket)).ticket.guarantee).toMatchObject({ status: 'pending_classification' })
    const known = await storedIn(stores.tickets, 'in_progress')
    const attributed = { ...known.fault, cause: 'material_failure' as const }
    const { before, next } = { before: await loaded(stores.tickets, known), next: { ...known, fault: attributed } }
    await stores.tickets.commit([], [{ before, next, events: [], seal: null, picture: null }])()
    expect(await set({ installedOn: '2026-02-02', version: 1 })).toMatchObject(E.right({ version: 2 }))
    const { guarantee } = (await loaded(stores.tickets, known)).ticket
    expect(guarantee).toMatchObject({ status: 'under_guarantee', expiresOn: '2027-02-02' })
  })

  it.each<readonly [string, Parameters<typeof set>[0], string]>([
    ['of tomorrow', { installedOn: '2026-03-04' }, 'FieldInvalid'],
    ['before there was fibre', { installedOn: '1999-12-31' }, 'FieldInvalid'],
    ['without a source', { source: ' ' }, 'FieldInvalid'],
    ['of no drop', { dr: 'house 7' }, 'FieldInvalid'],
    ['of a project nobody knows', { projectId: 'nowhere' }, 'NotFound'],
  ])('%s is refused', async (_, said, type) => {
    expect(await set(said)).toMatchObject(E.left({ type }))
  })

  it('is today at the latest, and a manager enters it', async () => {
    expect(await set({ installedOn: '2026-03-03' })).toMatchObject(E.right({ installedOn: '2026-03-03' }))
    expect(await set({}, principal('qa_lead'))).toMatchObject(
      E.left({ type: 'NotAllowed', action: 'set_installation_date' }),
    )
  })
})

describe('What an import touches', () => {
  it('are the drops it describes otherwise: other values, another row, none any more; the order of rows says nothing', () => {
    const [a, b] = [record(), record({ pole: 'LAW.P.C698' })]
    const second = record({ dr: 'DR1729501' })
    expect(touchedDrops(['DR1729500', 'DR1729501'], [a, b, second], [second, b, a])).toEqual([])
    expect(touchedDrops(['DR1729500', 'DR1729501'], [a, second], [b, second])).toEqual(['DR1729500'])
    expect(touchedDrops(['DR1729500', 'DR1729501'], [a], [a, second])).toEqual(['DR1729501'])
    expect(touchedDrops(['DR1729500'], [a, b], [a])).toEqual(['DR1729500'])
    expect(touchedDrops(['DR1729500'], [a], [{ ...a, spare: true }])).toEqual(['DR1729500'])
  })

  it('is every drop when the platform is new or carries other fields', () => {
    expect(touchesAll(null, ['pole'])).toBe(true)
    expect(touchesAll(['pole', 'pon'], ['pon', 'pole'])).toBe(false)
    expect(touchesAll(['pole', 'pon'], ['pole'])).toBe(true)
  })
})

import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { changeSettings } from '../../../src/application/settings/change-settings.ts'
import { checkSettings } from '../../../src/application/settings/check-settings.ts'
import { readSettings, readSettingsHistory } from '../../../src/application/settings/read-settings.ts'
import { DEFAULT_SETTINGS, type ProjectSettings } from '../../../src/domain/settings/settings.ts'
import { changeDeps } from '../../support/change-deps.ts'
import { type OutsideStores, outsideInMemory } from '../../support/outside-stores.ts'
import { principal } from '../../support/principals.ts'
import { loaded, storedIn } from '../../support/ticket-copies.ts'

const manager = principal('manager')

describe('The settings of a project', () => {
  let stores: OutsideStores
  const deps = () => ({ ...changeDeps(stores.tickets), ...stores })
  beforeEach(async () => {
    stores = await outsideInMemory()
    await stores.directory.save({
      projects: [{ id: 'lawley', code: 'LAW', name: 'Lawley', managerId: null, groupId: null }],
    })()
  })

  it('are read by the office, and by nobody in the field', async () => {
    expect(await readSettings(deps())(principal('viewer'), 'lawley')()).toMatchObject(E.right({ version: 0 }))
    expect(await readSettings(deps())(principal('technician'), 'lawley')()).toEqual(
      E.left({ type: 'NotAllowed', action: 'read_settings', role: 'technician' }),
    )
  })

  it('are there for every project of the directory and for tickets without one', async () => {
    expect(await readSettings(deps())(manager, 'unassigned')()).toMatchObject(E.right({ projectId: 'unassigned' }))
    expect(await readSettings(deps())(manager, 'nowhere')()).toEqual(
      E.left({ type: 'NotFound', resource: 'Project', id: 'nowhere' }),
    )
    expect(await readSettingsHistory(deps())(manager, 'nowhere')()).toMatchObject(E.left({ type: 'NotFound' }))
  })

  it('are changed by a manager; pending tickets are checked by them at once', async () => {
    const pending = await storedIn(stores.tickets, 'pending_qa')
    const settings = { ...DEFAULT_SETTINGS, rx: { min: -18, max: -10 } }
    const changed = await changeSettings(deps())(manager, { projectId: 'lawley', version: 0, settings })()
    expect(changed).toMatchObject(E.right({ saved: { version: 1, changedBy: 'manager-1' }, touched: { fellBack: 1 } }))
    const { ticket } = await loaded(stores.tickets, pending)
    expect(ticket).toMatchObject({ status: 'in_progress', qaReady: false })
    expect(await readSettingsHistory(deps())(manager, 'lawley')()).toMatchObject(E.right([{ version: 1 }]))
  })

  it('are not changed by anyone else, nor by what no project could work by', async () => {
    const change = { projectId: 'lawley', version: 0, settings: DEFAULT_SETTINGS }
    expect(await changeSettings(deps())(principal('qa_lead'), change)()).toMatchObject(E.left({ type: 'NotAllowed' }))
    const broken = { ...change, settings: { ...DEFAULT_SETTINGS, rx: { min: -10, max: -25 } } }
    expect(await changeSettings(deps())(manager, broken)()).toMatchObject(
      E.left({ type: 'FieldInvalid', field: 'rx.min' }),
    )
    expect(await changeSettings(deps())(manager, { ...change, projectId: 'nowhere' })()).toMatchObject(
      E.left({ type: 'NotFound' }),
    )
    expect(await readSettings(deps())(manager, 'lawley')()).toMatchObject(E.right({ version: 0 }))
  })
})

describe('A project can work by', () => {
  const fieldOf = (settings: Partial<ProjectSettings>): string | null => {
    const judged = checkSettings({ ...DEFAULT_SETTINGS, ...settings }, changeDeps({} as never).slaTerms)
    return E.isLeft(judged) ? judged.left.field : null
  }
  const { limits, guarantee, sla, repeatFaults, noteRules, layouts } = DEFAULT_SETTINGS

  it('the defaults', () => expect(fieldOf({})).toBeNull())

  it.each<readonly [string, Partial<ProjectSettings>, string | null]>([
    ['optical limits that touch both ends of what an ONT can read', { rx: { min: -40, max: -0.001 } }, null],
    ['no lower limit below it', { rx: { min: -40.001, max: -10 } }, 'rx.min'],
    ['no upper limit of 0 dBm', { rx: { min: -25, max: 0 } }, 'rx.max'],
    ['no limits that leave nothing between', { rx: { min: -10, max: -10 } }, 'rx.min'],
    ['required platforms', { requiredPlatforms: ['sow', 'tracker'] }, null],
    ['no platform twice', { requiredPlatforms: ['sow', 'sow'] }, 'required_platforms'],
    ['no unknown platform', { requiredPlatforms: ['excel' as 'sow'] }, 'required_platforms'],
    ['risks of one day', { maxRiskDays: 1 }, null],
    ['none of no days', { maxRiskDays: 0 }, 'max_risk_days'],
    ['none of half days', { maxRiskDays: 1.5 }, 'max_risk_days'],
    ['a flag at the first rectification', { flagRectificationsAt: 1 }, null],
    ['none before it', { flagRectificationsAt: 0 }, 'flag_rectifications_at'],
    ['no guarantee at all', { guarantee: { ...guarantee, installationDays: 0 } }, null],
    ['none of negative length', { guarantee: { ...guarantee, materialDays: -1 } }, 'guarantee.material_days'],
    ['none beyond ten years', { guarantee: { ...guarantee, installationDays: 3_651 } }, 'guarantee.installation_days'],
    ['square pictures', { minimumSize: { longSide: 480, shortSide: 480 } }, null],
    ['no short side that is the longer', { minimumSize: { longSide: 480, shortSide: 481 } }, 'minimum_size.short_side'],
    ['no picture without pixels', { limits: { ...limits, pixels: 0 } }, 'limits.pixels'],
    ['steps of its own', { stepOverrides: { maintenance: ['work_area_final'] } }, null],
    ['no work without a step', { stepOverrides: { maintenance: [] } }, 'step_overrides.maintenance'],
    [
      'no step twice',
      { stepOverrides: { maintenance: ['green_lights', 'green_lights'] } },
      'step_overrides.maintenance',
    ],
    [
      'no step nobody knows',
      { stepOverrides: { maintenance: ['selfie' as 'green_lights'] } },
      'step_overrides.maintenance',
    ],
    ['no kind of work nobody knows', { stepOverrides: { party: ['green_lights'] } as object }, 'step_overrides.party'],
    ['a threshold of one fault', { repeatFaults: { ...repeatFaults, dr: { threshold: 1, windowDays: 1 } } }, null],
    [
      'none of none',
      { repeatFaults: { ...repeatFaults, dr: { threshold: 0, windowDays: 1 } } },
      'repeat_faults.dr.threshold',
    ],
    [
      'no window of no days',
      { repeatFaults: { ...repeatFaults, zone: { threshold: 1, windowDays: 0 } } },
      'repeat_faults.zone.window_days',
    ],
    [
      'notes that make incidents',
      { noteRules: { ...noteRules, 3: { ...noteRules[3], ticketType: 'incident' } } },
      null,
    ],
    [
      'no notes that make infrastructure tickets',
      { noteRules: { ...noteRules, flat: { ...noteRules.flat, ticketType: 'infrastructure' } } },
      'note_rules.flat.ticket_type',
    ],
    ['a layout whose header stands on row 3', { layouts: { ...layouts, sow: { ...layouts.sow, headerRow: 3 } } }, null],
    [
      'none before the first row',
      { layouts: { ...layouts, sow: { ...layouts.sow, headerRow: 0 } } },
      'layouts.sow.header_row',
    ],
    ['no layout of another platform', { layouts: { ...layouts, sow: layouts.tracker } }, 'layouts.sow.platform'],
    [
      'no layout without a drop number',
      { layouts: { ...layouts, tracker: { ...layouts.tracker, columns: { ...layouts.tracker.columns, dr: [' '] } } } },
      'layouts.tracker.columns.dr',
    ],
    [
      'no layout of a nameless sheet',
      { layouts: { ...layouts, sow: { ...layouts.sow, sheet: ' ' } } },
      'layouts.sow.sheet',
    ],
    ['a resolution in hours', { sla: { ...sla, low: { ...sla.low, resolution: { hours: 0.5 } } } }, null],
    ['none of no time', { sla: { ...sla, low: { ...sla.low, resolution: { hours: 0 } } } }, 'sla.low.resolution'],
    [
      'no calendar nobody configured',
      { sla: { ...sla, high: { ...sla.high, calendar: 'lunar' } } },
      'sla.high.calendar',
    ],
  ])('%s', (_, settings, field) => expect(fieldOf(settings)).toBe(field))
})

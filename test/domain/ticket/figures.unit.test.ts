import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../src/domain/settings/settings.ts'
import { slaTerms } from '../../../src/domain/sla/sla-terms.ts'
import { classifyBilling } from '../../../src/domain/ticket/classify-billing.ts'
import { type FigureFacts, withFigures } from '../../../src/domain/ticket/figures.ts'
import { begin, later, stamp, through } from '../../support/tickets.ts'
import { johannesburgOffice } from '../sla/calendars.ts'

const figureFacts = (): FigureFacts => {
  const terms = slaTerms(DEFAULT_SETTINGS.sla, {
    working_hours: johannesburgOffice,
    around_the_clock: johannesburgOffice,
  })
  if (E.isLeft(terms)) throw new Error(JSON.stringify(terms.left))
  return { terms: terms.right, periods: DEFAULT_SETTINGS.guarantee, installed: null }
}

it('SLA and guarantee are computed from the history and the cause, never carried on', () => {
  const ticket = withFigures(begin({ cause: 'client_damage' }), figureFacts(), later(1))
  expect(ticket.sla).toMatchObject({ breached: false, firstResponseAt: null })
  expect(ticket.sla.dueAt).toBe('2026-03-05T08:00:00.000Z')
  expect(ticket.guarantee).toMatchObject({ billing: 'billable_client', billable: true })
})

it('a billing classified by hand stands above the table', () => {
  const byHand = through(
    begin({ cause: 'client_damage' }),
    classifyBilling({ ...stamp(), billing: 'internal', reason: 'Goodwill' }),
  )
  expect(withFigures(byHand, figureFacts(), later(1)).guarantee).toMatchObject({ billing: 'internal', billable: false })
})

import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { TOLD_EVENTS } from '../../../src/application/notification/notify-table.ts'
import { parseTemplate } from '../../../src/domain/notification/template.ts'
import { TEMPLATE_KINDS, type VariableName, variablesOf } from '../../../src/domain/notification/template-kinds.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import { approvingWith, ticketIn } from '../../support/lifecycle.ts'
import { tellingWorld } from '../../support/telling.ts'
import { AT, MANAGER, REVIEWER, through } from '../../support/tickets.ts'

const PHONE = '082 555 0199'
const CLIENT = { name: 'CANARY-CLIENT', phone: '+27825550199', email: 'canary-mail@example.co.za' }

let canaries = 0
const canary = (what: string): string => {
  canaries += 1
  return `CANARY-${what}-${canaries}`
}

/** A ticket that carries something private wherever a person may have written something not meant for WhatsApp. */
const full = (): Ticket => {
  const ticket = through(ticketIn('qa_in_progress'), approvingWith())
  return {
    ...ticket,
    title: `TITLE call ${PHONE} or canary-mail@example.co.za`,
    description: canary('description'),
    fault: { ...ticket.fault, details: canary('fault') },
    placeConfirmed: { by: MANAGER, at: AT, reason: canary('place') },
    steps: ticket.steps.map((step) => ({ ...step, notes: canary('step'), value: step.value && canary('value') })),
    photos: ticket.photos.map((photo) => ({ ...photo, filename: canary('file') })),
    waivers: [{ platform: 'sow', by: MANAGER, at: AT, reason: canary('waiver') }],
    risks: ticket.risks.map((risk) => ({
      ...risk,
      description: canary('risk'),
      conditions: canary('conditions'),
      resolution: canary('resolution'),
    })),
    decisions: ticket.decisions.map((decision) => ({ ...decision, reason: canary('approval') })),
    billingByHand: { billing: 'internal', by: MANAGER, at: AT, reason: canary('billing') },
  } as Ticket
}

const decision = {
  id: 'd',
  kind: 'rejected',
  at: AT,
  by: REVIEWER,
  codes: ['other'],
  reason: `REASON, ask ${PHONE}`,
  verdicts: [{ step: 'house_front', outcome: 'incorrect', comment: `COMMENT, ask ${PHONE}` }],
  risks: [],
  gateFailures: ['as_built_confirmed'],
}

const bodies = (ticket: Ticket): ReadonlyArray<Readonly<Record<string, unknown>>> => [
  { type: 'TicketAssigned', from: null, to: 'assignment' in ticket ? ticket.assignment : null },
  { type: 'FellBackToInProgress', failures: ['photos_exist'], because: canary('because') },
  { type: 'TicketRejected', decision },
  { type: 'ReturnedFromGate', decision: { ...decision, kind: 'returned_from_gate' } },
  { type: 'RectificationFlagged', cycles: 3 },
  ...['50', 'breach'].map((mark) => ({
    type: 'SlaMarkReached',
    clock: 'response',
    priority: 'normal',
    mark,
    percent: 50,
    dueAt: AT,
  })),
  { type: 'RiskWarning', riskId: ticket.risks[0]?.id, daysLeft: 1, expiresOn: '2026-03-14' },
  { type: 'RiskExpired', riskId: ticket.risks[0]?.id, acceptedBy: REVIEWER },
  { type: 'RiskEscalated', riskId: ticket.risks[0]?.id, ticketId: null },
  {
    type: 'RepeatFaultEscalated',
    escalation: {
      key: { projectId: 'lawley', scope: 'pon', value: '7' },
      type: 'investigation',
      faultCount: 6,
      threshold: 5,
    },
  },
]

it('what people wrote for themselves, and everything of the client, never gets into a message, whatever its template names', async () => {
  const said: string[] = []
  for (const half of [0, 1]) {
    const world = tellingWorld()
    const naming = (names: ReadonlyArray<VariableName>): string =>
      ['ticket_uid', ...names.filter((_, n) => n % 2 === half)].map((name) => `${name}: {{${name}}}`).join('\n')
    const own = Object.fromEntries(TEMPLATE_KINDS.map((kind) => [kind, naming(variablesOf(kind))]))
    for (const kind of TEMPLATE_KINDS) expect(E.isRight(parseTemplate(kind, own[kind] ?? ''))).toBe(true)
    await world.deps.templates.save({ projectId: 'lawley', version: 0, own, by: MANAGER, at: AT })()
    const ticket = await world.keep(full(), CLIENT)
    const events = bodies(ticket)
    expect([...new Set(events.map(({ type }) => type))].toSorted()).toEqual(TOLD_EVENTS.toSorted())
    for (const body of events) await world.tell(world.eventOf(ticket, { ...body, at: AT }))
    expect(new Set(world.rows.map(({ template }) => template)).size).toBe(TEMPLATE_KINDS.length - 1)
    expect(world.rows.every(({ template }) => template?.endsWith(' v1'))).toBe(true)
    said.push(...world.rows.flatMap(({ text, digestLine }) => [text, digestLine ?? '']))
  }
  const everything = said.join('\n')
  expect(canaries).toBeGreaterThan(20)
  expect(everything).not.toMatch(/canary/i)
  expect(everything.replaceAll(/\D/g, '')).not.toContain('825550199')
  // What is meant to be said was said, or nothing was proved.
  for (const meant of ['TITLE call [number] or [e-mail]', 'REASON, ask [number]', 'COMMENT, ask [number]'])
    expect(everything).toContain(meant)
})

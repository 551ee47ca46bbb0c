import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { changeTemplates, previewTemplate, readTemplates } from '../../../src/application/notification/templates.ts'
import type { TemplateKind } from '../../../src/domain/notification/template-kinds.ts'
import type { Ticket } from '../../../src/domain/ticket/ticket.ts'
import { approvingWith, ticketIn } from '../../support/lifecycle.ts'
import { principal } from '../../support/principals.ts'
import { tellingWorld } from '../../support/telling.ts'
import { through } from '../../support/tickets.ts'

const manager = principal('manager')

describe('A preview with a real ticket', () => {
  const shown = async (kind: TemplateKind, ticket: Ticket) => {
    const world = tellingWorld()
    const kept = await world.keep(ticket, { name: 'Nomsa Client', phone: '+27825550199', email: null })
    const asked = { projectId: 'lawley', kind, text: null, ticketId: kept.id }
    const preview = await previewTemplate(world.deps)(manager, asked)()
    if (E.isLeft(preview)) throw new Error(preview.left.type)
    return preview.right.text.replaceAll(kept.uid ?? '', 'FT')
  }

  it('shows what last happened to it, and what has not happened as invented', async () => {
    expect(await shown('qa_rejection', ticketIn('qa_rejected'))).toContain(
      '• Work area final: incorrect - work-area-final is wrong',
    )
    expect(await shown('gate_return', ticketIn('qa_rejected'))).toContain('Reason: Please take both again by daylight')
    const risky = through(ticketIn('qa_in_progress'), approvingWith({ expiresOn: '2026-03-20' }))
    expect(await shown('risk_expiry', risky)).toContain('was good until 2026-03-20')
    expect(await shown('risk_expiry', ticketIn('open'))).toContain('was good until 2026-03-31')
  })

  it('names the client to the client alone', async () => {
    expect(await shown('client_update', ticketIn('assigned'))).toBe(
      'Dear Nomsa Client\nYour fibre service, reference FT: assigned',
    )
    expect(await shown('assignment', ticketIn('assigned'))).not.toContain('Nomsa')
  })

  it('is of a ticket of that project that is there', async () => {
    const world = tellingWorld()
    const elsewhere = await world.keep(ticketIn('open', { projectId: 'mohadin' }))
    for (const ticketId of [elsewhere.id, 'nowhere'])
      expect(
        await previewTemplate(world.deps)(manager, { projectId: 'lawley', kind: 'assignment', text: null, ticketId })(),
      ).toEqual(E.left({ type: 'NotFound', resource: 'Ticket', id: ticketId }))
  })
})

describe('Changing templates', () => {
  it('is for managers and admins, of projects that are known, tickets of no project included', async () => {
    const { deps } = tellingWorld()
    for (const role of ['technician', 'contractor', 'qa', 'qa_lead', 'viewer', 'service'] as const)
      expect(await readTemplates(deps)(principal(role), 'lawley')()).toEqual(
        E.left({ type: 'NotAllowed', action: 'change_templates', role }),
      )
    expect(await readTemplates(deps)(principal('admin'), 'unassigned')()).toMatchObject({ right: { version: 0 } })
    expect(await readTemplates(deps)(manager, 'nowhere')()).toMatchObject({ left: { type: 'NotFound' } })
  })

  it('keeps only what differs from the built-in texts, so that better ones reach the project', async () => {
    const { deps } = tellingWorld()
    const before = await readTemplates(deps)(manager, 'lawley')()
    if (E.isLeft(before)) throw new Error(before.left.type)
    const all = Object.fromEntries(before.right.templates.map(({ kind, text }) => [kind, text]))
    const texts = { ...all, assignment: '  Go: {{ticket_uid}}\r\n' }
    await changeTemplates(deps)(manager, { projectId: 'lawley', version: 0, texts })()
    expect(await deps.templates.read('lawley')()).toMatchObject({
      right: { version: 1, own: { assignment: 'Go: {{ticket_uid}}' } },
    })
  })
})

import * as TE from 'fp-ts/lib/TaskEither.js'
import type { OutboxEvent } from '../../application/ports/outbox.ts'
import type { Notice, RiskOnDate, SlaLook, TimerQueries } from '../../application/ports/timer-queries.ts'
import type { SlaMark } from '../../domain/sla/sla.ts'
import type { Ticket, TicketId } from '../../domain/ticket/ticket.ts'
import { type KeptTicket, type MemoryState, uidOf } from './ticket-state.ts'

/** What timed rules look at in memory. A project's settings are as old as its facts. */
export const memoryTimerQueries = ({
  state,
  publish,
}: {
  readonly state: MemoryState
  /** Takes the events that were new, in order. */
  readonly publish: (events: ReadonlyArray<OutboxEvent>) => void
}): TimerQueries => {
  const marks = new Map<TicketId, Set<string>>()
  const watch = new Map<TicketId, Pick<SlaLook, 'version' | 'settingsVersion' | 'nextAt'>>()
  const marksOf = (id: TicketId): ReadonlyArray<string> => [...(marks.get(id) ?? [])]
  const living = (): ReadonlyArray<KeptTicket> =>
    [...state.tickets.values()].filter(({ ticket }) => ticket.deletedAt === null)
  const settingsVersion = ({ projectId }: Ticket): number => state.projects.get(projectId)?.factsVersion ?? 0
  const tell = (notices: ReadonlyArray<Notice>): number => {
    const fresh = notices.filter(({ ticketId, mark }) => {
      const told = marks.get(ticketId) ?? new Set()
      marks.set(ticketId, told)
      return !told.has(mark) && told.add(mark)
    })
    publish(fresh.map(({ event }) => event))
    return fresh.length
  }

  return {
    risksOnDate: ({ today, warnUntil, escalateUntil }) =>
      TE.fromIO(() =>
        living().flatMap(({ ticket }) =>
          ticket.risks
            .filter(
              ({ status, expiresOn, followUpOn }) =>
                (status === 'active' && expiresOn <= warnUntil) ||
                (status === 'expired' && expiresOn <= escalateUntil) ||
                (status !== 'resolved' && followUpOn !== null && followUpOn <= today),
            )
            .map(
              ({ id, status, expiresOn, followUpOn, acceptedBy, acceptedAt }): RiskOnDate => ({
                ticketId: ticket.id,
                ticketUid: uidOf(ticket),
                projectId: ticket.projectId,
                riskId: id,
                status,
                expiresOn,
                followUpOn,
                acceptedBy,
                acceptedAt,
                told: marksOf(ticket.id).filter((mark) => mark.startsWith(`risk:${id}:`)),
              }),
            ),
        ),
      ),
    tell: (notices) => TE.fromIO(() => tell(notices)),
    slaDue: (now) =>
      TE.fromIO(() =>
        living()
          .filter(({ ticket, version }) => {
            const seen = watch.get(ticket.id)
            return (
              seen === undefined ||
              seen.version !== version ||
              seen.settingsVersion !== settingsVersion(ticket) ||
              (seen.nextAt !== null && seen.nextAt <= now)
            )
          })
          .map(({ ticket }) => ({
            ticketId: ticket.id,
            projectId: ticket.projectId,
            settingsVersion: settingsVersion(ticket),
          })),
      ),
    slaFacts: (ids) =>
      TE.fromIO(() =>
        living()
          .filter(({ ticket }) => ids.includes(ticket.id))
          .map(({ ticket, version }) => ({
            ticketId: ticket.id,
            ticketUid: uidOf(ticket),
            projectId: ticket.projectId,
            version,
            priority: ticket.priority,
            createdAt: ticket.createdAt,
            history: ticket.history,
            figures: ticket.sla,
            sent: marksOf(ticket.id).flatMap(slaMarkOf),
          })),
      ),
    keepLooks: (looks) =>
      TE.fromIO(() => {
        const kept = looks.filter(({ ticketId, version }) => state.tickets.get(ticketId)?.version === version)
        for (const { ticketId, figures, version, settingsVersion: settings, nextAt } of kept) {
          watch.set(ticketId, { version, settingsVersion: settings, nextAt })
          const stored = state.tickets.get(ticketId)
          if (stored !== undefined && figures !== null)
            state.tickets.set(ticketId, { ...stored, ticket: { ...stored.ticket, sla: figures } })
        }
        return {
          refreshed: kept.filter(({ figures }) => figures !== null).length,
          told: tell(kept.flatMap(({ notices }) => notices)),
        }
      }),
  }
}

const slaMarkOf = (text: string): ReadonlyArray<SlaMark> => {
  const [kind, clock, priority, mark] = text.split(':')
  return kind === 'sla' ? [{ clock, priority, mark } as SlaMark] : []
}

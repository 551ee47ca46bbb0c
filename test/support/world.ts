import type { ProjectFacts } from '../../src/domain/readiness/readiness.ts'
import { plusMs } from '../../src/domain/shared/time.ts'
import type { TicketEvent } from '../../src/domain/ticket/events.ts'
import type { Ticket } from '../../src/domain/ticket/ticket.ts'
import { AT, begin, facts, gateFacts, sowRow } from './tickets.ts'

/** Everything a decision can rest on, as it changes along one generated history. */
export type World = {
  readonly ticket: Ticket
  readonly known: ProjectFacts
  readonly now: string
  /** Something outside changed and nobody has looked at the ticket since: the second line of defence must hold. */
  readonly unseen: boolean
  readonly moves: number
  readonly snapshots: number
  /** Numbers of tickets that name this one as their survivor. */
  readonly duplicates: ReadonlyArray<string>
  /** What storage lost or changed, by photo. */
  readonly damaged: boolean
  readonly contractorKnown: boolean
  readonly flagRectificationsAt: number
}

export const worldOf = (ticket: Ticket): World => ({
  ticket,
  known: facts(),
  now: AT,
  unseen: false,
  moves: 0,
  snapshots: 0,
  duplicates: [],
  damaged: false,
  contractorKnown: true,
  flagRectificationsAt: 2,
})

export const gateOf = ({ ticket, known, damaged, contractorKnown }: World) =>
  gateFacts(ticket, {
    project: known,
    ...(damaged ? { archive: [] } : {}),
    assignment: { contractorKnown, technicianIsOurOwn: false, teamIsOurOwn: false },
  })

/** The world after a decision was carried out: time has moved on, snapshots were sealed. */
export const settled = (world: World, ticket: Ticket, events: ReadonlyArray<TicketEvent>, minutes: number): World => ({
  ...world,
  ticket,
  now: plusMs(world.now, minutes * 60_000),
  moves: world.moves + 1,
  snapshots: world.snapshots + events.filter((event) => 'handover' in event).length,
})

/** Other tickets of the world that could survive this one, good and bad. */
export const survivors = {
  good: begin({ id: 'survivor' }),
  ofAnotherProject: begin({ id: 'far-away', projectId: 'mohadin' }),
  nobody: null,
} as const

const agreeing = sowRow()
const disagreeing = sowRow({ pole: 'LAW.P.B999' })

/** What a project can come to know or settle while its tickets live. */
export const outsideChanges: ReadonlyArray<Partial<ProjectFacts>> = [
  { rows: [agreeing] },
  { rows: [disagreeing, agreeing] },
  { rows: [disagreeing] },
  { rows: [] },
  { rows: [agreeing], rxMax: -20 },
  { rows: [agreeing], rxMax: -10 },
  { rows: [agreeing], requiredPlatforms: ['sharepoint'] },
  { rows: [agreeing], requiredPlatforms: [] },
]

export const wellKnown: Partial<ProjectFacts> = { rows: [sowRow()], rxMin: -25, rxMax: -10, requiredPlatforms: [] }

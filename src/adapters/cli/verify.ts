import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { AppError } from '../../application/errors.ts'
import type {
  SnapshotFault,
  SnapshotFinding,
  Verification,
  VerifyScope,
} from '../../application/handover/verify-snapshots.ts'
import type { Application } from './application.ts'
import { EXIT, type Exit } from './exit.ts'
import { type Explain, refuse } from './refusal.ts'
import type { Terminal } from './terminal.ts'

const MEANS: {
  readonly [T in SnapshotFault['type']]: (fault: Extract<SnapshotFault, { readonly type: T }>) => string
} = {
  BytesChanged: () => 'the sealed bytes are not those that were sealed',
  HashMismatch: ({ expected, actual }) => `its chain hash should be ${expected}, it is ${actual}`,
  ChainBroken: ({ expected, actual }) => `it should follow ${expected}, it follows ${actual}`,
  SeqGap: ({ after, found }) => `after number ${after} comes number ${found}`,
  CopyDiffers: () => 'the copy kept for queries is not what was sealed',
  OtherProject: ({ expected, actual }) => `it belongs to project ${actual}, not to ${expected}`,
  UnknownFormat: ({ formatVersion }) => `format ${formatVersion} is not known to this version`,
  TicketMissing: ({ ticketId }) => `its ticket ${ticketId} is gone or deleted`,
  ColumnDiffers: ({ column }) => `the column ${column} is not what was sealed`,
  HeadDiffers: ({ head, last }) =>
    `the chain ends with number ${last.seq}, but its head says ${head === null ? 'nothing' : `number ${head.seq}`}: entries were taken away or put behind it`,
}

/** One finding in a line: where, and what is wrong there. */
export const findingLine = ({ project_id, seq, ticket_uid, what }: SnapshotFinding): string => {
  const where = seq === null ? 'the chain itself' : `snapshot ${seq}${ticket_uid === null ? '' : ` of ${ticket_uid}`}`
  return `${project_id}, ${where}: ${(MEANS[what.type] as (fault: SnapshotFault) => string)(what)} (${what.type})`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Recomputes every seal, of everything, one project or one ticket, and says exactly what is wrong and where. */
export const verifySeals =
  ({ terminal, explain }: { readonly terminal: Terminal; readonly explain: Explain }) =>
  async (
    { project, ticket }: { readonly project: string | null; readonly ticket: string | null },
    application: Application,
  ): Promise<Exit> => {
    const { principal, verify, knowsProject } = application
    if (project !== null) {
      const known = await knowsProject(project)()
      if (E.isLeft(known)) return refuse(terminal, explain(known.left))
      if (!known.right) return refuse(terminal, explain({ type: 'ProjectUnknown', projectId: project }))
    }
    const scope = await scopeOf(application, project, ticket)()
    if (E.isLeft(scope)) return refuse(terminal, explain(scope.left))
    const verified = await verify({ principal, scope: scope.right })()
    return E.isLeft(verified) ? refuse(terminal, explain(verified.left)) : report(terminal, verified.right)
  }

/** People know a ticket by its number. */
const scopeOf = (
  { principal, listTickets }: Application,
  project: string | null,
  ticket: string | null,
): TE.TaskEither<AppError, VerifyScope> => {
  if (project !== null) return TE.right({ type: 'project', projectId: project })
  if (ticket === null) return TE.right({ type: 'all' })
  if (UUID.test(ticket)) return TE.right({ type: 'ticket', ticketId: ticket.toLowerCase() })
  const asked = {
    principal,
    filters: {},
    q: ticket,
    sort: { by: 'ticket_uid', direction: 'asc' },
    page: 1,
    pageSize: 100,
  } as const
  return pipe(
    listTickets(asked),
    TE.flatMap(({ rows }) => {
      const found = rows.find(({ ticket_uid: uid }) => uid.toLowerCase() === ticket.toLowerCase())
      return found === undefined
        ? TE.left<AppError>({ type: 'NotFound', resource: 'Ticket', id: ticket })
        : TE.right({ type: 'ticket' as const, ticketId: found.id })
    }),
  )
}

const report = ({ say, complain, style }: Terminal, { snapshots, faults, findings }: Verification): Exit => {
  for (const finding of findings) complain(findingLine(finding))
  if (faults > findings.length) complain(`… and ${faults - findings.length} more`)
  const checked = `${snapshots} ${snapshots === 1 ? 'snapshot' : 'snapshots'} checked`
  if (faults === 0) say(`${checked}, ${style('green', 'nothing was touched')}.`)
  else complain(`${checked}, ${style('red', `${faults} ${faults === 1 ? 'fault' : 'faults'} found`)}.`)
  return faults === 0 ? EXIT.ok : EXIT.problem
}

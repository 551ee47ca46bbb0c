import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { defaultCalendars } from '../../src/adapters/calendar/working-calendar.ts'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import type { Pool } from '../../src/adapters/contract/pool.ts'
import { childProcessWorkbookReader } from '../../src/adapters/excel/workbook-reader.ts'
import { localReportFiles } from '../../src/adapters/local-files/report-files.ts'
import { memoryReports } from '../../src/adapters/memory/report-store.ts'
import { memorySubjectKeys } from '../../src/adapters/memory/subject-keys.ts'
import { memoryState, NEW_PROJECT } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import { postgresReportStore } from '../../src/adapters/postgres/report-store.ts'
import { postgresReportViews } from '../../src/adapters/postgres/report-views.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { keyed } from '../../src/adapters/signing/keyed.ts'
import type { ChangeDeps } from '../../src/application/change.ts'
import type { Directory, Project } from '../../src/application/ports/directory.ts'
import type { OutboxEvent } from '../../src/application/ports/outbox.ts'
import type { ReportStore, ReportViews } from '../../src/application/ports/report-store.ts'
import type { TicketStore } from '../../src/application/ports/ticket-store.ts'
import { DEFAULT_WORKBOOK_LIMITS } from '../../src/application/ports/workbook-reader.ts'
import type { Principal } from '../../src/application/principal.ts'
import { carryOutReport, LINES_IN_ONE_TRANSACTION } from '../../src/application/weekly-report/carry-out.ts'
import { commitReport } from '../../src/application/weekly-report/commit.ts'
import { previewReport, type ReportSaid, receiveReport } from '../../src/application/weekly-report/preview.ts'
import { reportReads } from '../../src/application/weekly-report/read-reports.ts'
import type { PlatformRow } from '../../src/domain/readiness/readiness.ts'
import type { Cell } from '../../src/domain/shared/sheet.ts'
import { slaTerms } from '../../src/domain/sla/sla-terms.ts'
import { testDatabase } from './databases.ts'
import { xlsx } from './workbooks.ts'

export type ImportEngine = 'memory' | 'pglite' | 'postgres'

/** Stores of one database, and a look behind them that their ports do not give. */
export type ImportStores = {
  readonly reports: ReportStore
  readonly views: ReportViews
  readonly tickets: TicketStore
  readonly toldOn: (ticketId: string) => Promise<ReadonlyArray<string>>
  readonly outbox: () => Promise<ReadonlyArray<Pick<OutboxEvent, 'id' | 'type' | 'body'>>>
  /** Connects the SOW of a project; what a platform import does. */
  readonly knowsDrops: (projectId: string, rows: ReadonlyArray<Omit<PlatformRow, 'platform' | 'asOf'>>) => Promise<void>
  readonly ticketIds: () => Promise<ReadonlyArray<string>>
  /** Rows kept of uploads, reports or not. */
  readonly keptRows: () => Promise<number>
  readonly url: string | null
  readonly pool: Pool | null
  readonly close: () => Promise<void>
}

export const storesOn = async (engine: ImportEngine): Promise<ImportStores> => {
  if (engine === 'memory') return inMemory()
  const { pool, url, close } = await testDatabase(engine)
  return { ...onPool(pool), url, close }
}

const AS_OF = '2025-11-01T00:00:00.000Z'

const inMemory = (): ImportStores => {
  const state = memoryState()
  const events: OutboxEvent[] = []
  const publish = (some: ReadonlyArray<OutboxEvent>): void => void events.push(...some)
  const tickets = memoryTicketStore({ state, sha256, publish })
  const { store, views, told, kept } = memoryReports({ state, tickets, publish })
  return {
    reports: store,
    views,
    tickets,
    toldOn: async (id) => (told.get(id) ?? []).map(({ sentence }) => sentence),
    outbox: async () => events,
    knowsDrops: async (projectId, rows) => {
      const project = state.projects.get(projectId) ?? NEW_PROJECT
      state.projects.set(projectId, {
        ...project,
        factsVersion: project.factsVersion + 1,
        platforms: { ...project.platforms, sow: { connected: true, carries: ['pole', 'pon', 'zone'] } },
        rows: rows.map((row) => ({ ...row, platform: 'sow', asOf: AS_OF })),
      })
    },
    ticketIds: async () => [...state.tickets.keys()],
    keptRows: async () => kept(),
    url: null,
    pool: null,
    close: async () => {},
  }
}

export const onPool = (pool: Pool): Omit<ImportStores, 'close' | 'url'> => ({
  reports: postgresReportStore(pool, { sow: 'platform_records', nudge: () => {} }),
  views: postgresReportViews(pool),
  tickets: postgresTicketStore(pool, { sow: 'platform_records', sha256, nudge: () => {} }),
  toldOn: async (id) => {
    const { rows } = await pool.query(
      `select content from ticket_notes where ticket_id = $1 and system_event = 'ReportedAgain' order by seq`,
      [id],
    )
    return rows.map((row) => row.content as string)
  },
  outbox: async () => {
    const { rows } = await pool.query('select event_id as id, type, body from outbox order by outbox.id')
    return rows.map((row) => ({ id: row.id, type: row.type, body: row.body }))
  },
  knowsDrops: async (projectId, rows) => {
    const importId = randomUUID()
    await pool.query(
      `insert into platform_imports (id, project_id, platform, filename, file_sha256, layout, carries, rows_read,
         rows_kept, drops, repeated_drops, spares, problem_count, imported_by, imported_at)
       values ($1, $2, 'sow', 'sow.xlsx', repeat('0', 64), '{}', '{pole,pon,zone}', 0, 0, 0, 0, 0, 0, 'mpho', $3)`,
      [importId, projectId, AS_OF],
    )
    await pool.query(
      `insert into platform_connections (project_id, platform, carries, import_id, imported_at)
       values ($1, 'sow', '{pole,pon,zone}', $2, $3)`,
      [projectId, importId, AS_OF],
    )
    await pool.query(
      `insert into platform_records (project_id, platform, dr_number, row_no, pole_number, pon_number, zone_no, spare, as_of)
       select $1, 'sow', dr, row_number() over (), pole, pon, zone, spare, $3
       from jsonb_to_recordset($2::jsonb) as r (dr text, pole text, pon text, zone text, spare boolean)`,
      [projectId, JSON.stringify(rows), AS_OF],
    )
    await pool.query(
      `insert into project_settings (project_id) values ($1)
       on conflict (project_id) do update set facts_version = project_settings.facts_version + 1`,
      [projectId],
    )
  },
  ticketIds: async () => (await pool.query('select id from tickets order by created_at, id')).rows.map((row) => row.id),
  keptRows: async () =>
    Number((await pool.query('select count(*)::integer as rows from weekly_report_rows')).rows[0]?.rows),
  pool,
})

const calendars = defaultCalendars()

/** What decisions need beside stores, at one moment that tests may move. */
export const changeDeps = (tickets: TicketStore, now: () => string): ChangeDeps => ({
  tickets,
  now,
  newId: randomUUID,
  slaTerms: (policy) => slaTerms(policy, calendars),
  canonicalBytes,
  subjectKeys: memorySubjectKeys({ subjectKeys: new Map() }),
  keyed,
})

export const MANAGER: Principal = { userId: 'mpho', role: 'manager', contractorId: null, teams: [] }
const LAWLEY: Project = { id: 'lawley', code: 'LAWLEY', name: 'Lawley', managerId: 'mpho', groupId: null }
const MOHADIN: Project = { id: 'moh', code: 'MOHADIN', name: 'Mohadin', managerId: null, groupId: null }

const directory: Directory = {
  find: ({ projects = [] }) =>
    TE.right({
      people: [],
      contractors: [],
      teams: [],
      projects: [LAWLEY, MOHADIN].filter(({ id }) => projects.includes(id)),
    }),
  all: () => TE.right({ people: [], contractors: [], teams: [], projects: [LAWLEY, MOHADIN] }),
  save: () => TE.right(undefined),
}

/** The use cases of the weekly import over some stores, its files in a folder of their own. */
export const importing = (
  stores: Pick<ImportStores, 'reports' | 'views' | 'tickets'>,
  options: { readonly chunk?: number; readonly folder?: string } = {},
) => {
  const clock = { now: '2025-11-17T08:00:00.000Z' }
  const now = () => clock.now
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'reports-'))
  const { reports, views, tickets } = stores
  const deps = changeDeps(tickets, now)
  const trouble: unknown[] = []
  const preview = {
    ...deps,
    reports,
    views,
    directory,
    files: localReportFiles(folder),
    workbooks: childProcessWorkbookReader(),
    limits: DEFAULT_WORKBOOK_LIMITS,
  }
  const carryOutDeps = {
    ...deps,
    reports,
    chunk: options.chunk ?? LINES_IN_ONE_TRANSACTION,
    onTrouble: (error: unknown) => void trouble.push(error),
  }
  const carryOut = (reportId: string, signal: AbortSignal = new AbortController().signal) =>
    carryOutReport(carryOutDeps)(reportId, signal)
  const commit = commitReport({ ...deps, reports, views })
  const reads = reportReads({
    views,
    wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
  })
  const upload = async (bytes: Uint8Array, filename: string, said: Partial<ReportSaid> = {}, by = MANAGER) => {
    const received = await receiveReport(preview)(chunked(bytes))()
    if (E.isLeft(received)) return received
    return previewReport(preview)(by, received.right, {
      filename,
      project: null,
      week: null,
      reportDate: null,
      ...said,
    })()
  }
  const imported = async (bytes: Uint8Array, filename: string, said: Partial<ReportSaid> = {}) => {
    const { report } = right(await upload(bytes, filename, said))
    right(await commit(MANAGER, report.id, report.version)())
    await carryOut(report.id)
    return right(await reads.one(MANAGER, report.id)())
  }
  const linesOf = async (id: string) => right(await views.lines(id, null, { page: 1, pageSize: 1_000 })())
  return { clock, folder, preview, carryOutDeps, carryOut, commit, reads, upload, imported, linesOf, trouble }
}

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

export const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(`left: ${JSON.stringify(either.left)}`)
  return either.right
}
export const left = <L>(either: E.Either<L, unknown>): L => {
  if (E.isRight(either)) throw new Error(`right: ${JSON.stringify(either.right)}`)
  return either.left
}

export const notesBook = (rows: ReadonlyArray<ReadonlyArray<Cell>>): Buffer => xlsx([{ name: 'Notes', rows }])

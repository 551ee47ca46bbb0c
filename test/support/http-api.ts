import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { pino } from 'pino'
import request from 'supertest'
import { defaultCalendars } from '../../src/adapters/calendar/working-calendar.ts'
import { canonicalBytes } from '../../src/adapters/canonical/canonical-bytes.ts'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { encryptedEvidenceStore } from '../../src/adapters/encryption/evidence-store.ts'
import { childProcessWorkbookReader } from '../../src/adapters/excel/workbook-reader.ts'
import { exceljsWorkbookWriter } from '../../src/adapters/excel/workbook-writer.ts'
import { look } from '../../src/adapters/imaging/look.ts'
import { photoAnalyser } from '../../src/adapters/imaging/photo-analyser.ts'
import type { PhotoPool } from '../../src/adapters/imaging/photo-pool.ts'
import type { LookUp } from '../../src/adapters/local-auth/local-authenticator.ts'
import { localAnchorStore } from '../../src/adapters/local-files/anchor-store.ts'
import { localReportFiles } from '../../src/adapters/local-files/report-files.ts'
import { memoryEvidenceStore } from '../../src/adapters/memory/evidence-store.ts'
import { memoryJobQueue } from '../../src/adapters/memory/job-queue.ts'
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts'
import { postgresDashboardQueries } from '../../src/adapters/postgres/dashboard-queries.ts'
import { postgresDirectory } from '../../src/adapters/postgres/directory.ts'
import { postgresEscalationQueries } from '../../src/adapters/postgres/escalation-queries.ts'
import { postgresEscalationStore } from '../../src/adapters/postgres/escalation-store.ts'
import { postgresEvidenceRecords } from '../../src/adapters/postgres/evidence-records.ts'
import { postgresNotificationDesk } from '../../src/adapters/postgres/notification-desk.ts'
import { postgresNotificationQueries } from '../../src/adapters/postgres/notification-queries.ts'
import { postgresNotificationStore } from '../../src/adapters/postgres/notification-store.ts'
import { postgresTicketPapers } from '../../src/adapters/postgres/papers-store.ts'
import { postgresPhotoBacklog } from '../../src/adapters/postgres/photo-backlog.ts'
import { postgresPhotoLikeness } from '../../src/adapters/postgres/photo-likeness.ts'
import { postgresPlatformStore } from '../../src/adapters/postgres/platform-store.ts'
import { postgresProofRecords } from '../../src/adapters/postgres/proof-records.ts'
import { postgresReportStore } from '../../src/adapters/postgres/report-store.ts'
import { postgresReportViews } from '../../src/adapters/postgres/report-views.ts'
import { postgresRiskQueries } from '../../src/adapters/postgres/risk-queries.ts'
import { postgresSendingStore } from '../../src/adapters/postgres/sending-store.ts'
import { postgresProjectStore } from '../../src/adapters/postgres/settings-store.ts'
import { postgresSnapshotOpenings } from '../../src/adapters/postgres/snapshot-openings.ts'
import { postgresSnapshotQueries } from '../../src/adapters/postgres/snapshot-queries.ts'
import { postgresSowSource } from '../../src/adapters/postgres/sow-source.ts'
import { postgresSubjectKeys } from '../../src/adapters/postgres/subject-keys.ts'
import { postgresSubjectRecords } from '../../src/adapters/postgres/subject-records.ts'
import { postgresSyncDesk } from '../../src/adapters/postgres/sync-desk.ts'
import { postgresTemplateStore } from '../../src/adapters/postgres/template-store.ts'
import { postgresTicketQueries } from '../../src/adapters/postgres/ticket-queries.ts'
import { postgresTicketRecordQueries } from '../../src/adapters/postgres/ticket-record-queries.ts'
import { postgresTicketStore } from '../../src/adapters/postgres/ticket-store.ts'
import { postgresTimerQueries } from '../../src/adapters/postgres/timer-queries.ts'
import { postgresDeadLetters } from '../../src/adapters/queue/dead-letters.ts'
import { fileSigner } from '../../src/adapters/signing/key-file.ts'
import { keyed } from '../../src/adapters/signing/keyed.ts'
import { readTimestamp } from '../../src/adapters/timestamp/token.ts'
import { addressOf } from '../../src/adapters/waha/addresses.ts'
import type { EvidenceStore } from '../../src/application/ports/evidence-store.ts'
import { DEFAULT_PACE } from '../../src/domain/notification/pace.ts'
import { slaTerms } from '../../src/domain/sla/sla-terms.ts'
import { examples } from '../../src/infrastructure/examples.ts'
import { routesOf } from '../../src/infrastructure/routes.ts'
import type { Ports } from '../../src/infrastructure/tokens.ts'
import { useCases } from '../../src/infrastructure/use-cases.ts'
import { type Engine, testDatabase } from './databases.ts'
import { testApp } from './http-app.ts'

export const ROOT = '/api/ticketing'

/** In this process, so that a test that needs no process of its own waits for none. */
const inThisProcess: PhotoPool = { look, running: () => [], close: async () => {} }

/** What WAHA would sign with; nobody sends in these tests unless they do it themselves. */
export const WEBHOOK_KEY = 'a-webhook-key-of-ours'

/** The whole API on a database of its own, with the examples in the directory; `clock` can be moved. */
export const apiOn = async (engine: Engine, photos: PhotoPool = inThisProcess, storage?: EvidenceStore) => {
  const database = await testDatabase(engine)
  const directory = await mkdtemp(join(tmpdir(), 'ticketing-http-'))
  const clock = { now: '2026-03-03T08:00:00.000Z' }
  const stored: Stored = { objects: new Map(), stagings: new Map() }
  const kept = storage ?? memoryEvidenceStore(() => clock.now, stored.objects, stored.stagings)
  const ports = portsOn(database.pool, directory, clock, kept, photos)
  const uses = useCases(ports)
  const saved = await ports.directory.save(examples)()
  if (E.isLeft(saved)) throw new Error(saved.left.type)
  const routes = routesOf(ports, uses)
  const logged: unknown[] = []
  const app = testApp({ routes, lookUp: fromExamples, logged, now: () => clock.now })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const as = (user: string) => {
    const named = <R extends request.Test>(test: R): R => test.set('X-Local-User', user)
    return {
      get: (path: string) => named(request(server).get(`${ROOT}${path}`)),
      post: (path: string, body: object = {}) => named(request(server).post(`${ROOT}${path}`)).send(body),
      upload: (path: string) => named(request(server).post(`${ROOT}${path}`)),
      put: (path: string, version: number, body: object) =>
        named(request(server).put(`${ROOT}${path}`))
          .set('If-Match', `"${version}"`)
          .send(body),
      change: (path: string, version: number, body: object = {}) =>
        named(request(server).post(`${ROOT}${path}`))
          .set('If-Match', `"${version}"`)
          .send(body),
      delete: (path: string, version: number, body: object = {}) =>
        named(request(server).delete(`${ROOT}${path}`))
          .set('If-Match', `"${version}"`)
          .send(body),
    }
  }
  return {
    uses,
    routes,
    app,
    server,
    as,
    clock,
    stored,
    ports,
    logged,
    pool: database.pool,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await database.close()
      await rm(directory, { recursive: true })
    },
  }
}
export type Api = Awaited<ReturnType<typeof apiOn>>

/** Local sign-in as the examples have people. */
export const fromExamples: LookUp = (userId) => {
  const person = examples.people.find(({ id }) => id === userId)
  return TE.right(
    person === undefined
      ? null
      : {
          role: person.role,
          contractorId: person.contractorId,
          teams: examples.teams.filter((team) => team.memberIds.includes(userId)).map((team) => team.id),
        },
  )
}

type Stored = {
  readonly objects: Map<string, Uint8Array>
  readonly stagings: NonNullable<Parameters<typeof memoryEvidenceStore>[2]>
}

const portsOn = (
  pool: Ports['database']['pool'],
  directory: string,
  clock: { readonly now: string },
  storage: EvidenceStore,
  photos: PhotoPool,
): Ports => {
  const signer = fileSigner({ file: join(directory, 'key.pem'), makeFirst: true, now: () => new Date() })
  const options = { sow: 'platform_records', sha256, signer, nudge: () => {} } as const
  const tickets = postgresTicketStore(pool, options)
  const calendars = defaultCalendars()
  const subjectKeys = postgresSubjectKeys(pool)
  const reports = postgresReportStore(pool, options)
  return {
    config: {
      host: '127.0.0.1',
      port: 0,
      databaseUrl: null,
      databasePoolMax: 4,
      dataDir: directory,
      signingKey: { file: join(directory, 'key.pem'), makeFirst: true },
      anchorDir: directory,
      timestamps: null,
      examples: 'on',
      hostSow: false,
      storage: { kind: 'local' },
      relevanceModel: null,
      logLevel: 'silent',
      shutdownGraceMs: 0,
      qcontact: null,
      whatsapp: {
        waha: {
          url: 'http://127.0.0.1:1',
          apiKey: 'unused',
          session: 'default',
          webhookKey: WEBHOOK_KEY,
          timeoutMs: 16_000,
        },
        on: true,
        pace: DEFAULT_PACE,
      },
      worker: true,
      workerMetrics: null,
    },
    log: pino({ level: 'silent' }),
    database: { kind: 'pglite', pool, close: async () => {} },
    hostSow: null,
    storeOptions: options,
    signer,
    bucket: null,
    evidenceRecords: postgresEvidenceRecords(pool),
    proofRecords: postgresProofRecords(pool),
    anchorStore: localAnchorStore(directory),
    readTimestamp: readTimestamp([]),
    timestampAuthority: null,
    metrics: prometheusMetrics(() => {}),
    queue: memoryJobQueue(),
    deadLetters: postgresDeadLetters(pool, () => {}),
    tickets,
    likeness: postgresPhotoLikeness(pool),
    papers: postgresTicketPapers(pool, () => {}),
    directory: postgresDirectory(pool),
    projects: postgresProjectStore(pool, options),
    platforms: postgresPlatformStore(pool, options),
    sow: postgresSowSource(pool, null),
    escalations: postgresEscalationStore(pool, options),
    ticketQueries: postgresTicketQueries(pool, options.sow),
    subjectKeys,
    subjectRecords: postgresSubjectRecords(pool),
    recordQueries: postgresTicketRecordQueries(pool),
    riskQueries: postgresRiskQueries(pool),
    dashboardQueries: postgresDashboardQueries(pool),
    snapshotOpenings: postgresSnapshotOpenings(pool),
    snapshotQueries: postgresSnapshotQueries(pool),
    escalationQueries: postgresEscalationQueries(pool),
    timers: postgresTimerQueries(pool, () => {}),
    evidence: encryptedEvidenceStore({
      store: storage,
      keys: subjectKeys,
      keepsAll: TE.right(false),
    }),
    photoBacklog: postgresPhotoBacklog(pool),
    photoPool: photos,
    analyser: photoAnalyser({ look: photos.look, classifier: null }),
    reportFiles: localReportFiles(directory),
    workbooks: childProcessWorkbookReader(),
    reports,
    reportViews: postgresReportViews(pool),
    workbookWriter: exceljsWorkbookWriter,
    templates: postgresTemplateStore(pool),
    notifications: postgresNotificationStore(pool, { newId: randomUUID, addressOf }),
    notificationQueries: postgresNotificationQueries(pool),
    desk: postgresNotificationDesk(pool),
    sending: postgresSendingStore(pool),
    messenger: null,
    sync: null,
    syncDesk: postgresSyncDesk(pool),
    changes: {
      tickets,
      now: () => clock.now,
      newId: randomUUID,
      slaTerms: (policy) => slaTerms(policy, calendars),
      canonicalBytes,
      subjectKeys,
      keyed,
    },
  }
}

import type { Logger } from 'pino'
import type { Database } from '../adapters/contract/pool.ts'
import type { OpenBucket } from '../adapters/firebase-storage/open-bucket.ts'
import type { PhotoPool } from '../adapters/imaging/photo-pool.ts'
import type { Metrics } from '../adapters/metrics/prometheus.ts'
import type { HostSow } from '../adapters/postgres/sow-host.ts'
import type { TicketStoreOptions } from '../adapters/postgres/ticket-store.ts'
import type { ChangeDeps } from '../application/change.ts'
import type { AnchorStore } from '../application/ports/anchor-store.ts'
import type { DashboardQueries } from '../application/ports/dashboard-queries.ts'
import type { DeadLetters } from '../application/ports/dead-letters.ts'
import type { Directory } from '../application/ports/directory.ts'
import type { EscalationQueries, EscalationStore } from '../application/ports/escalation-store.ts'
import type { EvidenceRecords } from '../application/ports/evidence-records.ts'
import type { EvidenceStore } from '../application/ports/evidence-store.ts'
import type { JobQueue } from '../application/ports/job-queue.ts'
import type { Messenger } from '../application/ports/messenger.ts'
import type { NotificationDesk, NotificationQueries } from '../application/ports/notification-queries.ts'
import type { NotificationStore } from '../application/ports/notification-store.ts'
import type { PhotoAnalyser } from '../application/ports/photo-analyser.ts'
import type { PhotoBacklog } from '../application/ports/photo-backlog.ts'
import type { PhotoLikeness } from '../application/ports/photo-likeness.ts'
import type { PlatformStore } from '../application/ports/platform-store.ts'
import type { ProjectStore } from '../application/ports/project-store.ts'
import type { ProofRecords } from '../application/ports/proof-records.ts'
import type { ReportFiles } from '../application/ports/report-files.ts'
import type { ReportStore, ReportViews } from '../application/ports/report-store.ts'
import type { RiskQueries } from '../application/ports/risk-queries.ts'
import type { SendingStore } from '../application/ports/sending-store.ts'
import type { Signer } from '../application/ports/signer.ts'
import type { SnapshotOpenings } from '../application/ports/snapshot-openings.ts'
import type { SnapshotQueries } from '../application/ports/snapshot-queries.ts'
import type { SowSource } from '../application/ports/sow-source.ts'
import type { SubjectKeys } from '../application/ports/subject-keys.ts'
import type { SubjectRecords } from '../application/ports/subject-records.ts'
import type { SyncDesk } from '../application/ports/sync-desk.ts'
import type { TemplateStore } from '../application/ports/template-store.ts'
import type { TicketPapers } from '../application/ports/ticket-papers.ts'
import type { TicketQueries } from '../application/ports/ticket-queries.ts'
import type { TicketRecordQueries } from '../application/ports/ticket-record-queries.ts'
import type { TicketStore } from '../application/ports/ticket-store.ts'
import type { TimerQueries } from '../application/ports/timer-queries.ts'
import type { ReadTimestamp, TimestampAuthority } from '../application/ports/timestamp-authority.ts'
import type { WorkbookReader, WorkbookWriter } from '../application/ports/workbook-reader.ts'
import type { Config } from './config.ts'
import type { SyncPorts } from './sync-ports.ts'
import { type Token, token } from './token.ts'

/** Everything the container holds, by name. */
export const T = {
  config: token<Config>('config'),
  log: token<Logger>('log'),
  database: token<Database>('database'),
  hostSow: token<HostSow | null>('hostSow'),
  storeOptions: token<TicketStoreOptions>('storeOptions'),
  metrics: token<Metrics>('metrics'),
  queue: token<JobQueue>('queue'),
  deadLetters: token<DeadLetters>('deadLetters'),
  tickets: token<TicketStore>('tickets'),
  subjectKeys: token<SubjectKeys>('subjectKeys'),
  subjectRecords: token<SubjectRecords>('subjectRecords'),
  papers: token<TicketPapers>('papers'),
  directory: token<Directory>('directory'),
  projects: token<ProjectStore>('projects'),
  platforms: token<PlatformStore>('platforms'),
  sow: token<SowSource>('sow'),
  escalations: token<EscalationStore>('escalations'),
  ticketQueries: token<TicketQueries>('ticketQueries'),
  recordQueries: token<TicketRecordQueries>('recordQueries'),
  riskQueries: token<RiskQueries>('riskQueries'),
  dashboardQueries: token<DashboardQueries>('dashboardQueries'),
  snapshotQueries: token<SnapshotQueries>('snapshotQueries'),
  snapshotOpenings: token<SnapshotOpenings>('snapshotOpenings'),
  signer: token<Signer>('signer'),
  proofRecords: token<ProofRecords>('proofRecords'),
  anchorStore: token<AnchorStore>('anchorStore'),
  readTimestamp: token<ReadTimestamp>('readTimestamp'),
  timestampAuthority: token<TimestampAuthority | null>('timestampAuthority'),
  timers: token<TimerQueries>('timers'),
  escalationQueries: token<EscalationQueries>('escalationQueries'),
  /** null: evidence is kept on this machine. */
  bucket: token<OpenBucket | null>('bucket'),
  evidence: token<EvidenceStore>('evidence'),
  evidenceRecords: token<EvidenceRecords>('evidenceRecords'),
  photoBacklog: token<PhotoBacklog>('photoBacklog'),
  photoPool: token<PhotoPool>('photoPool'),
  analyser: token<PhotoAnalyser>('analyser'),
  likeness: token<PhotoLikeness>('likeness'),
  reportFiles: token<ReportFiles>('reportFiles'),
  workbooks: token<WorkbookReader>('workbooks'),
  reports: token<ReportStore>('reports'),
  reportViews: token<ReportViews>('reportViews'),
  workbookWriter: token<WorkbookWriter>('workbookWriter'),
  templates: token<TemplateStore>('templates'),
  notifications: token<NotificationStore>('notifications'),
  notificationQueries: token<NotificationQueries>('notificationQueries'),
  desk: token<NotificationDesk>('desk'),
  sending: token<SendingStore>('sending'),
  /** null: no WAHA is configured. */
  messenger: token<Messenger | null>('messenger'),
  /** null: no QContact is configured. */
  sync: token<SyncPorts | null>('sync'),
  syncDesk: token<SyncDesk>('syncDesk'),
  changes: token<ChangeDeps>('changes'),
} as const

/** Everything the use cases reach the outside through, by name. */
export type Ports = { readonly [K in keyof typeof T]: (typeof T)[K] extends Token<infer A> ? A : never }

import { ContainerModule } from 'inversify'
import { sha256 } from '../../adapters/canonical/sha256.ts'
import { postgresDashboardQueries } from '../../adapters/postgres/dashboard-queries.ts'
import { postgresDirectory } from '../../adapters/postgres/directory.ts'
import { findHostInstallations } from '../../adapters/postgres/drops-host.ts'
import { postgresEscalationQueries } from '../../adapters/postgres/escalation-queries.ts'
import { postgresEscalationStore } from '../../adapters/postgres/escalation-store.ts'
import { postgresEvidenceRecords } from '../../adapters/postgres/evidence-records.ts'
import { postgresTicketPapers } from '../../adapters/postgres/papers-store.ts'
import { postgresPhotoBacklog } from '../../adapters/postgres/photo-backlog.ts'
import { postgresPhotoLikeness } from '../../adapters/postgres/photo-likeness.ts'
import { postgresPlatformStore } from '../../adapters/postgres/platform-store.ts'
import { postgresProofRecords } from '../../adapters/postgres/proof-records.ts'
import { postgresReportStore } from '../../adapters/postgres/report-store.ts'
import { postgresReportViews } from '../../adapters/postgres/report-views.ts'
import { postgresRiskQueries } from '../../adapters/postgres/risk-queries.ts'
import { postgresProjectStore } from '../../adapters/postgres/settings-store.ts'
import { postgresSnapshotOpenings } from '../../adapters/postgres/snapshot-openings.ts'
import { postgresSnapshotQueries } from '../../adapters/postgres/snapshot-queries.ts'
import {
  findHostSow,
  type HostSow,
  hostSowCarries,
  hostSowProjects,
  hostSowSql,
} from '../../adapters/postgres/sow-host.ts'
import { postgresSowSource } from '../../adapters/postgres/sow-source.ts'
import { postgresSubjectKeys } from '../../adapters/postgres/subject-keys.ts'
import { postgresSubjectRecords } from '../../adapters/postgres/subject-records.ts'
import { postgresTicketQueries } from '../../adapters/postgres/ticket-queries.ts'
import { postgresTicketRecordQueries } from '../../adapters/postgres/ticket-record-queries.ts'
import { postgresTicketStore } from '../../adapters/postgres/ticket-store.ts'
import { postgresTimerQueries } from '../../adapters/postgres/timer-queries.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** Every store and every read on the database, PostgreSQL or the embedded one: the SQL is the same. */
export const postgresModule = new ContainerModule((container) => {
  bindTo(container, T.hostSow, (config, database) => (config.hostSow ? findHostSow(database.pool) : null), [
    T.config,
    T.database,
  ])
  bindTo(
    container,
    T.storeOptions,
    async (host, { pool }, queue, signer) => {
      const hostInstallations = await findHostInstallations(pool)
      return {
        sow: host === null ? ('platform_records' as const) : hostDesign(host),
        ...(hostInstallations === null ? {} : { hostInstallations }),
        sha256,
        signer,
        nudge: queue.nudge,
      }
    },
    [T.hostSow, T.database, T.queue, T.signer],
  )
  bindTo(container, T.tickets, ({ pool }, options) => postgresTicketStore(pool, options), [T.database, T.storeOptions])
  bindTo(container, T.subjectKeys, ({ pool }) => postgresSubjectKeys(pool), [T.database])
  bindTo(container, T.subjectRecords, ({ pool }) => postgresSubjectRecords(pool), [T.database])
  bindTo(container, T.likeness, ({ pool }) => postgresPhotoLikeness(pool), [T.database])
  bindTo(container, T.photoBacklog, ({ pool }) => postgresPhotoBacklog(pool), [T.database])
  bindTo(container, T.papers, ({ pool }, { nudge }) => postgresTicketPapers(pool, nudge), [T.database, T.queue])
  bindTo(container, T.directory, ({ pool }) => postgresDirectory(pool), [T.database])
  bindTo(container, T.projects, ({ pool }, options) => postgresProjectStore(pool, options), [
    T.database,
    T.storeOptions,
  ])
  bindTo(container, T.platforms, ({ pool }, options) => postgresPlatformStore(pool, options), [
    T.database,
    T.storeOptions,
  ])
  bindTo(container, T.sow, ({ pool }, host) => postgresSowSource(pool, host), [T.database, T.hostSow])
  bindTo(container, T.reports, ({ pool }, options) => postgresReportStore(pool, options), [T.database, T.storeOptions])
  bindTo(container, T.reportViews, ({ pool }) => postgresReportViews(pool), [T.database])
  bindTo(container, T.escalations, ({ pool }, options) => postgresEscalationStore(pool, options), [
    T.database,
    T.storeOptions,
  ])
  bindTo(container, T.timers, ({ pool }, { nudge }) => postgresTimerQueries(pool, nudge), [T.database, T.queue])
  bindTo(container, T.escalationQueries, ({ pool }) => postgresEscalationQueries(pool), [T.database])
  bindTo(container, T.ticketQueries, ({ pool }, { sow }) => postgresTicketQueries(pool, sow), [
    T.database,
    T.storeOptions,
  ])
  bindTo(container, T.recordQueries, ({ pool }) => postgresTicketRecordQueries(pool), [T.database])
  bindTo(container, T.evidenceRecords, ({ pool }) => postgresEvidenceRecords(pool), [T.database])
  bindTo(container, T.riskQueries, ({ pool }) => postgresRiskQueries(pool), [T.database])
  bindTo(container, T.dashboardQueries, ({ pool }) => postgresDashboardQueries(pool), [T.database])
  bindTo(container, T.proofRecords, ({ pool }) => postgresProofRecords(pool), [T.database])
  bindTo(container, T.snapshotOpenings, ({ pool }) => postgresSnapshotOpenings(pool), [T.database])
  bindTo(container, T.snapshotQueries, ({ pool }) => postgresSnapshotQueries(pool), [T.database])
})

/** The host's design as the ticket store reads it: its rows, whether it has the project at all, and what it can say. */
const hostDesign = (host: HostSow) => ({
  rows: (project: string, drops: string) => hostSowSql(host, { project, drops }),
  connected: (project: string) => `exists (${hostSowProjects(host, project)})`,
  carries: hostSowCarries(host),
})

import { randomUUID } from 'node:crypto'
import { ContainerModule } from 'inversify'
import { defaultCalendars, warm } from '../../adapters/calendar/working-calendar.ts'
import { canonicalBytes } from '../../adapters/canonical/canonical-bytes.ts'
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts'
import { openPglite } from '../../adapters/pglite/open-pglite.ts'
import { openPostgres } from '../../adapters/postgres/database.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { postgresDeadLetters } from '../../adapters/queue/dead-letters.ts'
import { pgBossJobQueue } from '../../adapters/queue/job-queue.ts'
import { keyed } from '../../adapters/signing/keyed.ts'
import { slaTerms } from '../../domain/sla/sla-terms.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** Database, queue, clock and ids: what makes the rest run. The container closes what it opened, in reverse. */
export const runningModule = new ContainerModule((container) => {
  bindTo(
    container,
    T.database,
    async ({ databaseUrl, databasePoolMax, dataDir }, log) => {
      const database =
        databaseUrl === null
          ? await openPglite({ dataDir })
          : openPostgres({
              url: databaseUrl,
              maxConnections: databasePoolMax,
              onError: (error) => log.warn({ code: codeOf(error) }, 'an idle database connection was lost'),
            })
      const applied = await migrate(database.pool)
      if (applied.length > 0) log.info({ applied }, 'database migrated')
      return database
    },
    [T.config, T.log],
  ).onDeactivation((database) => database.close())
  bindTo(
    container,
    T.metrics,
    (log) => prometheusMetrics((error) => log.warn({ code: codeOf(error) }, 'a measurement could not be read')),
    [T.log],
  )
  bindTo(
    container,
    T.queue,
    ({ pool, kind }, { shutdownGraceMs }, log, { watch }) =>
      pgBossJobQueue({
        pool,
        kind,
        watch: {
          handled: (what) => {
            watch.handled(what)
            if (what.outcome === 'failed') log.warn({ reaction: what.reaction }, 'an attempt at an event failed')
          },
          ran: (what) => {
            watch.ran(what)
            if (what.outcome === 'failed') log.warn({ schedule: what.schedule }, 'a run of a schedule failed')
          },
          died: (what) => {
            watch.died(what)
            log.error(what, 'an event could not be handled; it waits among the dead letters')
          },
        },
        graceMs: shutdownGraceMs,
        onError: (error) => log.warn({ code: codeOf(error) }, 'the queue met trouble and goes on'),
      }),
    [T.database, T.config, T.log, T.metrics],
  )
  bindTo(container, T.deadLetters, ({ pool }, { nudge }) => postgresDeadLetters(pool, nudge), [T.database, T.queue])
  bindTo(
    container,
    T.changes,
    (tickets, subjectKeys) => {
      const calendars = defaultCalendars()
      warm(calendars.working_hours, new Date().getUTCFullYear())
      return {
        tickets,
        now: () => new Date().toISOString(),
        newId: randomUUID,
        slaTerms: (policy) => slaTerms(policy, calendars),
        canonicalBytes,
        subjectKeys,
        keyed,
      }
    },
    [T.tickets, T.subjectKeys],
  )
})

/** A database error's code; its message may quote a row. */
const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : String(name)
}

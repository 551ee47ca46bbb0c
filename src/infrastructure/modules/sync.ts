import { ContainerModule } from 'inversify'
import { postgresSyncDesk } from '../../adapters/postgres/sync-desk.ts'
import { syncPorts } from '../sync-ports.ts'
import { bindTo } from '../token.ts'
import { T } from '../tokens.ts'

/** QContact, where one is configured; what was exchanged before is shown in any case. */
export const syncModule = new ContainerModule((container) => {
  bindTo(
    container,
    T.sync,
    ({ qcontact }, database, { nudge }, log) =>
      qcontact === null
        ? null
        : syncPorts(qcontact, database, nudge, {
            away: (why) => log.warn({ why }, 'QContact cannot be reached; it is tried again until it can'),
            back: () => log.info('QContact is there again'),
          }),
    [T.config, T.database, T.queue, T.log],
  )
  bindTo(container, T.syncDesk, ({ pool }) => postgresSyncDesk(pool), [T.database])
})

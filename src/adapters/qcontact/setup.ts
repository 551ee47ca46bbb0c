import type { SyncSetup } from '../../application/sync/setup.ts'
import { statusMapsOf } from './case-codec.ts'
import type { QContactConfiguration } from './configuration.ts'

/** What the application is told of a tenant's configuration; addresses, paths and limits stay here. */
export const setupOf = (configuration: QContactConfiguration): SyncSetup => ({
  tenant: configuration.tenant,
  rules: configuration.fields.map(({ local, direction, owner }) => ({ field: local, direction, owner })),
  maps: statusMapsOf(configuration),
  assignees: configuration.assignees,
  project: configuration.project,
  types: configuration.types,
  pollSeconds: configuration.pollSeconds,
})

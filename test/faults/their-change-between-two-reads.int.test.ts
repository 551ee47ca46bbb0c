import * as TE from 'fp-ts/lib/TaskEither.js'
import { expect, it } from 'vitest'
import { startStandIn } from '../../src/adapters/qcontact/stand-in/server.ts'
import type { TicketSystem } from '../../src/application/ports/ticket-system.ts'
import { syncCase } from '../../src/application/sync/sync-case.ts'
import { describeOn, testDatabase } from '../support/databases.ts'
import { right, syncingOn, TECHNICIAN } from '../support/syncing.ts'

/** Somebody there acts just before the named question is asked for the first time. */
const actingBefore = (system: TicketSystem, question: 'get' | 'history' | 'apply', act: () => void): TicketSystem => {
  let done = false
  const first = <A>(work: () => A): A => {
    if (!done) act()
    done = true
    return work()
  }
  const when = (name: typeof question) => (name === question ? first : <A>(work: () => A): A => work())
  return {
    ...system,
    get: (...said) => TE.flatten(TE.fromIO(() => when('get')(() => system.get(...said)))),
    history: (...said) => TE.flatten(TE.fromIO(() => when('history')(() => system.history(...said)))),
    apply: (...said) => TE.flatten(TE.fromIO(() => when('apply')(() => system.apply(...said)))),
  }
}

describeOn('pglite', 'What somebody sets over there while we are looking', () => {
  for (const question of ['get', 'history', 'apply'] as const)
    it(`is never overwritten in silence: just before we ask to ${question}`, async () => {
      const database = await testDatabase('pglite')
      const standIn = await startStandIn()
      const syncing = syncingOn(database.pool, standIn)
      await syncing.prepare()
      const caseId = standIn.cases.add({})
      await syncing.look(caseId)
      const ticketId = syncing.deps.ticketIdOf(caseId)
      await syncing.run(ticketId, { command: 'assign', assignment: { technician: TECHNICIAN } })
      const system = actingBefore(syncing.deps.system, question, () => {
        standIn.cases.change(caseId, { status: 'InReview' })
      })
      const asked = { caseId, repair: false, onlyNews: true, believesGone: false }
      await right(syncCase({ ...syncing.deps, system })(asked, syncing.signal))
      await syncing.look(caseId)
      const conflicts = await syncing.conflicts()
      const status = standIn.cases.known(caseId).fields.status
      await standIn.close()
      await database.close()
      expect(status).toBe('Assigned')
      expect(conflicts).toMatchObject([{ field: 'status', theirs: 'InReview', winner: 'local' }])
    })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memorySubjectKeys } from '../../src/adapters/memory/subject-keys.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { postgresSubjectKeys } from '../../src/adapters/postgres/subject-keys.ts'
import { subjectKeysContract } from '../contract/subject-keys.contract.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { done } from '../support/stored-tickets.ts'

const state = memoryState()
subjectKeysContract('in memory', () => memorySubjectKeys(state))

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Keys of tickets', () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await testDatabase(engine)
    })
    afterAll(() => database.close())

    subjectKeysContract(`on ${engine}`, () => postgresSubjectKeys(database.pool))

    it('can only be destroyed, once, and then say so', async () => {
      const id = randomUUID()
      const keys = postgresSubjectKeys(database.pool)
      await done(keys.keyOf(id))
      const destroy =
        "update subject_keys set key = null, destroyed_at = $2, destroyed_by = 'lerato' where ticket_id = $1"
      const refused = { code: '23001' }
      for (const statement of [
        `update subject_keys set key = decode(repeat('ab', 32), 'hex') where ticket_id = $1`,
        'update subject_keys set made_at = now() where ticket_id = $1',
        'delete from subject_keys where ticket_id = $1',
      ])
        await expect(database.pool.query(statement, [id])).rejects.toMatchObject(refused)
      await expect(database.pool.query('truncate subject_keys')).rejects.toMatchObject(refused)

      await database.pool.query(destroy, [id, '2026-03-01T10:00:00Z'])
      expect(await done(keys.keyOf(id))).toEqual({ state: 'destroyed', at: '2026-03-01T10:00:00.000Z' })
      await expect(database.pool.query(destroy, [id, '2026-03-02T10:00:00Z'])).rejects.toMatchObject(refused)
      await expect(
        database.pool.query(
          `update subject_keys set key = decode(repeat('ab', 32), 'hex'), destroyed_at = null, destroyed_by = null
           where ticket_id = $1`,
          [id],
        ),
      ).rejects.toMatchObject(refused)
    })
  })

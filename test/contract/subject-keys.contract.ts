import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { SubjectKey, SubjectKeys } from '../../src/application/ports/subject-keys.ts'
import { done } from '../support/stored-tickets.ts'

const bytesOf = (key: SubjectKey): string => (key.state === 'held' ? Buffer.from(key.key).toString('hex') : key.state)

/** What the keys of tickets promise. */
export const subjectKeysContract = (name: string, world: () => SubjectKeys): void => {
  describe(`Subject keys ${name}`, () => {
    it('makes 32 bytes for a ticket at the first asking and gives the same ever after', async () => {
      const id = randomUUID()
      const first = bytesOf(await done(world().keyOf(id)))
      expect(first).toMatch(/^[0-9a-f]{64}$/)
      expect(bytesOf(await done(world().keyOf(id)))).toBe(first)
    })

    it('gives each ticket a key of its own', async () => {
      const keys = await Promise.all([1, 2, 3].map(async () => bytesOf(await done(world().keyOf(randomUUID())))))
      expect(new Set(keys).size).toBe(3)
    })

    it('gives everyone who asks for a new key at once the same one', async () => {
      const id = randomUUID()
      const keys = await Promise.all(Array.from({ length: 8 }, async () => bytesOf(await done(world().keyOf(id)))))
      expect(new Set(keys).size).toBe(1)
    })
  })
}

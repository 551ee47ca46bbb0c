import { randomUUID } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encryptedEvidenceStore } from '../../src/adapters/encryption/evidence-store.ts'
import { localEvidenceStore } from '../../src/adapters/local-files/evidence-store.ts'
import { memorySubjectKeys } from '../../src/adapters/memory/subject-keys.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { postgresEvidenceRecords } from '../../src/adapters/postgres/evidence-records.ts'
import { reconcileEvidence } from '../../src/application/evidence/reconcile.ts'
import { describeOn, type TestDatabase, testDatabase } from '../support/databases.ts'
import { done } from '../support/stored-tickets.ts'

async function* content(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

for (const engine of ['postgres', 'pglite'] as const)
  describeOn(engine, 'Whoever can write to the disk of the evidence', () => {
    let database: TestDatabase
    let root: string
    const names: string[] = []
    const paths = () => names.map((name) => join(root, name))
    beforeAll(async () => {
      database = await testDatabase(engine)
      root = await mkdtemp(join(tmpdir(), 'contents-'))
      const plain = localEvidenceStore(root)
      const encrypted = encryptedEvidenceStore({
        store: plain,
        keys: memorySubjectKeys(memoryState()),
        keepsAll: TE.right(false),
      })
      for (let n = 0; n < 6; n += 1) {
        const { rows } = await database.pool.query<{ id: string }>(
          `insert into tickets (source, title, ticket_type, project_id, status)
           values ('manual', 'x', 'incident', 'p', 'open') returning id`,
        )
        const ticketId = rows[0]?.id ?? ''
        // an earlier build stored photos as they came
        const store = n < 4 ? encrypted : plain
        const staged = await done(store.stage(content(Buffer.alloc(200_000, n + 1)), 1_000_000))
        const { bucket, name, sha256, size, stored } = await done(
          store.commit(staged, { ticketId, stepKey: 'house_front', extension: 'jpg' }),
        )
        names.push(name)
        await database.pool.query(
          `insert into ticket_attachments (id, ticket_id, filename, storage_path, storage_bucket, storage_generation, sha256,
             file_size, stored_sha256, stored_size)
           values ($1, $2, 'x.jpg', $3, $4, '1', $5, $6, $7, $8)`,
          [randomUUID(), ticketId, name, bucket, sha256, size, stored?.sha256 ?? null, stored?.size ?? null],
        )
      }
    })
    afterAll(async () => {
      await database?.close()
      await rm(root, { recursive: true, force: true })
    })

    const reconciled = (contents: boolean) =>
      done(
        reconcileEvidence({
          evidence: localEvidenceStore(root),
          evidenceRecords: postgresEvidenceRecords(database.pool),
          now: () => new Date().toISOString(),
        })({ contents }),
      )
    const differing = async (contents = true) =>
      (await reconciled(contents)).contentDiffers.first.map(({ name }) => name).toSorted()
    const exchange = async (a: string, b: string) => {
      await rename(a, `${a}.other`)
      await rename(b, a)
      await rename(`${a}.other`, b)
    }

    it('and left everything as it was is not accused', async () => {
      expect(await reconciled(true)).toMatchObject({
        records: 6,
        objects: 6,
        contentsRead: 6,
        contentDiffers: { count: 0 },
        changed: { count: 0 },
        missing: { count: 0 },
      })
      expect((await reconciled(false)).contentsRead).toBeNull()
    })

    it('and lets two photos change places is found out by their contents, not by their sizes', async () => {
      for (const [one, other] of [
        [0, 3],
        [4, 5],
      ] as const) {
        const [a = '', b = ''] = [paths()[one], paths()[other]]
        await exchange(a, b)
        expect(await reconciled(false)).toMatchObject({ changed: { count: 0 }, contentDiffers: { count: 0 } })
        expect(await differing()).toEqual([names[one], names[other]].toSorted())
        await exchange(a, b)
        expect(await differing()).toEqual([])
      }
    })

    it('and puts another picture of the same size there is found out', async () => {
      const [, second = ''] = paths()
      await writeFile(second, Buffer.alloc(200_072, 9))
      expect(await differing()).toEqual([names[1]])
    })
  })

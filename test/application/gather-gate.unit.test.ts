import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/adapters/canonical/sha256.ts'
import { encryptedEvidenceStore } from '../../src/adapters/encryption/evidence-store.ts'
import { memoryDirectory } from '../../src/adapters/memory/directory.ts'
import { memoryEvidenceStore } from '../../src/adapters/memory/evidence-store.ts'
import { memorySubjectKeys } from '../../src/adapters/memory/subject-keys.ts'
import { memoryState } from '../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../src/adapters/memory/ticket-store.ts'
import type { Stored } from '../../src/application/ports/ticket-store.ts'
import { gatherGate } from '../../src/application/ticket/gather-gate.ts'
import type { Assignment } from '../../src/domain/ticket/ticket.ts'
import { done } from '../support/stored-tickets.ts'
import { loaded, storedIn } from '../support/ticket-copies.ts'

const directory = memoryDirectory({
  people: [
    { id: 'sipho', name: 'Sipho', role: 'technician', contractorId: 'own', phone: null, email: null },
    { id: 'lone', name: 'Lone', role: 'technician', contractorId: null, phone: null, email: null },
    { id: 'thabo', name: 'Thabo', role: 'technician', contractorId: 'ubuntu', phone: null, email: null },
  ],
  contractors: [
    { id: 'own', name: 'Ours', phone: null, groupId: null, isOwn: true },
    { id: 'ubuntu', name: 'Ubuntu', phone: null, groupId: null, isOwn: false },
  ],
  teams: [
    { id: 'law2', name: 'Lawley 2', contractorId: 'own', memberIds: [], phone: null, groupId: null },
    { id: 'law1', name: 'Lawley 1', contractorId: 'ubuntu', memberIds: [], phone: null, groupId: null },
  ],
  projects: [],
})
const nobody: Assignment = { technician: null, contractor: null, team: null }

describe('what the gate is told', () => {
  let stored: Stored
  const evidence = memoryEvidenceStore(() => '2026-03-03T08:00:00.000Z')
  beforeEach(async () => {
    const tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
    stored = await loaded(tickets, await storedIn(tickets, 'pending_handover'))
  })
  const told = async (assignment: Partial<Assignment>) => {
    const ticket = { ...stored.ticket, assignment: { ...nobody, ...assignment } } as Stored['ticket']
    const facts = await gatherGate({ evidence, directory })({ ...stored, ticket })()
    if (E.isLeft(facts)) throw new Error(facts.left.type)
    return facts.right
  }

  it.each<readonly [Partial<Assignment>, object]>([
    [{ technician: 'sipho' }, { technicianIsOurOwn: true, contractorKnown: false, teamIsOurOwn: false }],
    [{ technician: 'lone' }, { technicianIsOurOwn: true }],
    [{ technician: 'thabo' }, { technicianIsOurOwn: false }],
    [{ technician: 'nobody-knows' }, { technicianIsOurOwn: false }],
    [{ team: 'law2' }, { teamIsOurOwn: true }],
    [{ team: 'law1' }, { teamIsOurOwn: false }],
    [{ contractor: 'ubuntu' }, { contractorKnown: true }],
    [{ contractor: 'nobody-knows' }, { contractorKnown: false }],
  ])('of an assignment to %o: %o', async (assignment, known) => {
    expect((await told(assignment)).assignment).toMatchObject(known)
  })

  it('an encrypted photo is stored while the storage holds its encrypted bytes, and differs once they change', async () => {
    const objects = new Map<string, Uint8Array>()
    const keys = memorySubjectKeys(memoryState())
    const storage = memoryEvidenceStore(() => '2026-03-03T08:00:00.000Z', objects)
    const encrypted = encryptedEvidenceStore({ store: storage, keys, keepsAll: TE.right(false) })
    const staged = await done(encrypted.stage(inOneChunk(Buffer.from('a photo')), 100))
    const place = { ticketId: stored.ticket.id, stepKey: 'house_front', extension: 'jpg' }
    const object = await done(encrypted.commit(staged, place))
    const photos = stored.ticket.photos.slice(0, 1).map((photo) => ({ ...photo, object }))
    const archived = async () => {
      const ticket = { ...stored.ticket, photos } as Stored['ticket']
      return (await done(gatherGate({ evidence: encrypted, directory })({ ...stored, ticket }))).archive
    }
    expect(await archived()).toMatchObject([{ state: 'stored', found: object.stored?.sha256 }])
    objects.set(object.name, Buffer.from('a photo'))
    expect(await archived()).toMatchObject([{ state: 'differs', found: object.sha256 }])
  })

  it('a photo that storage does not hold is missing, whatever the ticket says', async () => {
    const { archive } = await told({ technician: 'sipho' })
    expect(archive).toHaveLength(stored.ticket.photos.length)
    expect(archive.length).toBeGreaterThan(0)
    expect(new Set(archive.map(({ state }) => state))).toEqual(new Set(['missing']))
  })
})

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/adapters/canonical/sha256.ts'
import { memoryPhotoBacklog } from '../../../src/adapters/memory/photo-backlog.ts'
import { memoryPhotoLikeness } from '../../../src/adapters/memory/photo-likeness.ts'
import { memoryState } from '../../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../../src/adapters/memory/ticket-store.ts'
import { type JudgeAgainDeps, judgePhotosAgain } from '../../../src/application/evidence/judge-again.ts'
import type { TicketStore } from '../../../src/application/ports/ticket-store.ts'
import { addPhoto, type PhotoDeps } from '../../../src/application/ticket/add-photo.ts'
import { ticketChanges } from '../../../src/application/ticket/changes.ts'
import { noteLookAlikes } from '../../../src/application/ticket/note-look-alikes.ts'
import { blockingVerdicts, newestOf } from '../../../src/domain/evidence/blocking.ts'
import type { PhotoAnalysis, Verdict } from '../../../src/domain/evidence/evidence.ts'
import { usesListedIn } from '../../../src/domain/evidence/judge-reuse.ts'
import type { StepKey } from '../../../src/domain/verification/steps.ts'
import { changeDeps } from '../../support/change-deps.ts'
import { flipped } from '../../support/hashes.ts'
import { principal } from '../../support/principals.ts'
import { done, only } from '../../support/stored-tickets.ts'
import { storedIn } from '../../support/ticket-copies.ts'
import { later } from '../../support/tickets.ts'

const WHOLE = 'c3'.repeat(32)
const OTHER = '3c'.repeat(32)
const admin = principal('admin')

describe('A photo that could not be compared when it came', () => {
  let now: number
  let tickets: TicketStore
  let deps: PhotoDeps & JudgeAgainDeps
  /** What each file shows; one that is not told ends the process that looks at it. */
  let shown: Map<string, string>
  beforeEach(() => {
    now = 0
    shown = new Map()
    const state = memoryState()
    tickets = memoryTicketStore({ state, sha256, publish: () => {} })
    const files = new Map<string, Uint8Array>()
    deps = {
      ...changeDeps(tickets),
      now: () => later(++now),
      backlog: memoryPhotoBacklog(state),
      likeness: memoryPhotoLikeness(state),
      analyser: {
        checker: 'full',
        version: '1',
        analyse: ({ bytes }: { bytes: Uint8Array }, { at }: { at: string }) => {
          const hash = shown.get(Buffer.from(bytes).toString())
          return TE.right(analysis(hash, at))
        },
      },
      evidence: {
        stage: async_(async (content: AsyncIterable<Uint8Array>) => {
          const chunks: Uint8Array[] = []
          for await (const chunk of content) chunks.push(chunk)
          const bytes = Buffer.concat(chunks)
          return { content: { type: 'bytes', bytes }, sha256: sha256(bytes), size: bytes.length }
        }),
        commit: async_(
          async ({ content, ...kept }: { content: { bytes: Uint8Array }; sha256: string; size: number }) => {
            files.set(kept.sha256, content.bytes)
            return { ...kept, bucket: 'b', name: kept.sha256, generation: '1', stored: null }
          },
        ),
        discard: () => TE.right(null),
        open: ({ sha256: name }: { sha256: string }) => TE.right(piece(files.get(name) ?? new Uint8Array())),
      },
      sow: { rowsOf: () => TE.right([]), placesOfPole: () => TE.right([]) },
    } as unknown as PhotoDeps & JudgeAgainDeps
  })
  const async_ =
    <A, B>(work: (input: A) => Promise<B>) =>
    (input: A) =>
      TE.fromTask(() => work(input))
  async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes
  }
  const analysis = (hash: string | undefined, at: string): PhotoAnalysis => {
    const verdict = (check: Verdict['check'], outcome: Verdict['outcome']): Verdict => ({
      check,
      outcome,
      at,
      checker: 'full',
      version: '1',
      reason: `${check} ${outcome}`,
      evidence: {},
    })
    const isFlat = hash === 'flat'
    const hashes = isFlat || hash === undefined ? [] : [hash]
    return {
      mime: 'image/jpeg',
      extension: 'jpg',
      width: 900,
      height: 900,
      sizeBytes: 1,
      capturedAt: null,
      takenAt: null,
      copies: null,
      fingerprint: hash === undefined ? null : { quality: isFlat ? 10 : 90, stored: hashes, probes: hashes },
      verdicts:
        hash === undefined
          ? [verdict('decodable', 'unverifiable')]
          : (['decodable', 'size', 'blank', 'black'] as const).map((check) => verdict(check, 'pass')),
    }
  }
  const send = async (text: string, step: StepKey = 'green_lights', hash?: string) => {
    if (hash !== undefined) shown.set(text, hash)
    const ticketId = (await storedIn(tickets, 'assigned')).id
    const photoId = crypto.randomUUID()
    const sent = addPhoto(deps)(admin, {
      ticketId,
      step,
      photoId,
      filename: 'a.jpg',
      doneAt: null,
      content: piece(Buffer.from(text)),
    })
    await done(sent)
    return { ticketId, photoId, text }
  }
  type Sent = Awaited<ReturnType<typeof send>>
  const photo = async ({ ticketId, photoId }: Sent) => {
    const found = only(await done(tickets.load([ticketId]))).ticket.photos.find(({ id }) => id === photoId)
    if (found === undefined) throw new Error('the photo is gone')
    return found
  }
  const reuse = async (sent: Sent) => newestOf('reuse', (await photo(sent)).verdicts)
  const likeness = async (sent: Sent) => newestOf('likeness', (await photo(sent)).verdicts)
  const blocks = async (sent: Sent) => blockingVerdicts(await photo(sent)).map(({ check }) => check)
  const judgeAgain = () => judgePhotosAgain(deps)({ most: Number.POSITIVE_INFINITY, signal: null })()

  it('is not said to be used once: it serves as evidence only when it is known whose picture it is', async () => {
    const sent = await send('killed')
    expect((await reuse(sent))?.outcome).toBe('unverifiable')
    expect(blockingVerdicts(await photo(sent))).toEqual([
      { check: 'analysis', reason: 'analysis unfinished: decodable, size, blank, black, reuse' },
    ])
    shown.set('killed', WHOLE)
    expect(await judgeAgain()).toMatchObject({ right: { judged: 1, failed: 0 } })
    expect(await reuse(sent)).toMatchObject({ outcome: 'pass', checker: 'reuse' })
    expect((await likeness(sent))?.outcome).toBe('pass')
    expect(await blocks(sent)).toEqual([])
  })

  it('is reuse at once where its bytes are those of another ticket', async () => {
    await send('same', 'green_lights', WHOLE)
    shown.clear()
    expect((await reuse(await send('same')))?.outcome).toBe('block')
  })

  it('is at no moment free of a block when it turns out to be the picture of another ticket', async () => {
    await send('first', 'green_lights', WHOLE)
    const copy = await send('copy')
    shown.set('copy', flipped(WHOLE, [1, 2, 3]))
    const seen: ReadonlyArray<string>[] = []
    const commit: TicketStore['commit'] = (creations, changes) => async () => {
      const committed = await tickets.commit(creations, changes)()
      seen.push(await blocks(copy))
      return committed
    }
    await judgePhotosAgain({ ...deps, tickets: { ...tickets, commit } })({ most: 10, signal: null })()
    expect(seen.length).toBeGreaterThan(1)
    for (const found of seen) expect(found).not.toEqual([])
    expect(await blocks(copy)).toEqual(['reuse'])
    expect((await likeness(copy))?.reason).toContain('It is the same picture as')
  })

  it('stays blocked when what it looks like cannot be asked, also after its hashes were kept', async () => {
    await send('first', 'green_lights', WHOLE)
    const copy = await send('copy')
    shown.set('copy', WHOLE)
    const away = { ...deps.likeness, lookAlikesOf: () => TE.left({ type: 'Unavailable', what: 'database' } as const) }
    const broken = judgePhotosAgain({ ...deps, likeness: away })({ most: 10, signal: null })
    expect(await broken()).toMatchObject({ right: { judged: 0 } })
    expect(await blocks(copy)).toEqual(['analysis'])
    await judgeAgain()
    expect(await blocks(copy)).toEqual(['reuse'])
  })

  it('and is too flat to be, is judged by its bytes, also where that broke off after its hashes were kept', async () => {
    for (const isCut of [false, true]) {
      const sent = await send(`flat ${isCut}`)
      shown.set(`flat ${isCut}`, 'flat')
      if (isCut) await done(deps.likeness.keep(sent.photoId, { quality: 10, stored: [], probes: [] }))
      await judgeAgain()
      expect((await reuse(sent))?.outcome).toBe('pass')
      expect((await likeness(sent))?.outcome).toBe('not_judged')
      expect(await blocks(sent)).toEqual([])
    }
  })

  it('when it is a signature is compared by its bytes alone', async () => {
    expect((await reuse(await send('signature', 'customer_signature')))?.outcome).toBe('pass')
  })

  it('makes a later copy reuse once it is compared, which no longer looks like none', async () => {
    const first = await send('first')
    const copy = await send('copy', 'work_area_final', WHOLE)
    const event = {
      id: 'e',
      type: 'PhotoAdded',
      ticketId: copy.ticketId,
      body: { photo: { id: copy.photoId, step: 'work_area_final' } },
      at: later(1),
    }
    await noteLookAlikes(deps).handle(event, new AbortController().signal)
    expect([(await reuse(copy))?.outcome, (await likeness(copy))?.outcome]).toEqual(['pass', 'pass'])
    shown.set('first', WHOLE)
    await judgeAgain()
    expect(await blocks(copy)).toEqual(['reuse'])
    expect((await likeness(copy))?.outcome).toBe('warn')
    expect(await blocks(first)).toEqual([])
  })

  describe('and shows what a cleared photo shows', () => {
    const clear = ({ ticketId, photoId }: Sent) =>
      done(
        ticketChanges(deps).clearReuse(
          { ticketId, principal: admin, version: null },
          photoId,
          'Agreed with the client',
        ),
      )

    it('blocks that one again, for the picture that nobody cleared', async () => {
      const late = await send('late')
      await send('known', 'green_lights', WHOLE)
      const copy = await send('copy', 'work_area_final', flipped(WHOLE, [1]))
      await clear(copy)
      expect(await blocks(copy)).toEqual([])
      shown.set('late', flipped(WHOLE, [2]))
      await judgeAgain()
      expect(await blocks(copy)).toEqual(['reuse'])
      expect((await reuse(copy))?.evidence).toMatchObject({ uses: 1, earlier: [{ photoId: late.photoId }] })
      await clear(copy)
      expect(await blocks(copy)).toEqual([])
      await judgeAgain()
      expect(await blocks(copy)).toEqual([])
    })

    it('is named beside the one that is known and not yet cleared', async () => {
      const late = await send('late')
      const known = await send('known', 'green_lights', WHOLE)
      const copy = await send('copy', 'work_area_final', flipped(WHOLE, [1]))
      shown.set('late', flipped(WHOLE, [2]))
      await judgeAgain()
      const ids = usesListedIn(await reuse(copy)).map((use) => use.photoId)
      expect(ids).toEqual([late.photoId, known.photoId])
      await clear(copy)
      expect(await blocks(copy)).toEqual([])
      expect((await photo(copy)).reuseCleared?.photoIds).toEqual([late.photoId, known.photoId])
    })

    it('and nothing of it changes for a picture of its own', async () => {
      const late = await send('late')
      await send('known', 'green_lights', WHOLE)
      const copy = await send('copy', 'work_area_final', WHOLE)
      await clear(copy)
      const before = only(await done(tickets.load([copy.ticketId])))
      shown.set('late', OTHER)
      await judgeAgain()
      expect(await blocks(copy)).toEqual([])
      expect(await blocks(late)).toEqual([])
      const again = only(await done(tickets.load([copy.ticketId])))
      // The look of the copy was told meanwhile, which is an event.
      expect(again.version - before.version).toBeLessThanOrEqual(1)
      expect(E.isRight(await judgeAgain())).toBe(true)
      expect(only(await done(tickets.load([copy.ticketId]))).version).toBe(again.version)
    })
  })
})

import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { expect, it } from 'vitest'
import { sha256 } from '../../../src/adapters/canonical/sha256.ts'
import { memoryState } from '../../../src/adapters/memory/ticket-state.ts'
import { memoryTicketStore } from '../../../src/adapters/memory/ticket-store.ts'
import {
  type JudgeAgainDeps,
  judgePhotosAgain,
  judgePhotosDaily,
} from '../../../src/application/evidence/judge-again.ts'
import type { PhotoBacklog } from '../../../src/application/ports/photo-backlog.ts'
import { changeDeps } from '../../support/change-deps.ts'
import { done, only } from '../../support/stored-tickets.ts'
import { storedIn } from '../../support/ticket-copies.ts'
import { later } from '../../support/tickets.ts'

const ids = (first: number, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, n) => String(first + n).padStart(6, '0'))
const listing =
  (photos: ReadonlyArray<string>) =>
  (after: string | null, limit: number): ReturnType<PhotoBacklog['notCompared']> =>
    TE.right(
      photos
        .filter((id) => after === null || id > after)
        .slice(0, limit)
        .map((photoId) => ({ photoId, ticketId: photoId, hashed: false })),
    )

/** Photos of tickets that cannot be read, so that each one tried is one that failed. */
const world = (toJudge: number, toCompare: number, most = Number.POSITIVE_INFINITY) => {
  const tried: string[] = []
  const deps = {
    backlog: {
      notJudgedBy: (_, after, limit) => listing(ids(0, toJudge))(after, limit),
      unfinishedSince: () => TE.right([]),
      notCompared: listing(ids(100_000, toCompare)),
    },
    tickets: {
      load: ([id = '']: ReadonlyArray<string>) => {
        tried.push(id)
        if (tried.length === most) stop.abort()
        return TE.right([])
      },
    },
    analyser: { checker: 'full', version: '1' },
  } satisfies { backlog: PhotoBacklog; tickets: unknown; analyser: unknown }
  const stop = new AbortController()
  return { deps: deps as unknown as JudgeAgainDeps, tried, signal: stop.signal }
}

it('every photo left is tried once, page by page, those that fail too', async () => {
  const { deps, tried } = world(250, 101)
  expect(await judgePhotosAgain(deps)({ most: Number.POSITIVE_INFINITY, signal: null })()).toEqual(
    E.right({ judged: 0, compared: 0, failed: 351 }),
  )
  expect(new Set(tried).size).toBe(351)
})

it.each([
  [120, 120],
  [250, 250],
  [300, 300],
  [351, 351],
  [400, 351],
])('of 351 photos a run bounded to %i tries %i', async (most, count) => {
  const { deps, tried } = world(250, 101)
  await judgePhotosAgain(deps)({ most, signal: null })()
  expect(tried).toHaveLength(count)
})

it('a run that is told to stop tries no further photo, and reports what it did', async () => {
  const { deps, tried, signal } = world(250, 101, 70)
  expect(await judgePhotosAgain(deps)({ most: 1_000, signal })()).toMatchObject({ right: { failed: 70 } })
  expect(tried).toHaveLength(70)
})

it('the daily run reports what it did, is bounded, and fails when the photos cannot be listed', async () => {
  const told: number[] = []
  const onJudged = ({ failed }: { readonly failed: number }): void => void told.push(failed)
  const { deps, signal } = world(5_001, 10)
  const daily = judgePhotosDaily({ ...deps, onJudged })
  expect([daily.name, daily.everySeconds]).toEqual(['judge_photos', 86_400])
  await daily.run(signal)
  expect(told).toEqual([5_000])
  const away: PhotoBacklog = { ...deps.backlog, notCompared: () => TE.left({ type: 'Unavailable', what: 'database' }) }
  await expect(judgePhotosDaily({ ...world(0, 0).deps, backlog: away, onJudged }).run(signal)).rejects.toThrow(
    'Unavailable',
  )
})

const LOST = { type: 'StorageUnavailable', reason: 'HTTP_404' } as const

/** One photo of a stored ticket that is to be judged again, or only compared; `analyse` says what is found in it. */
const onePhoto = async (
  list: 'judged' | 'compared',
  { analyse = () => TE.left(LOST), open = () => TE.right(pieces()) }: { analyse?: unknown; open?: unknown } = {},
  hashed = false,
) => {
  const state = memoryState()
  const tickets = memoryTicketStore({ state, sha256, publish: () => {} })
  const { id } = await storedIn(tickets, 'in_progress')
  const { ticket } = only(await done(tickets.load([id])))
  const photo = ticket.photos[0]
  if (photo === undefined) throw new Error('the ticket has no photo')
  const told: string[] = []
  const found = [{ ticketId: id, photoId: photo.id, hashed }]
  const deps = {
    ...changeDeps(tickets, later(600)),
    backlog: {
      notJudgedBy: () => TE.right(list === 'judged' ? found : []),
      unfinishedSince: () => TE.right([]),
      notCompared: () => TE.right(list === 'compared' ? found : []),
    },
    evidence: { open },
    analyser: { checker: 'full', version: '99', analyse },
    sow: { rowsOf: () => TE.left({ type: 'Unavailable', what: 'sow' }) },
    likeness: {
      keep: (photoId: string) => TE.fromIO(() => told.push(`kept ${photoId}`) > 0),
      lookAlikesOf: (photoId: string) => {
        told.push(`looked for ${photoId}`)
        return TE.right(null)
      },
    },
  } as unknown as JudgeAgainDeps
  const run = await judgePhotosAgain(deps)({ most: 10, signal: null })()
  const after = only(await done(tickets.load([id]))).ticket.photos.find((one) => one.id === photo.id)
  return { run, told, photo, after }
}
async function* pieces(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a photo ')
  yield Buffer.from('in two pieces')
}
async function* cut(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0)
  throw new Error('the connection was reset')
}

it.each(['UnsupportedPhotoType', 'TooManyPixels', 'PhotoHidesAnotherFile'])(
  'a stored file that would be refused today (%s) is blocked, is compared with nothing, and the run goes on',
  async (type) => {
    const seen: string[] = []
    const analyse = ({ bytes }: { readonly bytes: Uint8Array }) => {
      seen.push(Buffer.from(bytes).toString())
      return TE.left({ type })
    }
    const { run, told, photo, after } = await onePhoto('judged', { analyse })
    expect(run).toEqual(E.right({ judged: 1, compared: 0, failed: 0 }))
    expect(seen).toEqual(['a photo in two pieces'])
    const verdicts = after?.verdicts.filter(({ version }) => version === '99') ?? []
    expect(verdicts.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual(
      expect.arrayContaining(['decodable block', 'size not_judged', 'blank not_judged', 'black not_judged']),
    )
    expect(verdicts[0]?.evidence).toEqual({ refusal: type })
    expect(told).toEqual([`kept ${photo.id}`, `looked for ${photo.id}`])
  },
)

it.each<[string, Parameters<typeof onePhoto>[1]]>([
  ['is lost', { open: () => TE.left(LOST) }],
  ['breaks off', { open: () => TE.right(cut()) }],
  ['cannot be analysed', {}],
])('a photo whose original %s keeps its verdicts and is tried again the next time', async (_, broken) => {
  for (const list of ['judged', 'compared'] as const) {
    const { run, told, photo, after } = await onePhoto(list, broken)
    expect(run).toEqual(E.right({ judged: 0, compared: 0, failed: 1 }))
    expect(after?.verdicts).toEqual(photo.verdicts)
    expect(told).toEqual([])
  }
})

it('a photo that has hashes is compared without being read again', async () => {
  const { run, told, photo } = await onePhoto('compared', { open: () => TE.left(LOST) }, true)
  expect(run).toEqual(E.right({ judged: 0, compared: 1, failed: 0 }))
  expect(told).toEqual([`looked for ${photo.id}`])
})

it('a photo that is on no ticket any more is one that failed', async () => {
  const tickets = memoryTicketStore({ state: memoryState(), sha256, publish: () => {} })
  const { id } = await storedIn(tickets, 'open')
  const { deps } = world(0, 0)
  const gone = () => TE.right([{ ticketId: id, photoId: 'gone', hashed: false }])
  const backlog = { notJudgedBy: gone, unfinishedSince: () => TE.right([]), notCompared: gone }
  const run = judgePhotosAgain({ ...deps, ...changeDeps(tickets), backlog })({ most: 10, signal: null })
  expect(await run()).toEqual(E.right({ judged: 0, compared: 0, failed: 2 }))
})

it('nothing is compared when the photos to judge cannot be listed', async () => {
  const { deps, tried } = world(0, 3)
  const backlog: PhotoBacklog = {
    ...deps.backlog,
    notJudgedBy: () => TE.left({ type: 'Unavailable', what: 'database' }),
  }
  const run = judgePhotosAgain({ ...deps, backlog })({ most: 10, signal: null })
  expect(await run()).toEqual(E.left({ type: 'Unavailable', what: 'database' }))
  expect(tried).toEqual([])
})

import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { expect, it } from 'vitest'
import {
  type JudgeAgainDeps,
  judgePhotosAgain,
  judgePhotosDaily,
} from '../../../src/application/evidence/judge-again.ts'
import type { PhotoBacklog } from '../../../src/application/ports/photo-backlog.ts'

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

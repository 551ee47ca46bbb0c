import * as TE from 'fp-ts/lib/TaskEither.js'
import { expect, it } from 'vitest'
import type { JudgeAgainDeps, JudgedAgain } from '../../../src/application/evidence/judge-again.ts'
import { judgePhotosSoon } from '../../../src/application/evidence/judge-soon.ts'
import type { PhotoBacklog } from '../../../src/application/ports/photo-backlog.ts'

/** Photos of tickets that cannot be read, so that each one tried is one that failed. */
const world = (unfinished: number) => {
  const tried: string[] = []
  const told: JudgedAgain[] = []
  const asked: string[] = []
  const never = (): never => {
    throw new Error('the daily run looks for these')
  }
  const backlog: PhotoBacklog = {
    notJudgedBy: never,
    notCompared: never,
    unfinishedSince: (since, after, limit) => {
      asked.push(since)
      const all = Array.from({ length: unfinished }, (_, n) => String(n).padStart(3, '0'))
      const page = all.filter((id) => after === null || id > after).slice(0, limit)
      return TE.right(page.map((photoId) => ({ photoId, ticketId: photoId })))
    },
  }
  const deps = {
    backlog,
    now: () => '2026-11-22T08:00:00.000Z',
    tickets: {
      load: ([id = '']: ReadonlyArray<string>) => {
        tried.push(id)
        return TE.right([])
      },
    },
    analyser: { checker: 'full', version: '1' },
    onJudged: (done: JudgedAgain) => void told.push(done),
  }
  return { deps: deps as unknown as JudgeAgainDeps & Pick<typeof deps, 'onJudged'>, tried, told, asked }
}
const signal = new AbortController().signal

it('photos whose analysis broke off in the last two hours are judged again every five minutes, twenty at most', async () => {
  const { deps, tried, told, asked } = world(25)
  const soon = judgePhotosSoon(deps)
  expect([soon.name, soon.everySeconds]).toEqual(['judge_photos_soon', 300])
  await soon.run(signal)
  expect(asked[0]).toBe('2026-11-22T06:00:00.000Z')
  expect(tried).toHaveLength(20)
  expect(told).toEqual([{ judged: 0, compared: 0, failed: 20 }])
})

it('and where there is none nothing is said', async () => {
  const { deps, told } = world(0)
  await judgePhotosSoon(deps).run(signal)
  expect(told).toEqual([])
})

it('a list that cannot be read is asked for again', async () => {
  const { deps } = world(1)
  const away = { ...deps.backlog, unfinishedSince: () => TE.left({ type: 'Unavailable', what: 'database' } as const) }
  await expect(judgePhotosSoon({ ...deps, backlog: away }).run(signal)).rejects.toThrow('Unavailable')
})

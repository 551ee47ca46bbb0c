import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { plusMs } from '../../domain/shared/time.ts'
import type { Schedule } from '../ports/job-queue.ts'
import { type JudgeAgainDeps, type JudgedAgain, judgePhotosAgain } from './judge-again.ts'

const FIVE_MINUTES_S = 300
/** A picture that never ends costs its whole time at each try: after two hours the daily run alone goes on. */
const TRIED_FOR_MS = 2 * 3_600_000
const MOST_AT_ONCE = 20

/** A photo whose analysis broke off holds its ticket up: it is judged again within minutes, while it is fresh. */
export const judgePhotosSoon = (
  deps: JudgeAgainDeps & { readonly onJudged: (done: JudgedAgain) => void },
): Schedule => ({
  name: 'judge_photos_soon',
  everySeconds: FIVE_MINUTES_S,
  run: async (signal) => {
    const since = plusMs(deps.now(), -TRIED_FOR_MS)
    const backlog: JudgeAgainDeps['backlog'] = {
      ...deps.backlog,
      notJudgedBy: (_, after, limit) => deps.backlog.unfinishedSince(since, after, limit),
      notCompared: () => TE.right([]),
    }
    const done = await judgePhotosAgain({ ...deps, backlog })({ most: MOST_AT_ONCE, signal })()
    if (E.isLeft(done)) throw new Error(done.left.type)
    if (done.right.judged + done.right.failed > 0) deps.onJudged(done.right)
  },
})

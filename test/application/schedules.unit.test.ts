import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { type ScheduleDeps, schedules } from '../../src/application/schedules/schedules.ts'
import { resumeStuckReports } from '../../src/application/weekly-report/resume-stuck.ts'

const NOW = '2026-11-23T08:00:00.000Z'

describe('Schedules', () => {
  it('each have a name of their own, which is kept for ever', () => {
    const names = schedules({} as ScheduleDeps).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining([
        'sla_timers',
        'risk_timers',
        'resume_stuck_reports',
        'anchor_hourly',
        'reconcile_evidence',
      ]),
    )
    for (const name of names) expect(name).toMatch(/^[a-z0-9_]+$/)
  })

  it('carry on a report that nobody works on for a quarter of an hour, and leave a younger one alone', async () => {
    const worked: string[] = []
    const reports = [
      { id: 'young', started_at: '2026-11-23T07:45:00.000Z' },
      { id: 'stuck', started_at: '2026-11-23T07:44:59.999Z' },
    ]
    const deps = {
      now: () => NOW,
      chunk: 25,
      onTrouble: () => {},
      views: { list: () => TE.right({ items: reports, total: 2 }) },
      reports: {
        work: (id: string) => {
          worked.push(id)
          return TE.right({ done: 1, left: worked.length < 3 ? 1 : 0 })
        },
      },
    }
    const { run } = resumeStuckReports(deps as unknown as Parameters<typeof resumeStuckReports>[0])
    await run(new AbortController().signal)
    expect(worked).toEqual(['stuck', 'stuck', 'stuck'])
  })

  it('fail where the database is away, so that they are tried again', async () => {
    const away = async () => E.left({ type: 'Unavailable', what: 'database' } as const)
    const timers = { risksOnDate: () => away, slaDue: () => away }
    const deps = { now: () => NOW, timers, views: { list: () => away } } as unknown as ScheduleDeps
    const ours = ['sla_timers', 'risk_timers', 'resume_stuck_reports']
    for (const { run } of schedules(deps).filter(({ name }) => ours.includes(name)))
      await expect(run(new AbortController().signal)).rejects.toThrow('Unavailable')
  })
})

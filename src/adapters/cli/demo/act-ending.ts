import { setTimeout as sleep } from 'node:timers/promises'
import type { Verification } from '../../../application/handover/verification.ts'
import { duration } from '../terminal.ts'
import { type Stage, ticket } from './stage.ts'
import { holds, told } from './story.ts'

/** How long the server may take to anchor its last handover. */
const PATIENCE_MS = 20_000

/** What stands at the end, and how long it took. */
export const ending = async (
  stage: Stage,
  protagonists: ReadonlyArray<readonly [string, string]>,
  tookMs: number,
): Promise<void> => {
  const { story, terminal, as, project } = stage
  await story.chapter('What stands now')
  const rows = await Promise.all(
    protagonists.map(async ([id, role]) => {
      const { ticket_uid, status, progress, rectification_count: cycles, dr_number } = await ticket(stage, id)
      return [ticket_uid, status, progress, dr_number ?? '', `${role}${cycles > 0 ? `, ${cycles} rework` : ''}`]
    }),
  )
  story.shows([['ticket', 'status', 'steps', 'drop', 'story'], ...rows])
  const { data } = told(await as('naledi').get(`/dashboard/summary?project_id=${project.id}`), 200, 'the dashboard')
  const counts = Object.entries(data.by_status as Readonly<Record<string, number>>).filter(([, count]) => count > 0)
  story.remarks(
    `          all tickets of ${project.name}: ${counts.map(([status, count]) => `${count} ${status}`).join(', ')}`,
  )
  const sealed = await anchored(stage)
  holds(sealed.faults === 0 && sealed.not_yet_anchored === 0, 'every seal is anchored outside the database')
  story.remarks(`          all ${sealed.snapshots} seals are whole, and anchored outside the database`)
  terminal.say('')
  terminal.say(terminal.style('green', `The whole story held, in ${duration(tookMs)}.`))
}

/** Anchors follow the handovers by themselves; after a while, what stands then. */
const anchored = async ({ verify }: Stage): Promise<Verification> => {
  const end = performance.now() + PATIENCE_MS
  let found = await verify()
  while (found.not_yet_anchored > 0 && performance.now() < end) {
    await sleep(100)
    found = await verify()
  }
  return found
}

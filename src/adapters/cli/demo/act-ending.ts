import { duration } from '../terminal.ts'
import { type Stage, ticket } from './stage.ts'
import { told } from './story.ts'

/** What stands at the end, and where to look at it. */
export const ending = async (
  stage: Stage,
  root: string,
  protagonists: ReadonlyArray<readonly [string, string]>,
  tookMs: number,
): Promise<void> => {
  const { story, terminal, as } = stage
  await story.chapter('What stands now')
  const rows = await Promise.all(
    protagonists.map(async ([id, role]) => {
      const { ticket_uid, status, progress, rectification_count: cycles, dr_number } = await ticket(stage, id)
      return [ticket_uid, status, progress, dr_number ?? '', `${role}${cycles > 0 ? `, ${cycles} rework` : ''}`]
    }),
  )
  story.shows([['ticket', 'status', 'steps', 'drop', 'story'], ...rows])
  const { data } = told(await as('naledi').get('/dashboard/summary'), 200, 'the dashboard')
  const counts = Object.entries(data.by_status as Readonly<Record<string, number>>).filter(([, count]) => count > 0)
  story.remarks(`          all tickets: ${counts.map(([status, count]) => `${count} ${status}`).join(', ')}`)
  terminal.say('')
  terminal.say(terminal.style('green', `The whole story held, in ${duration(tookMs)}.`))
  terminal.say('')
  terminal.say(`  API page    ${root}/docs`)
  terminal.say(`  tickets     ${root}/tickets`)
  terminal.say(`  repair      ${root}/tickets/${protagonists[0]?.[0]}`)
  terminal.say(`  timeline    ${root}/tickets/${protagonists[0]?.[0]}/timeline`)
  terminal.say(`  dashboard   ${root}/dashboard/summary`)
}

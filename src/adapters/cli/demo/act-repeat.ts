import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage, View } from './stage.ts'
import { told } from './story.ts'

const FAULTS = ['No link light', 'Slow again after two days', 'Down for the third time']
const PATIENCE_MS = 30_000

/** Three faults of one drop: the escalation and its ticket appear by themselves; gives the escalation. */
export const repeatFaults = async (stage: Stage, dr: string): Promise<View> => {
  const { story, as, project } = stage
  await story.chapter('The same drop, for the third time')
  for (const [at, title] of FAULTS.entries()) {
    const made = told(
      await as('naledi').send('POST', '/tickets', {
        project_id: project.id,
        ticket_type: 'maintenance',
        title,
        dr_number: dr,
        fault_cause: 'unknown',
      }),
      201,
      'a fault is logged',
    ).data
    story.does('naledi', `logs fault ${at + 1} at ${dr}: ${title} (${made.ticket_uid})`)
  }
  const began = performance.now()
  const escalation = await escalationOf(stage, dr)
  story.answers(
    `nobody asked, but there it is: an escalation of drop ${escalation.scope_value}, ${escalation.fault_count} faults against a threshold of ${escalation.fault_threshold}`,
    performance.now() - began,
  )
  const detail = told(await as('naledi').get(`/escalations/${escalation.id}`), 200, 'the escalation').data
  const made = told(
    await as('naledi').get(`/tickets/${detail.escalation_ticket_id}`),
    200,
    'the infrastructure ticket',
  ).data
  story.answers(
    `its infrastructure ticket ${made.ticket_uid}: ${made.title} (priority ${made.priority}, made by ${made.created_by})`,
  )
  return { ...detail, ticket: made }
}

const escalationOf = async ({ as, project }: Stage, dr: string): Promise<View> => {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(100)) {
    const { data } = told(
      await as('naledi').get(`/escalations?project_id=${project.id}&pageSize=100`),
      200,
      'the escalations',
    )
    const found = data.find(({ scope_value }: View) => scope_value === dr)
    if (found !== undefined) return found
  }
  throw new Error(`No escalation of ${dr} appeared within ${PATIENCE_MS / 1_000} s`)
}

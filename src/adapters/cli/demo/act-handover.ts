import { checkRows, command, done, type Stage, ticket, type View } from './stage.ts'
import { holds, told, toldRefusal } from './story.ts'

const document = 'AB-2025-0117.pdf'

/** The gate, the sealed snapshot, and the end of both tickets; gives the snapshots of the repair. */
export const handover = async (stage: Stage, repairId: string, installId: string): Promise<ReadonlyArray<View>> => {
  const { story, as } = stage
  const { ticket_uid: uid } = await ticket(stage, repairId)

  await story.chapter('The handover gate says everything at once')
  await done(stage, 'lerato', repairId, 'request_handover')
  story.does('naledi', `hands ${uid} over to maintenance`)
  const { version } = await ticket(stage, repairId)
  const refused = await as('naledi').send(
    'POST',
    `/tickets/${repairId}/handover`,
    { handover_type: 'qa_to_maintenance' },
    version,
  )
  const { message, details } = toldRefusal(refused, 'GateFailed', 'the gate')
  const failures = checkRows(details.failures as ReadonlyArray<View>)
  holds(failures.length >= 2, 'the gate names all its failures')
  story.refuses(`${message}:`)
  story.shows(failures)
  story.does('thabo', `confirms the as-built (${document})`)
  await done(stage, 'thabo', repairId, 'confirm_as_built', {
    as_built_confirmed_at: stage.now().toISOString(),
    as_built_document: document,
  })
  story.does('naledi', 'puts the contractor on record: Ubuntu Fibre')
  await done(stage, 'naledi', repairId, 'assign', { assigned_contractor_id: 'ubuntu-fibre' })

  await story.chapter('Handed over, sealed and chained')
  story.does('naledi', 'hands over again')
  const handed = await done(stage, 'naledi', repairId, 'hand_over')
  holds(handed.status === 'handed_to_maintenance' && handed.owner_type === 'maintenance', 'maintenance owns the ticket')
  story.answers(`${handed.status}; the open risk travels with it`)
  story.does('naledi', 'completes maintenance')
  const early = await command(stage, 'naledi', repairId, 'complete_maintenance')
  story.refuses(toldRefusal(early, 'RisksUnresolved', 'the early end').message)
  const [risk] = handed.risk_acceptances
  story.does('zanele', `resolves the risk: the cover is fitted`)
  const { version: now } = await ticket(stage, repairId)
  told(
    await as('zanele').send(
      'PUT',
      `/risk-acceptances/${risk.id}/resolve`,
      { resolution_notes: 'Cover fitted and seen' },
      now,
    ),
    200,
    'the risk is resolved',
  )
  const closed = await done(stage, 'naledi', repairId, 'complete_maintenance')
  holds(closed.status === 'closed', 'the repair is closed')
  story.does('naledi', 'completes maintenance')
  story.answers(`${uid} is ${closed.status}`)
  await handOverInstallation(stage, installId)

  const history = told(await as('naledi').get(`/tickets/${repairId}/handover-history`), 200, 'the handovers').data
  story.remarks(
    `          the handovers of ${uid}, each bound to the one before it in the chain of ${stage.project.name}:`,
  )
  story.shows(
    history.map((one: View) => [
      `no. ${one.seq}`,
      one.handover_type,
      `sha256 ${one.sha256.slice(0, 16)}…`,
      `chain ${one.chain_hash.slice(0, 16)}…`,
    ]),
  )
  return history
}

const handOverInstallation = async (stage: Stage, id: string): Promise<void> => {
  const { story } = stage
  await done(stage, 'thabo', id, 'confirm_as_built', {
    as_built_confirmed_at: stage.now().toISOString(),
    as_built_document: document,
  })
  await done(stage, 'lerato', id, 'request_handover')
  const handed = await done(stage, 'naledi', id, 'hand_over')
  story.does('naledi', `hands the new installation ${handed.ticket_uid} over as well`)
  story.answers(`${handed.status}; its guarantee runs from today`)
}

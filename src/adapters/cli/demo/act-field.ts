import type { Arrived } from './act-arrival.ts'
import { serialOf } from './serials.ts'
import {
  addPhoto,
  checkRows,
  command,
  done,
  picture,
  proveSteps,
  recordStep,
  runCheck,
  type Stage,
  ticket,
  type View,
} from './stage.ts'
import { holds, told, toldRefusal } from './story.ts'

const REPAIR = ['work_area_final', 'power_meter_reading', 'green_lights'] as const
const PAPERWORK = ['work_area_final', 'ont_barcode', 'green_lights'] as const
const ALL_TWELVE = [
  'house_front',
  'cable_from_pole',
  'cable_entry_outside',
  'cable_entry_inside',
  'wall_before_install',
  'ont_back_after_install',
  'work_area_final',
  'ont_barcode',
  'ups_serial',
  'power_meter_reading',
  'green_lights',
  'customer_signature',
] as const

/** The work in the field, until three tickets wait for QA; gives the new installation. */
export const field = async (stage: Stage, { repair, paperwork, spareDrops }: Arrived): Promise<View> => {
  const { story, as } = stage

  await story.chapter('The work is given out')
  story.does('naledi', `assigns ${repair.ticket_uid} and ${paperwork.ticket_uid} to thabo of Ubuntu Fibre`)
  for (const one of [repair, paperwork])
    told(
      await as('naledi').send('POST', `/tickets/${one.id}/assign`, { assigned_to: 'thabo' }, one.version),
      200,
      'assign',
    )
  const [dr] = spareDrops
  const install = await newInstallation(stage, dr)
  const sees = told(await as('thabo').get('/tickets?status=assigned'), 200, "thabo's list").data.length
  const others = await as('anele').get(`/tickets/${repair.id}`)
  holds(others.status === 404, "another contractor's technician does not see the ticket")
  story.answers(
    `thabo sees his ${sees} tickets; anele, of another contractor, gets ${others.status} for the same address`,
  )

  await story.chapter('Not ready: the check says why')
  story.does('thabo', `starts work on ${repair.ticket_uid} and asks whether it is QA ready`)
  await done(stage, 'thabo', repair.id, 'start_work')
  const check = await runCheck(stage, 'thabo', repair.id)
  const run = check.data.last_check
  holds(run.passed === false, 'the check fails before any proof')
  story.refuses('Not QA ready:')
  story.shows(checkRows(run.results))

  await story.chapter('Proof: photographs and values')
  story.does('thabo', `proves the repair of ${repair.ticket_uid}: ${REPAIR.length} steps for a repair`)
  const proved = await proveSteps(stage, 'thabo', repair.id, REPAIR, { power_meter_reading: '-18.42' })
  story.answers(`${proved.required_completed} of ${proved.required_steps} steps, RX now ${proved.ont_rx_level} dBm`)

  story.does('thabo', `installs ${install.ticket_uid} (${dr}): all twelve steps`)
  await done(stage, 'thabo', install.id, 'start_work')
  const began = performance.now()
  const installed = await proveSteps(stage, 'thabo', install.id, ALL_TWELVE, {
    ont_barcode: `(S)${serialOf(9_001)}`,
    ups_serial: 'GU18W12V12345678',
    power_meter_reading: '-17.9',
    customer_signature: 'T. Customer',
  })
  holds(installed.steps_completed === 12, 'all twelve steps are complete')
  story.answers(
    `${installed.progress}, serials scanned, reading ${installed.ont_rx_level} dBm`,
    performance.now() - began,
  )

  await reuse(stage, repair, paperwork)
  await submitAll(stage, repair, paperwork, installed)
  return ticket(stage, install.id)
}

const newInstallation = async (stage: Stage, dr: string): Promise<View> => {
  const { story, as, project } = stage
  const place = told(
    await as('naledi').get(`/dr-lookup/${dr}?project_id=${project.id}`),
    200,
    'the look-up of a drop',
  ).data
  story.does('naledi', `logs a new installation at ${dr}; the look-up fills in its place`)
  const made = told(
    await as('naledi').send('POST', '/tickets', {
      project_id: project.id,
      ticket_type: 'new_installation',
      title: `New installation ${dr}`,
      dr_number: dr,
      assigned_to: 'thabo',
      assigned_contractor_id: 'ubuntu-fibre',
    }),
    201,
    'the new installation',
  ).data
  story.answers(`${made.ticket_uid}: pole ${made.pole_number}, PON ${made.pon_number}, zone ${made.zone_no}`)
  holds(made.pole_number !== null && place !== null, 'the design fills in the place')
  return made
}

/** The same picture for two jobs is caught, by its bytes. */
const reuse = async (stage: Stage, repair: View, paperwork: View): Promise<void> => {
  const { story } = stage
  await story.chapter('A photograph used twice is caught')
  await done(stage, 'thabo', paperwork.id, 'start_work')
  const shared = await picture(stage, `${repair.ticket_uid} · spare shot`)
  await addPhoto(stage, 'thabo', repair.id, 'work_area_final', shared)
  await recordStep(stage, 'thabo', await ticket(stage, repair.id), 'work_area_final', null)
  story.does('thabo', `sends a photograph of ${repair.ticket_uid} for ${paperwork.ticket_uid} as well`)
  await addPhoto(stage, 'thabo', paperwork.id, 'work_area_final', shared)
  const seen = await ticket(stage, paperwork.id)
  const step = seen.steps.find(({ step_key }: View) => step_key === 'work_area_final')
  const [blocked] = step.photos[0].blocks_readiness
  holds(blocked?.check === 'reuse', 'the reuse is caught')
  story.refuses(blocked.reason)
  story.does('thabo', `takes the three photographs that ${paperwork.ticket_uid} needs`)
  const proved = await proveSteps(stage, 'thabo', paperwork.id, PAPERWORK, { ont_barcode: serialOf(9_002) })
  story.answers(`${proved.required_completed} of ${proved.required_steps} steps; paperwork needs no fault cause`)
}

const submitAll = async (stage: Stage, repair: View, paperwork: View, install: View): Promise<void> => {
  const { story, as } = stage
  await story.chapter('The cause, and off to QA')
  story.does('thabo', `says what it was: a faulty home drop on ${repair.ticket_uid}`)
  const { version } = await ticket(stage, repair.id)
  const cause = {
    fault_cause: 'material_failure',
    fault_component: 'homedrop',
    fault_cause_details: 'Cable jacket split at the pigtail',
    reason: 'Seen on the spot',
  }
  const attributed = told(
    await as('thabo').send('POST', `/tickets/${repair.id}/fault-cause`, cause, version),
    200,
    'the fault cause',
  ).data
  story.answers(`confirmed by thabo; guarantee: ${attributed.guarantee_status}`)
  for (const one of [repair, install]) {
    story.does('thabo', `submits ${one.ticket_uid} for QA`)
    const submitted = await done(stage, 'thabo', one.id, 'submit_for_qa')
    story.answers(`${submitted.status}: the check passed at this very moment`)
  }
  story.does('thabo', `submits ${paperwork.ticket_uid} for QA`)
  const early = await command(stage, 'thabo', paperwork.id, 'submit_for_qa')
  const { message, details } = toldRefusal(early, 'NotReady', 'the early submission')
  story.refuses(`${early.status} ${message}:`)
  story.shows(checkRows(details.failures as ReadonlyArray<View>))
  story.does('naledi', 'enters the reading of the installation, -19.4 dBm; thabo submits again')
  const { version: now } = await ticket(stage, paperwork.id)
  told(await as('naledi').send('PUT', `/tickets/${paperwork.id}`, { ont_rx_level: -19.4 }, now), 200, 'the reading')
  story.answers((await done(stage, 'thabo', paperwork.id, 'submit_for_qa')).status)
}

import { addPhoto, command, done, picture, recordStep, type Stage, ticket, type View } from './stage.ts'
import { holds, toldRefusal } from './story.ts'

const correct = (steps: ReadonlyArray<string>) => steps.map((step) => ({ step, outcome: 'correct' }))

/** Rejection, rework, and an approval that carries a risk; gives the repair, approved. */
export const quality = async (stage: Stage, repairId: string, installId: string): Promise<View> => {
  const { story } = stage
  const { ticket_uid: uid } = await ticket(stage, repairId)

  await story.chapter('QA, by someone who did not do the work')
  story.does('thabo', 'signs in as QA lead for once and starts the review of his own repair')
  const own = await command(stage, 'thabo', repairId, 'start_qa', {}, 'qa_lead')
  story.refuses(`${own.status} ${toldRefusal(own, 'ReviewerDidTheWork', 'the own review').message}`)
  story.does('lerato', `starts QA of ${uid}`)
  const started = await done(stage, 'lerato', repairId, 'start_qa')
  holds(started.owner_type === 'qa', 'QA owns the ticket')
  story.answers(`${started.status}; the ticket belongs to QA now and its first snapshot is sealed`)

  await story.chapter('Rejected, with reasons; then rework')
  story.does('lerato', 'rejects: one verdict for each required step')
  const rejected = await done(stage, 'lerato', repairId, 'reject', {
    codes: ['photo_quality'],
    reason: 'The splice is hidden by the hand',
    verdicts: [
      { step: 'work_area_final', outcome: 'incorrect', comment: 'Show the closed splice tray' },
      ...correct(['power_meter_reading', 'green_lights']),
    ],
  })
  story.refuses(`${rejected.status}: photo_quality`, [
    'work_area_final  incorrect: Show the closed splice tray',
    'power_meter_reading, green_lights  correct, and stay so',
  ])
  story.does('thabo', 'starts work again, takes a new photograph, and submits')
  const again = await done(stage, 'thabo', repairId, 'start_work')
  await addPhoto(stage, 'thabo', repairId, 'work_area_final', await picture(stage, `${uid} · splice tray, closed`))
  await recordStep(stage, 'thabo', await ticket(stage, repairId), 'work_area_final', null)
  await done(stage, 'thabo', repairId, 'submit_for_qa')
  story.answers(`rectification cycle ${again.rectification_count}; the earlier photograph stays as history`)

  await story.chapter('Approved, with a condition that expires')
  story.does('zanele', 'starts QA; a cover is missing, which can wait')
  await done(stage, 'zanele', repairId, 'start_qa')
  const expires = inDays(stage.now(), 30)
  const approved = await done(stage, 'zanele', repairId, 'approve_with_conditions', {
    verdicts: [
      ...correct(['power_meter_reading', 'green_lights']),
      { step: 'work_area_final', outcome: 'incorrect', comment: 'Trunking cover missing' },
    ],
    new_risks: [
      {
        risk_type: 'pending_material',
        risk_description: 'Trunking cover to be fitted',
        conditions: 'Fit the cover when it is delivered',
        steps: ['work_area_final'],
        risk_expiry_date: expires,
        followup_date: inDays(stage.now(), 14),
      },
    ],
  })
  const [risk] = approved.risk_acceptances
  holds(risk?.status === 'active', 'the risk is active')
  story.answers(`${approved.status}; the risk "${risk.risk_description}" is zanele's until ${expires}`)

  story.does(
    'lerato',
    `approves the new installation: ${(await approvePlainly(stage, installId)).ticket_uid}, all twelve steps correct`,
  )
  return approved
}

const approvePlainly = async (stage: Stage, id: string): Promise<View> => {
  const { steps } = await done(stage, 'lerato', id, 'start_qa')
  const approved = await done(stage, 'lerato', id, 'approve', {
    verdicts: correct(steps.filter(({ required }: View) => required).map(({ step_key }: View) => step_key)),
  })
  holds(approved.status === 'qa_approved', 'the installation is approved')
  return approved
}

const JOHANNESBURG_MS = 2 * 3_600_000

/** A day from now on, in the field's own calendar. */
const inDays = (now: Date, days: number): string =>
  new Date(now.getTime() + JOHANNESBURG_MS + days * 86_400_000).toISOString().slice(0, 10)

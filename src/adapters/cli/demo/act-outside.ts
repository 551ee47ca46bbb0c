import { setTimeout as sleep } from 'node:timers/promises'
import type { Outside } from './outside.ts'
import { done, type Stage, ticket, type View } from './stage.ts'
import { holds, told } from './story.ts'

const PATIENCE_MS = 90_000
const REFERENCE = 'FT657323'

/** Asks again and again until the answer is there; what was waited for is named where it never is. */
const until = async <A>(what: string, ask: () => Promise<A | null> | A | null): Promise<A> => {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(100)) {
    const found = await ask()
    if (found !== null) return found
  }
  throw new Error(`${what}: nothing of it within ${PATIENCE_MS / 1_000} s`)
}

/** A case of QContact becomes a ticket, and follows it through an outage and a refusal; gives the ticket. */
export const qcontact = async (stage: Stage, played: Outside, dr: string): Promise<View> => {
  const { story, as } = stage
  await story.chapter('A case of QContact is a ticket')
  const caseId = played.newCase({
    reference: REFERENCE,
    dr,
    description: 'No light since this morning',
    contact: 'Nomsa Dlamini',
    phone: '082 555 0199',
  })
  story.does('client', `calls QContact: case ${caseId}, ${REFERENCE}`)
  story.does('naledi', 'asks for a comparison; nobody waits for QContact')
  const asked = told(await as('naledi').send('POST', '/sync/qcontact', {}), 202, 'the comparison')
  story.answers('accepted', asked.ms)
  const run = await until('the comparison', async () => {
    const { data } = await as('naledi').get(`/sync/qcontact/runs/${asked.data.run_id}`)
    return data.state === 'finished' ? data : null
  })
  const found = told(await as('naledi').get(`/tickets?q=${REFERENCE}`), 200, 'the ticket of the case').data
  const id = found.find(({ ticket_uid: uid }: View) => uid === REFERENCE)?.id
  holds(run.created === 1 && id !== undefined, 'the case became one ticket with its own number')
  const made = await ticket(stage, id)
  story.answers(`${made.ticket_uid}: ${made.status}, drop ${made.dr_number}, and its place by the design`)

  await story.chapter('QContact is away, and the work goes on')
  played.qcontactFails(true)
  story.remarks('          QContact answers every call with an error')
  played.loseNextReply()
  story.does('naledi', `assigns ${made.ticket_uid} to thabo`)
  const assigned = told(
    await as('naledi').send('POST', `/tickets/${id}/assign`, { assigned_to: 'thabo' }, made.version),
    200,
    'the assignment',
  )
  story.answers(assigned.data.status, assigned.ms)
  const trouble = await until('the trouble', async () => {
    const { data } = await as('naledi').get('/sync/qcontact/status')
    return data.problems.find((one: View) => one.ticket_uid === REFERENCE) ?? null
  })
  story.refuses(
    `${trouble.ticket_uid} is not in step: ${trouble.problem}; the case still says ${played.caseNow(caseId).status}`,
  )
  played.qcontactFails(false)
  const began = performance.now()
  await until('the case in step', () => (played.caseNow(caseId).status === 'Assigned' ? true : null))
  story.answers('QContact is back; by itself the case says Assigned', performance.now() - began)

  await story.chapter('What cannot be delivered waits for a person')
  played.lockStatus(true)
  story.remarks('          somebody at QContact makes the status a field that nobody may write')
  story.does('thabo', 'starts work')
  await done(stage, 'thabo', id, 'start_work')
  const letter = await until('the dead letter', async () => {
    const { data } = await as('admin').get(`/dead-letters?ticket_id=${id}`)
    return data?.[0] ?? null
  })
  story.refuses(`a dead letter: ${letter.reaction} of ${letter.event_type}, ${letter.reason}`)
  played.lockStatus(false)
  story.does('admin', 'has it mended over there, and retries')
  told(
    await as('admin').send('POST', `/dead-letters/${letter.id}/retry`, { reason: 'the field may be written again' }),
    202,
    'the retry',
  )
  await until('the case in step', () => (played.caseNow(caseId).status === 'InProgress' ? true : null))
  const { data: left } = told(await as('admin').get(`/dead-letters?ticket_id=${id}`), 200, 'the dead letters')
  holds(left.length === 0, 'no dead letter is left')
  story.answers('the case says InProgress; no dead letter is left')
  return made
}

/** What reached the technician's phone of a ticket, and what became of a message whose reply was lost. */
export const whatsapp = async (stage: Stage, played: Outside, { id, ticket_uid: uid }: View): Promise<void> => {
  const { story, as } = stage
  await story.chapter('Told by WhatsApp, once')
  const said = await until('the message', async () => {
    const { data } = await as('naledi').get(`/notifications/status?ticket_id=${id}`)
    return (
      data.find(({ kind, status }: View) => kind === 'assignment' && ['delivered', 'read'].includes(status)) ?? null
    )
  })
  const reached = played.phones().filter(({ text }) => text.includes(uid))
  holds(reached.length === 1, `the phone has one message about ${uid}`)
  story.answers(
    `the phone of ${said.recipient_name}: "${(reached[0]?.text ?? '').split('\n').slice(0, 2).join(' / ')}"`,
  )
  story.remarks('          what is assigned to somebody within half a minute is one message')
  holds(played.lostReplies() > 0, 'a reply was lost')
  story.remarks('          the connection broke while a message went out: nobody could know whether it had, so it was')
  story.remarks('          not sent again, and settled by what WhatsApp acknowledged')
  story.answers(`${said.status}; messages that reached phones: ${played.phones().length}, none of them twice`)
  const texts = played.phones().map(({ to, text }) => `${to} ${text}`)
  holds(new Set(texts).size === texts.length, 'no message reached a phone twice')
}

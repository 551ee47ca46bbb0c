import { randomUUID } from 'node:crypto'
import type { Verification } from '../../../application/handover/verification.ts'
import type { Queryable } from '../../contract/pool.ts'
import type { Terminal } from '../terminal.ts'
import type { Caller, Said } from './caller.ts'
import { photograph } from './pictures.ts'
import { holds, type Story, told } from './story.ts'
import type { Workbooks } from './workbooks.ts'

/** What every act of the story plays with. */
export type Stage = {
  readonly story: Story
  readonly terminal: Terminal
  /** A role beside the name claims another one than the directory's. */
  readonly as: (user: string, role?: string) => Caller
  readonly project: { readonly id: string; readonly name: string }
  readonly workbooks: Workbooks
  /** Straight to the database, as whoever owns it. */
  readonly owner: Queryable
  /** What `ticketing verify --project` does. */
  readonly verify: () => Promise<Verification>
  readonly now: () => Date
  /** Pictures of this run differ from those of every other. */
  readonly seed: number
}

// biome-ignore lint/suspicious/noExplicitAny: a view as the server sends it
export type View = any

export const ticket = async ({ as }: Stage, id: string, user = 'naledi'): Promise<View> =>
  told(await as(user).get(`/tickets/${id}`), 200, `${user} reads the ticket`).data

/** A command of the lifecycle on the version that stands now. */
export const command = async (
  stage: Stage,
  user: string,
  id: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
  role?: string,
): Promise<Said> => {
  const { version } = await ticket(stage, id)
  return stage.as(user, role).send('POST', `/tickets/${id}/transitions`, { command: name, ...more }, version)
}

/** The same, which must succeed; gives the ticket as it is then. */
export const done = async (
  stage: Stage,
  user: string,
  id: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<View> => told(await command(stage, user, id, name, more), 200, `${user}: ${name}`).data

export const runCheck = async ({ as }: Stage, user: string, id: string): Promise<Said> =>
  told(
    await as(user).send('POST', `/tickets/${id}/qa-readiness-check`, { id: randomUUID() }),
    200,
    'the readiness check',
  )

/** Check, what was expected, what was found. */
export const checkRows = (results: ReadonlyArray<View>): ReadonlyArray<ReadonlyArray<string>> =>
  results.filter(({ outcome }) => outcome === 'failed').map(({ check, sentence }) => [check, sentence])

let taken = 0

/** A new picture of a step, as a phone would take it. */
export const picture = ({ seed, now }: Stage, what: string): Promise<Buffer> => {
  taken += 1
  return photograph(what, seed + taken * 7_919, now())
}

export const addPhoto = async (
  { as, now }: Stage,
  user: string,
  id: string,
  step: string,
  content: Buffer,
  expected = 201,
): Promise<View> =>
  told(
    await as(user).upload({
      path: `/tickets/${id}/verification/${step}/photos`,
      name: `${step}.jpg`,
      content: new Uint8Array(content),
      field: 'photo',
      mime: 'image/jpeg',
      fields: { id: randomUUID(), done_at: now().toISOString() },
    }),
    expected,
    `a photo of ${step}`,
  ).data

/** What steps record beside their photo. */
export type Values = Readonly<Record<string, string>>

/** Completes steps, each with its photo and its value; gives the ticket as it is then. */
export const proveSteps = async (
  stage: Stage,
  user: string,
  id: string,
  steps: ReadonlyArray<string>,
  values: Values,
): Promise<View> => {
  const { ticket_uid: uid } = await ticket(stage, id)
  for (const step of steps)
    await addPhoto(stage, user, id, step, await picture(stage, `${uid} · ${step.replaceAll('_', ' ')}`))
  const before = await ticket(stage, id)
  for (const step of steps) await recordStep(stage, user, before, step, values[step] ?? null)
  const after = await ticket(stage, id)
  holds(after.required_completed === after.required_steps, `every required step of ${uid} is complete`)
  return after
}

/** Marks one step of a ticket just read as done, on the step's own version. */
export const recordStep = async (
  { as, now }: Stage,
  user: string,
  { id, steps }: View,
  step: string,
  value: string | null,
): Promise<void> => {
  const { version } = steps.find(({ step_key }: View) => step_key === step)
  const said = { is_complete: true, done_at: now().toISOString(), ...(value === null ? {} : { value }) }
  told(
    await as(user).send('PUT', `/tickets/${id}/verification/${step}`, said, version),
    200,
    `${user} completes ${step}`,
  )
}

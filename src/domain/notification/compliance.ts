import type { Instant } from '../shared/time.ts'
import type { DeliveryStatus } from './delivery.ts'

/** Each event should have been sent within this. */
export const PROMPT_MS = 60_000

/** The share of events whose notification was sent within one minute; null where there was none. */
export type Compliance = {
  readonly events: number
  readonly prompt: number
  readonly share: number | null
}

export type Told = { readonly happenedAt: Instant; readonly status: DeliveryStatus; readonly sentAt: Instant | null }

const OUT: ReadonlyArray<DeliveryStatus> = ['sent', 'delivered', 'read']

/** Whether it was sent in time. What failed, waits or is unknown was not. */
export const isPrompt = ({ happenedAt, status, sentAt }: Told): boolean =>
  OUT.includes(status) && sentAt !== null && Date.parse(sentAt) - Date.parse(happenedAt) <= PROMPT_MS

export const complianceOf = (events: number, prompt: number): Compliance => ({
  events,
  prompt,
  share: events === 0 ? null : prompt / events,
})

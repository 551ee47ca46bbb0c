import type { HoldReason } from '../ticket/ticket.ts'

/** What a client is told when work waits or ends: one fixed sentence per reason, never what somebody wrote. */
export const SENTENCES = {
  awaiting_client: 'The work is on hold: we are waiting to hear from the client.',
  awaiting_material: 'The work is on hold: we are waiting for material.',
  awaiting_access: 'The work is on hold: we are waiting for access to the site.',
  awaiting_third_party: 'The work is on hold: we are waiting for a third party.',
  cancelled: 'The work was cancelled.',
  duplicate: 'This fault is handled under another ticket.',
} as const satisfies { readonly [R in HoldReason]: string } & { readonly [other: string]: string }
export type SentenceKey = keyof typeof SENTENCES

const isSentence = (key: string): key is SentenceKey => Object.hasOwn(SENTENCES, key)

/** The sentence an event of a ticket calls for; null for most. */
export const sentenceFor = (event: { readonly type: string; readonly reason?: unknown }): SentenceKey | null => {
  if (event.type === 'TicketHeld')
    return typeof event.reason === 'string' && isSentence(event.reason) ? event.reason : null
  if (event.type === 'TicketCancelled') return 'cancelled'
  return event.type === 'MarkedDuplicate' ? 'duplicate' : null
}

import { describe, expect, it } from 'vitest'
import { sentenceOf } from '../../../src/adapters/contract/ticket-events.ts'
import type { TicketEvent } from '../../../src/domain/ticket/events.ts'
import { AT, MANAGER } from '../../support/tickets.ts'

type Said = TicketEvent extends infer Each ? (Each extends TicketEvent ? Omit<Each, 'at' | 'by'> : never) : never
const sentence = (said: Said): string => sentenceOf({ ...said, at: AT, by: MANAGER } as TicketEvent)
const attribution = { cause: null, component: null, details: null, confirmed: null }

describe('A line of the timeline', () => {
  it.each<[Said, string]>([
    [{ type: 'WorkStarted', cycle: 0 }, 'Work started.'],
    [{ type: 'WorkStarted', cycle: 2 }, 'Work started again, rectification 2.'],
    [{ type: 'RectificationFlagged', cycles: 3 }, 'Flagged after 3 rectifications.'],
    [{ type: 'TicketHeld', reason: 'awaiting_material', note: null }, 'Put on hold: awaiting material.'],
    [{ type: 'TicketResumed', to: 'in_progress' }, 'Resumed, in progress.'],
    [
      { type: 'FellBackToInProgress', failures: ['photos_complete', 'drop_in_sow'], because: 'the SOW changed' },
      'Not QA ready any more: photos complete, drop in sow.',
    ],
    [{ type: 'ReviewTakenOver', from: 'rashid', to: 'lerato' }, 'The review was taken over.'],
    [
      { type: 'AsBuiltVoided', because: ['pole_number', 'pon_number'] },
      'As-built confirmation void after a change of pole number, pon number.',
    ],
    [
      { type: 'UnmarkedDuplicate', survivor: 't1', restored: 'in_progress' },
      'No duplicate after all, back to in progress.',
    ],
    [{ type: 'StepRecorded', step: 'house_front', complete: false, doneAt: null, valueChanged: true }, 'recorded.'],
    [{ type: 'PhotoJudgedAgain', photoId: 'p1', blocks: [] }, 'A photo was judged again.'],
    [
      { type: 'PhotoJudgedAgain', photoId: 'p1', blocks: ['decodable', 'reuse'] },
      'A photo was judged again and cannot serve: decodable, reuse.',
    ],
    [{ type: 'RiskEscalated', riskId: 'r1', ticketId: null }, 'Expired risk escalated.'],
    [{ type: 'WaiverWithdrawn', platform: 'sow', reason: 'It is there again' }, 'Waiver of sow withdrawn.'],
  ])('says in words what happened: %j', (said, words) => {
    expect(sentence(said).endsWith(words)).toBe(true)
  })

  const withWords: ReadonlyArray<Said> = [
    { type: 'TicketHeld', reason: 'awaiting_client', note: 'Mrs Nkosi is away' },
    { type: 'WithdrawnFromQa', reason: 'Mrs Nkosi is away' },
    { type: 'PlaceConfirmed', reason: 'Mrs Nkosi is away' },
    { type: 'TicketCancelled', reason: 'Mrs Nkosi is away' },
    { type: 'MarkedDuplicate', survivor: 't1', reason: 'Mrs Nkosi is away' },
    { type: 'VerdictOverridden', photoId: 'p1', check: 'blank', reason: 'Mrs Nkosi is away' },
    { type: 'ReuseCleared', photoId: 'p1', reason: 'Mrs Nkosi is away' },
    { type: 'LookAlikeFound', photoId: 'p1', reason: 'Mrs Nkosi is away' },
    { type: 'FaultAttributed', from: attribution, to: attribution, reason: 'Mrs Nkosi is away' } as Said,
    { type: 'RiskResolved', riskId: 'r1', notes: 'Mrs Nkosi is away' },
    { type: 'PlatformWaived', platform: 'sow', reason: 'Mrs Nkosi is away' },
    { type: 'ReturnedFromGate', decision: { reason: 'Mrs Nkosi is away' } } as unknown as Said,
  ]
  it.each(withWords.map((said) => ({ said })))('repeats no words of a person: $said.type', ({ said }) => {
    expect(sentence(said)).not.toMatch(/Nkosi|away/)
    expect(sentence(said)).toMatch(/^[A-Z].+\.$/)
  })
})

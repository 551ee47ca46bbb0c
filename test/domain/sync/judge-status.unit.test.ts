import { describe, expect, it } from 'vitest'
import { judgeStatus } from '../../../src/domain/sync/judge-status.ts'
import { SENTENCES, sentenceFor } from '../../../src/domain/sync/sentences.ts'
import { inRemoteAlphabet, REMOTE_STATUSES, STATUS_MAPS } from '../../../src/domain/sync/status-map.ts'
import { HOLD_REASONS, STATUSES } from '../../../src/domain/ticket/ticket.ts'

const SAID = [...REMOTE_STATUSES, 'Unsolved - No Response', 'Pending Customer']

describe('a status somebody set in QContact', () => {
  it('assigns an open ticket when its assignee is known, starts work on an assigned one, and moves nothing else', () => {
    const moving = STATUSES.flatMap((status) =>
      SAID.flatMap((asked) => {
        const found = judgeStatus(status, { before: 'Open', asked, knowsAssignee: true })
        return found.type === 'move' ? [`${status} ${asked} ${found.command}`] : []
      }),
    )
    expect(moving).toEqual(['open Assigned assign', 'assigned InProgress start_work'])
  })

  it('assigns nobody who is not known', () => {
    expect(judgeStatus('open', { before: 'Open', asked: 'Assigned', knowsAssignee: false })).toEqual({
      type: 'refused',
    })
  })

  it('offers a follow-up when a case is reopened after Solved, and only then', () => {
    const reopened = STATUSES.filter(
      (status) => judgeStatus(status, { before: 'Solved', asked: 'Open', knowsAssignee: true }).type === 'reopened',
    )
    expect(reopened).toEqual(['handed_to_maintenance', 'closed', 'cancelled'])
    expect(judgeStatus('closed', { before: 'Reviewed', asked: 'Open', knowsAssignee: true }).type).toBe('refused')
  })

  it('Solved closes nothing', () => {
    for (const status of STATUSES)
      expect(judgeStatus(status, { before: 'Open', asked: 'Solved', knowsAssignee: true })).toEqual({ type: 'refused' })
  })
})

describe('the two alphabets', () => {
  it('every status of ours has a word that can be written there', () => {
    expect(STATUSES.map((status) => STATUS_MAPS.out[status])).toEqual([
      'Open',
      'Assigned',
      'InProgress',
      'InProgress',
      'InReview',
      'InReview',
      'InProgress',
      'Reviewed',
      'Reviewed',
      'Solved',
      'Solved',
      'Solved',
    ])
  })

  it('reads the labels of its pages as what they stand for, letter for letter', () => {
    expect(inRemoteAlphabet(STATUS_MAPS, 'In Progress')).toBe('InProgress')
    expect(inRemoteAlphabet(STATUS_MAPS, 'in progress')).toBe('in progress')
    expect(inRemoteAlphabet(STATUS_MAPS, 'Unsolved - No Response')).toBe('Unsolved - No Response')
  })
})

describe('what a client is told', () => {
  it('has one fixed sentence for each reason to hold, and none of what somebody wrote', () => {
    for (const reason of HOLD_REASONS) {
      const said = sentenceFor({ type: 'TicketHeld', reason })
      expect(said).toBe(reason)
      expect(SENTENCES[reason]).toMatch(/^The work is on hold: /)
    }
    expect(sentenceFor({ type: 'TicketCancelled', reason: 'client owes us money' })).toBe('cancelled')
    expect(sentenceFor({ type: 'MarkedDuplicate' })).toBe('duplicate')
    expect(sentenceFor({ type: 'TicketHeld', reason: 'constructor' })).toBe(null)
    expect(sentenceFor({ type: 'WorkStarted' })).toBe(null)
  })
})

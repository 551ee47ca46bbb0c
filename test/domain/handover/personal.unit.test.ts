import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../../src/adapters/canonical/canonical-bytes.ts'
import { keyed } from '../../../src/adapters/signing/keyed.ts'
import {
  commitmentKey,
  commitmentsIn,
  erasedPersonal,
  openingsThatDiffer,
  sealedPersonal,
} from '../../../src/domain/handover/personal.ts'
import { withoutWords, wordsIn } from '../../../src/domain/handover/personal-words.ts'

const tools = { ...keyed, canonicalBytes }
const KEY = new Uint8Array(32).fill(1)
const openings = { '/client/name': 'Thandi Mokoena', '/ticket/gps': { lon: 27.654321, lat: -26.1 } }
const own = commitmentKey(tools, KEY, 's1')
const commitments = commitmentsIn({ personal: sealedPersonal(tools, KEY, 's1', openings) }) ?? {}

describe('A commitment', () => {
  it('is HMAC-SHA-256 over path, a zero byte and canonical JSON, by a key of that snapshot alone', () => {
    const text = '/ticket/gps\0{"lat":-26.1,"lon":27.654321}'
    expect(commitments['/ticket/gps']).toBe(createHmac('sha256', own).update(text).digest('hex'))
    const other = commitmentsIn({ personal: sealedPersonal(tools, KEY, 's2', openings) })
    expect(other?.['/client/name']).not.toBe(commitments['/client/name'])
  })

  it('is opened by what was sealed, and by nothing else', () => {
    const differ = (changed: object) => openingsThatDiffer(tools, own, commitments, { ...openings, ...changed })
    expect(differ({})).toEqual([])
    expect(differ({ '/client/name': 'Thandi Mokoenb' })).toEqual(['/client/name'])
    expect(differ({ '/client/phone': '+27 11' })).toEqual(['/client/phone'])
    expect(openingsThatDiffer(tools, own, commitments, { '/client/name': 'Thandi Mokoena' })).toEqual(['/ticket/gps'])
    expect(openingsThatDiffer(tools, commitmentKey(tools, KEY, 's2'), commitments, openings)).toHaveLength(2)
  })

  it('is none where the content has none: before there were any, and after an erasure', () => {
    expect(commitmentsIn({ format_version: 1 })).toBeNull()
    expect(commitmentsIn({ personal: erasedPersonal('2026-03-01T10:00:00.000Z') })).toBeNull()
    expect(commitmentsIn(null)).toBeNull()
  })
})

describe('A person’s words in what is kept as JSON', () => {
  const held = {
    type: 'TicketHeld',
    reason: 'awaiting_client',
    note: 'Dog in the yard',
    by: 'sipho',
    decision: { verdicts: [{ step: 'house_front', outcome: 'correct', comment: 'Ask Thandi' }] },
    conditions: ['r1'],
    review: { outcome: 'Neighbour says no' },
    photo: { filename: 'thandi.jpg' },
    empty: null,
  }

  it('are found with their path, and the program’s own are not', () => {
    expect(wordsIn(held)).toEqual([
      { path: '/note', value: 'Dog in the yard' },
      { path: '/decision/verdicts/0/comment', value: 'Ask Thandi' },
      { path: '/review/outcome', value: 'Neighbour says no' },
      { path: '/photo/filename', value: 'thandi.jpg' },
    ])
  })

  it('are taken out without a change of its shape', () => {
    const erased = withoutWords(held)
    expect(erased).toMatchObject({
      type: 'TicketHeld',
      reason: 'awaiting_client',
      note: 'Erased',
      by: 'sipho',
      decision: { verdicts: [{ step: 'house_front', outcome: 'correct', comment: 'Erased' }] },
      conditions: ['r1'],
      empty: null,
    })
    expect(wordsIn(erased)).toEqual([])
  })
})

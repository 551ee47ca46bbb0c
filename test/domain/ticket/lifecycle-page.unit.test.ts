import { expect, it } from 'vitest'
import { STATUSES, transitions } from '../../../src/domain/ticket/ticket.ts'
import { arrows, lifecyclePage } from '../../support/lifecycle-page.ts'

it('docs/lifecycle.md says what the transition table says', async () => {
  await expect(lifecyclePage()).toMatchFileSnapshot('../../../docs/lifecycle.md')
})

it('every state but open is entered by an arrow, and every state but closed is left by one', () => {
  const moving = arrows.filter((arrow) => arrow.from !== arrow.to)
  expect(STATUSES.filter((status) => !moving.some((arrow) => arrow.to === status))).toEqual([])
  expect(STATUSES.filter((status) => !moving.some((arrow) => arrow.from === status))).toEqual(['closed'])
})

it('the arrows use every source and every end of the table', () => {
  for (const [command, { from, to }] of Object.entries(transitions)) {
    const mine = arrows.filter((arrow) => arrow.command === command)
    expect(new Set(mine.map((arrow) => arrow.from))).toEqual(new Set(from))
    expect(new Set(mine.map((arrow) => arrow.to))).toEqual(new Set(to))
  }
})

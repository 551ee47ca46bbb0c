import { describe, expect, it } from 'vitest'
import { refusals } from '../../../src/adapters/http/refusals.ts'

describe('A ticket type that is refused', () => {
  const fixed = { type: 'TypeIsFixed', from: 'infrastructure', to: 'infrastructure' } as const

  it('says that people make no infrastructure tickets', () => {
    expect(refusals.TypeIsFixed({ ...fixed, why: 'infrastructure' }).message).toBe(
      'Infrastructure tickets are made by escalations only, and stay what they are',
    )
  })

  it('says that it is settled once work started', () => {
    expect(refusals.TypeIsFixed({ ...fixed, from: 'incident', to: 'maintenance', why: 'work_started' }).message).toBe(
      'The type of this ticket can no longer change',
    )
  })
})

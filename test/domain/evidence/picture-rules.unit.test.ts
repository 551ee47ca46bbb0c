import { describe, expect, it } from 'vitest'
import type { Judge } from '../../../src/domain/evidence/evidence.ts'
import { barcodeOf, judgeBarcode, serialsReadFrom } from '../../../src/domain/evidence/judge-barcode.ts'
import { judgeBlur } from '../../../src/domain/evidence/judge-blur.ts'
import { judgeLight } from '../../../src/domain/evidence/judge-light.ts'
import { judgeByMeasures, judgeConfidence } from '../../../src/domain/evidence/judge-relevance.ts'
import type { StepKey } from '../../../src/domain/verification/steps.ts'

const judge: Judge = { checker: 'full', version: '1', at: '2026-11-22T08:00:00.000Z' }
const light = { meanLuma: 100, lumaSpread: 200, brightest: 250 }

describe('the light of a photo', () => {
  const found = (change: Partial<typeof light>, step: StepKey = 'house_front') =>
    judgeLight({ ...light, ...change }, step, judge).map(({ check, outcome }) => `${check}: ${outcome}`)

  it('is enough when there is something to be seen', () => {
    expect(found({})).toEqual(['blank: pass', 'black: pass', 'dark: pass'])
    expect(found({ lumaSpread: 8, brightest: 24, meanLuma: 30 })).toEqual(['blank: pass', 'black: pass', 'dark: pass'])
  })

  it('blocks one plain colour and blackness, and only warns of darkness', () => {
    expect(found({ lumaSpread: 7 })[0]).toBe('blank: block')
    expect(found({ brightest: 23 })[1]).toBe('black: block')
    expect(found({ meanLuma: 29.9 })[2]).toBe('dark: warn')
  })

  it.each(['ont_barcode', 'ups_serial', 'power_meter_reading', 'green_lights'] as const)(
    'may be dark on %s, but not black',
    (step) => {
      expect(found({ meanLuma: 1, brightest: 20 }, step)).toEqual(['blank: pass', 'black: block', 'dark: not_judged'])
    },
  )

  it('says nothing about a signature’s white page', () => {
    expect(found({ lumaSpread: 0, meanLuma: 255 }, 'customer_signature')[0]).toBe('blank: not_judged')
  })
})

describe('the sharpness of a photo', () => {
  const found = (laplacian: number, gradientBalance = 0.6, lumaSpread = 100) =>
    judgeBlur({ laplacian, gradientBalance, lumaSpread }, judge)

  it('is enough from 0.0015 of the squared spread on', () => {
    expect(found(15).outcome).toBe('pass')
    expect(found(14.9)).toMatchObject({ outcome: 'warn', reason: expect.stringContaining('blurred') })
  })

  it('is not when soft gradients have one direction, however many there are', () => {
    expect(found(199, 0.29)).toMatchObject({ outcome: 'warn', reason: expect.stringContaining('smeared') })
    expect(found(199, 0.3).outcome).toBe('pass')
    expect(found(200, 0.29).outcome).toBe('pass')
  })

  it('cannot be told where there are no edges', () => {
    expect(found(0, 1, 7).outcome).toBe('unverifiable')
  })
})

describe('the label of a photo', () => {
  it('is read on steps 8 and 9', () => {
    expect([barcodeOf('ont_barcode'), barcodeOf('ups_serial'), barcodeOf('green_lights')]).toEqual([
      'ont_serial',
      'ups_serial',
      null,
    ])
  })

  it('gives its serials to the gate, or says that none could be read', () => {
    const read = judgeBarcode(['ALCLB1234567'], judge)
    expect(read.outcome).toBe('pass')
    expect(serialsReadFrom({ verdicts: [read] })).toEqual(['ALCLB1234567'])
    expect(judgeBarcode([], judge).outcome).toBe('unverifiable')
    expect(serialsReadFrom({ verdicts: [] })).toEqual([])
  })
})

describe('what a photo shows', () => {
  it('is left to a person, unless it is a page', () => {
    expect(judgeByMeasures({ paperShare: 0.7 }, 'house_front', judge).outcome).toBe('not_judged')
    expect(judgeByMeasures({ paperShare: 0.71 }, 'house_front', judge).outcome).toBe('warn')
    expect(judgeByMeasures({ paperShare: 1 }, 'customer_signature', judge).outcome).toBe('not_judged')
  })

  it('is asked of a person when the model is not sure, and never rejected', () => {
    const said = (confidence: number) =>
      judgeConfidence({ confidence, threshold: 0.5, model: {} }, 'house_front', judge)
    expect([said(0.5).outcome, said(0.499).outcome, said(0).outcome]).toEqual(['pass', 'warn', 'warn'])
  })
})

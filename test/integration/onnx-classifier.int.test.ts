import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { look } from '../../src/adapters/imaging/look.ts'
import { type OnnxRuntime, onnxClassifier } from '../../src/adapters/imaging/onnx-classifier.ts'
import { photoAnalyser, versionWith } from '../../src/adapters/imaging/photo-analyser.ts'
import type { StepKey } from '../../src/domain/verification/steps.ts'
import { describeWith, fromOutside } from '../support/outside.ts'
import { jpeg } from '../support/pictures.ts'

const varint = (value: number): ReadonlyArray<number> =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
const number = (field: number, value: number): Buffer => Buffer.from([field << 3, ...varint(value)])
const part = (field: number, ...content: ReadonlyArray<Buffer | string>): Buffer => {
  const bytes = Buffer.concat(content.map((one) => (typeof one === 'string' ? Buffer.from(one) : one)))
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])
}
const value = (field: number, name: string, dims: ReadonlyArray<number>): Buffer =>
  part(field, part(1, name), part(2, part(1, number(1, 1), part(2, ...dims.map((dim) => part(1, number(1, dim)))))))
const node = (operation: string, input: string, output: string): Buffer =>
  part(1, part(1, input), part(2, output), part(4, operation))

/** A model of 100 bytes: its three scores are the mean red, green and blue of the picture (onnx.proto, opset 13). */
const meanColours = Buffer.concat([
  number(1, 8),
  part(
    7,
    node('GlobalAveragePool', 'picture', 'means'),
    node('Flatten', 'means', 'scores'),
    part(2, 'mean colours'),
    value(11, 'picture', [1, 3, 16, 16]),
    value(12, 'scores', [1, 3]),
  ),
  part(8, number(2, 13)),
])
const described = {
  side: 16,
  mean: [0, 0, 0],
  deviation: [1, 1, 1],
  steps: ['house_front', 'green_lights', 'ont_barcode'],
  softmax: false,
  threshold: 0.5,
}
const sha256 = createHash('sha256').update(meanColours).digest('hex')

let folder = ''
let model = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onnx-'))
  model = await kept('colours.onnx', meanColours, described)
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const kept = async (name: string, bytes: Buffer, description: unknown): Promise<string> => {
  await writeFile(join(folder, name), bytes)
  await writeFile(join(folder, `${name}.json`), JSON.stringify(description))
  return join(folder, name)
}
const plain = (background: string) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .jpeg({ quality: 100 })
    .toBuffer()

describeWith('onnxruntime-node', 'A model of the operator', () => {
  const runtime = async () => fromOutside('onnxruntime-node') as OnnxRuntime
  const ask = async (file: string, background: string, step: StepKey) =>
    onnxClassifier(file, runtime).classify(await plain(background), step)()

  it('says how sure it is of a step, and which bytes it is', async () => {
    const asked = await ask(model, '#ff0000', 'house_front')
    expect(asked).toMatchObject({ right: { threshold: 0.5, model: { sha256, bytes: meanColours.length } } })
    expect(E.isRight(asked) && asked.right.confidence).toBeCloseTo(1, 1)
    const other = await ask(model, '#ff0000', 'green_lights')
    expect(E.isRight(other) && other.right.confidence).toBeCloseTo(0, 1)
  })

  it('makes shares of scores of any size', async () => {
    const soft = await kept('soft.onnx', meanColours, { ...described, softmax: true })
    const asked = await ask(soft, '#808080', 'ont_barcode')
    expect(E.isRight(asked) && asked.right.confidence).toBeCloseTo(1 / 3, 2)
  })

  it.each([
    [
      'bytes that are no model',
      async () => kept('broken.onnx', Buffer.from('no model'), described),
      'house_front',
      /failed/,
    ],
    [
      'a description with a typing error',
      async () => kept('odd.onnx', meanColours, { ...described, side: 'x' }),
      'house_front',
      /side/,
    ],
    [
      'fewer outputs than steps',
      async () => kept('few.onnx', meanColours, { ...described, steps: ['house_front'] }),
      'house_front',
      /one score per step/,
    ],
    ['a step it does not know', async () => model, 'customer_signature', /does not know/],
    ['a file that is not there', async () => join(folder, 'gone.onnx'), 'house_front', /cannot be read/],
  ] as const)('leaves %s to a person', async (_, file, step, reason) => {
    expect(await ask(await file(), '#fff', step)).toEqual(
      E.left({ type: 'ClassifierFailed', reason: expect.stringMatching(reason) }),
    )
  })

  it('warns of a photo it is not sure of, and never blocks it', async () => {
    const analyser = photoAnalyser({ look, classifier: onnxClassifier(model, runtime) })
    const bytes = await sharp(await jpeg({ seed: 3 }))
      .linear([1, 1, 1], [-90, 60, -90])
      .jpeg()
      .toBuffer()
    const relevance = async (step: StepKey) => {
      const demands = { step, minimumSize: null, pixels: 50_000_000, at: '2026-11-22T08:00:00.000Z' }
      const found = await analyser.analyse({ type: 'bytes', bytes }, demands)()
      return E.isRight(found) ? found.right.verdicts.find(({ check }) => check === 'relevance') : null
    }
    expect(await relevance('green_lights')).toMatchObject({ outcome: 'pass', evidence: { model: { sha256 } } })
    expect(await relevance('house_front')).toMatchObject({ outcome: 'warn', evidence: { threshold: 0.5 } })
  })
})

describe('A model without its runtime', () => {
  it('judges nothing, and the photo says why', async () => {
    const analyser = photoAnalyser({ look, classifier: onnxClassifier(model) })
    const found = await analyser.analyse(
      { type: 'bytes', bytes: await jpeg({ seed: 4 }) },
      { step: 'house_front', minimumSize: null, pixels: 50_000_000, at: '2026-11-22T08:00:00.000Z' },
    )()
    expect(E.isRight(found) && found.right.verdicts.find(({ check }) => check === 'relevance')).toMatchObject({
      outcome: 'not_judged',
      reason: 'What the picture shows was not judged: onnxruntime-node is not installed',
    })
  })
})

describe('A model that cannot be loaded', () => {
  const session = { inputNames: ['in'], outputNames: ['out'], run: async () => ({}) }
  const runtime = async () => ({ InferenceSession: { create: async () => session }, Tensor: Object }) as never

  it('says why at once, and is loaded once it is there; another model or description is told from it', async () => {
    const file = join(folder, 'late.onnx')
    const classifier = onnxClassifier(file, runtime)
    expect(await classifier.load()()).toEqual(
      E.left({ type: 'ClassifierFailed', reason: 'the model or its description cannot be read' }),
    )
    await kept('late.onnx', meanColours, described)
    const first = await classifier.load()()
    expect(first).toMatchObject({ right: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const other = async (bytes: Buffer, description: unknown) =>
      onnxClassifier(await kept('other.onnx', bytes, description), runtime).load()()
    expect(await other(meanColours, described)).toEqual(first)
    expect(await other(meanColours, { ...described, threshold: 0.6 })).not.toEqual(first)
    expect(await other(Buffer.concat([meanColours, Buffer.from([0])]), described)).not.toEqual(first)
    const analyser = photoAnalyser({ look, classifier }, versionWith(E.isRight(first) ? first.right : ''))
    expect(analyser.version).toMatch(/^1\+[0-9a-f]{12}$/)
  })
})

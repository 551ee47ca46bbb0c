import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as TE from 'fp-ts/lib/TaskEither.js'
import sharp from 'sharp'
import { z } from 'zod'
import type { ClassifierFailed, PhotoClassifier } from '../../application/ports/photo-classifier.ts'
import type { JsonObject } from '../../domain/shared/json.ts'
import { STEP_KEYS, type StepKey } from '../../domain/verification/steps.ts'
import { valueAt } from './value-at.ts'

/** As much of `onnxruntime-node` as is used here (https://onnxruntime.ai/docs/api/js); the operator installs it. */
export type OnnxRuntime = {
  readonly InferenceSession: { readonly create: (model: Uint8Array) => Promise<OnnxSession> }
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: ReadonlyArray<number>) => OnnxTensor
}
type OnnxTensor = { readonly data: ArrayLike<unknown>; readonly dims: ReadonlyArray<number> }
type OnnxSession = {
  readonly inputNames: ReadonlyArray<string>
  readonly outputNames: ReadonlyArray<string>
  readonly run: (feeds: Readonly<Record<string, OnnxTensor>>) => Promise<Readonly<Record<string, OnnxTensor>>>
}

/**
 * What stands beside a model in `<model>.json`: the side of its square input in pixels; mean and deviation of red, green and
 * blue (0 to 1) that it was trained with; which step each of its outputs stands for, in their order; from which confidence
 * on a person need not be asked. The model takes float32 [1, 3, side, side] and gives one score per step.
 */
const description = z.strictObject({
  side: z.int().min(8).max(1_024),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  deviation: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  steps: z.array(z.enum(STEP_KEYS)).min(1),
  /** Whether its outputs are scores of any size, to be made into shares of 1. */
  softmax: z.boolean(),
  threshold: z.number().min(0).max(1),
})
type Description = z.infer<typeof description>

type Model = {
  readonly session: OnnxSession
  readonly described: Description
  readonly evidence: JsonObject
  readonly identity: string
}

const MODEL_BYTES = 2 ** 31

/**
 * An operator's model from this machine's disk: nothing is ever fetched. It is loaded once, at start or by the first
 * photo that asks, and asked for again when that failed; each verdict names the SHA-256 of the very bytes that were loaded. Fails, and leaves the question to a person, when the
 * runtime is not installed, the files cannot be used or the model has no output for the step.
 */
export const onnxClassifier = (
  modelFile: string,
  runtime: () => Promise<OnnxRuntime> = installedRuntime,
): PhotoClassifier & {
  /** Loads it now: the SHA-256 of model and description together, or the reason why it cannot be used. */
  readonly load: () => TE.TaskEither<ClassifierFailed, string>
} => {
  let loading: Promise<Model> | null = null
  const model = (): Promise<Model> => {
    loading ??= load(modelFile, runtime).catch((cause: unknown) => {
      loading = null
      throw cause
    })
    return loading
  }
  return {
    load: () =>
      TE.tryCatch(
        async () => (await model()).identity,
        (cause): ClassifierFailed => ({ type: 'ClassifierFailed', reason: reasonOf(cause) }),
      ),
    classify: (thumbnail, step) =>
      TE.tryCatch(
        async () => confidenceOf(await runtime(), await model(), thumbnail, step),
        (cause): ClassifierFailed => ({ type: 'ClassifierFailed', reason: reasonOf(cause) }),
      ),
  }
}

/** An optional peer: whoever names a model installs it. */
const installedRuntime = async (): Promise<OnnxRuntime> => {
  // @ts-expect-error: its types are here only where it is installed
  const found: { readonly default: OnnxRuntime } | null = await import('onnxruntime-node').catch(() => null)
  if (found === null) throw unusable('onnxruntime-node is not installed')
  return found.default
}

const UNUSABLE = 'unusable'
const unusable = (reason: string): Error => new Error(reason, { cause: UNUSABLE })

/** Our own words, or the kind of error: a runtime's message may quote paths. */
const reasonOf = (cause: unknown): string =>
  cause instanceof Error && cause.cause === UNUSABLE
    ? cause.message
    : `the model failed (${(cause as NodeJS.ErrnoException).code ?? 'error'})`

const load = async (modelFile: string, runtime: () => Promise<OnnxRuntime>): Promise<Model> => {
  const [bytes, text] = await Promise.all([readFile(modelFile), readFile(`${modelFile}.json`, 'utf8')]).catch(() => {
    throw unusable('the model or its description cannot be read')
  })
  if (bytes.byteLength > MODEL_BYTES) throw unusable('the model is larger than 2 GB')
  const described = description.safeParse(jsonOf(text))
  if (!described.success)
    throw unusable(`the description of the model is wrong at ${described.error.issues[0]?.path.join('.')}`)
  const { InferenceSession } = await runtime()
  const session = await InferenceSession.create(bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const identity = createHash('sha256').update(bytes).update(text).digest('hex')
  return { session, described: described.data, evidence: { sha256, bytes: bytes.byteLength }, identity }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const confidenceOf = async (
  { Tensor }: OnnxRuntime,
  { session, described, evidence }: Model,
  thumbnail: Uint8Array,
  step: StepKey,
) => {
  const { side, steps, softmax, threshold } = described
  const nth = steps.indexOf(step)
  if (nth < 0) throw unusable('the model does not know this step')
  const [input] = session.inputNames
  const [output] = session.outputNames
  if (input === undefined || output === undefined) throw unusable('the model has no input or no output')
  const answered = await session.run({
    [input]: new Tensor('float32', await inputOf(thumbnail, described), [1, 3, side, side]),
  })
  const scores = Array.from(answered[output]?.data ?? [], Number)
  if (scores.length !== steps.length || scores.some((score) => !Number.isFinite(score)))
    throw unusable('the model does not give one score per step')
  const confidence = valueAt(softmax ? shares(scores) : scores, nth)
  return { confidence: Math.min(1, Math.max(0, confidence)), threshold, model: evidence }
}

const shares = (scores: ReadonlyArray<number>): ReadonlyArray<number> => {
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

/** One plane per colour, as models of pictures take them. */
const inputOf = async (thumbnail: Uint8Array, { side, mean, deviation }: Description): Promise<Float32Array> => {
  const pixels = await sharp(thumbnail)
    .resize(side, side, { fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer()
  const plane = side * side
  const values = new Float32Array(plane * 3)
  for (let at = 0; at < plane; at += 1)
    for (let colour = 0; colour < 3; colour += 1)
      values[colour * plane + at] =
        (valueAt(pixels, at * 3 + colour) / 255 - valueAt(mean, colour)) / valueAt(deviation, colour)
  return values
}

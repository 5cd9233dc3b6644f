/**
 * Made-up sweeps of any size for tests and benches of the page: 20 parameters of every kind, steps, failures that gather, trials
 * stopped early, figures of the best. Written through the store's own writer, so that their record is a real one; the same at
 * every run but for ids and times. `npx tsx test/dashboard/sweeps.ts DIR 50000` makes one by hand.
 */
import { resolve } from 'node:path'
import { type RandomStream, randomStream } from '../../src/numeric/index.js'
import { openStore, type SweepWriter } from '../../src/tracking/index.js'
import type { JsonObject, Metrics, Params } from '../../src/values.js'

export interface MadeSweep {
  readonly id: string
  readonly directory: string
}

export interface SweepShape {
  readonly trials: number
  /** Trials it is to come to, where others are added by `goOn`. */
  readonly planned?: number
  readonly name?: string
  readonly id?: string
  readonly experiment?: string
  /** No trial comes to a value. */
  readonly onlyFailures?: boolean
  /** Names, notes, texts and errors that must not become markup. */
  readonly hostile?: boolean
  /** Steps that a trial reports; 10 unless stated. */
  readonly steps?: number
  /** It still runs: the writer is given to `goOn` before it ends. */
  readonly goOn?: (writer: SweepWriter, record: (trial: number) => Promise<void>) => Promise<void>
}

/** The spaces of made-up sweeps: 20 parameters, two of them conditional. */
export const parameters = {
  rate: { type: 'float', min: 1e-5, max: 1, scale: 'log', default: 1e-3 },
  momentum: { type: 'float', min: 0, max: 1 },
  depth: { type: 'int', min: 1, max: 32 },
  units: { type: 'int', min: 4, max: 4096, scale: 'log' },
  kernel: { type: 'categorical', values: ['linear', 'rbf', 'poly'], default: 'rbf' },
  gamma: { type: 'float', min: 1e-4, max: 10, scale: 'log', when: { kernel: ['rbf', 'poly'] } },
  degree: { type: 'int', min: 2, max: 5, when: { kernel: ['poly'] } },
  size: { type: 'ordinal', values: ['small', 'medium', 'large'] },
  layers: { type: 'categorical', values: [[64], [64, 64], [128, 64, 32]] },
  bias: { type: 'categorical', values: [true, false] },
  ...Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`extra${i}`, { type: 'float', min: -1 - i, max: 1 + i }]),
  ),
} satisfies JsonObject

/** Names that would do harm as markup, or deceive. */
export const hostileText =
  '</script><script>document.title="taken"</script><img src=x onerror=alert(1)>\u202Egnp.exe\u0007'

const objective = { metric: 'accuracy', direction: 'maximize' } as const

/** Makes a sweep in a store, which is made where there is none. Some 10,000 trials a second. */
export async function makeSweep(directory: string, shape: SweepShape): Promise<MadeSweep> {
  const store = await openStore(directory)
  const { trials, planned = trials, hostile = false, name = hostile ? hostileText : 'made-up', goOn } = shape
  const writer = await store.createSweep({
    experiment: shape.experiment ?? (hostile ? hostileText : 'made-up'),
    name,
    objectives: [objective],
    spec: {
      name,
      objective,
      parameters: spaceOf(hostile),
      trials: planned,
      search: { algorithm: 'random', seed: 0, trials: planned },
    },
    conditions: { workers: 2 },
    tags: hostile ? { [hostileText]: hostileText } : {},
    ...(shape.id !== undefined && { id: shape.id }),
  })
  let best = { trial: -1, value: Number.NEGATIVE_INFINITY }
  const record = async (trial: number) => {
    const value = await recordTrial(writer, trial, shape)
    if (value !== null && value > best.value) best = { trial, value }
  }
  let next = 0
  const lane = async () => {
    while (next < trials) await record(next++)
  }
  await Promise.all(Array.from({ length: 256 }, lane))
  await goOn?.(writer, record)
  if (best.trial >= 0) await judgeBest(writer, best)
  await writer.finish(
    best.trial < 0 && trials > 0
      ? { status: 'failed', error: { code: 'TRAINER_THREW', message: 'no trial came to a value' } }
      : { status: 'finished' },
  )
  return { id: writer.id, directory }
}

function spaceOf(hostile: boolean): JsonObject {
  return hostile
    ? { ...parameters, [hostileText]: { type: 'categorical', values: [hostileText, '=1+1'] } }
    : parameters
}

/** The value it came to; null where it failed. */
async function recordTrial(writer: SweepWriter, trial: number, shape: SweepShape): Promise<number | null> {
  const { onlyFailures = false, hostile = false, steps = 10 } = shape
  const random = randomStream(0, 'made-up sweep', trial)
  const params = paramsOf(random, hostile)
  const rate = params.rate as number
  const value = madeValue(params, random)
  const origin = {
    rule: trial < 10 ? 'initial' : 'expected-improvement',
    ...(trial < 10
      ? { index: trial }
      : { predicted: { mean: value + 0.02 * (random.next() - 0.5), deviation: 0.01 } }),
  }
  void writer.trialStarted({ trial, params, attempt: 1, conditions: { trial, seed: 0, origin } })
  const tags: Record<string, string> = hostile ? { kind: hostileText } : {}
  if (onlyFailures || (rate > 0.3 && random.next() < 0.4)) {
    const message = hostile ? hostileText : `the loss was not finite at rate ${rate.toPrecision(3)}`
    const error = { code: trial % 3 === 0 ? 'TIME_LIMIT' : 'TRAINER_THREW', message }
    await writer.trialEnded({
      trial,
      status: 'failed',
      values: {},
      metrics: {},
      history: {},
      error,
      conditions: {},
      tags,
    })
    return null
  }
  const pruned = random.next() < 0.08
  const history = historyOf(value, pruned ? Math.ceil(steps / 3) : steps, random)
  const last = history.accuracy.values.at(-1) ?? value
  const metrics: Metrics = {
    accuracy: pruned ? last : value,
    accuracyStd: 0.01 + 0.01 * random.next(),
    logLoss: 1.5 * (1 - value),
    fitSeconds: 0.01 + (params.depth as number) * 0.02 * random.next(),
    trainAccuracy: Math.min(1, value + 0.1 * random.next()),
  }
  const ended = { trial, values: { accuracy: metrics.accuracy }, metrics, history, error: null, tags }
  if (pruned) {
    const step = history.accuracy.steps.at(-1) ?? 0
    const because = {
      rule: 'median',
      step,
      value: last,
      bound: last + 0.01,
      reason: 'below the median of 12 trials',
    }
    await writer.trialEnded({ ...ended, status: 'pruned', conditions: { pruned: because } })
    return null
  }
  await writer.trialEnded({ ...ended, status: 'finished', conditions: {} })
  return value
}

function paramsOf(random: RandomStream, hostile: boolean): Params {
  const params: Record<string, Params[string]> = {
    rate: 10 ** (-5 * random.next()),
    momentum: random.next(),
    depth: 1 + Math.floor(32 * random.next()),
    units: Math.round(4 * 1024 ** random.next()),
    kernel: (['linear', 'rbf', 'poly'] as const)[Math.floor(3 * random.next())],
  }
  if (params.kernel !== 'linear') params.gamma = 10 ** (-4 + 5 * random.next())
  if (params.kernel === 'poly') params.degree = 2 + Math.floor(4 * random.next())
  params.size = (['small', 'medium', 'large'] as const)[Math.floor(3 * random.next())]
  params.layers = parameters.layers.values[Math.floor(3 * random.next())]
  params.bias = random.next() < 0.5
  for (let i = 0; i < 10; i++) params[`extra${i}`] = (2 * random.next() - 1) * (1 + i)
  if (hostile) params[hostileText] = random.next() < 0.5 ? hostileText : '=1+1'
  return params
}

/** Goes by the rate, the depth and the kernel; all else has nothing to do with it. */
function madeValue(params: Params, random: RandomStream): number {
  const rate = Math.log10(params.rate as number)
  const depth = (params.depth as number) / 32
  const kernel = params.kernel === 'rbf' ? 0.05 : params.kernel === 'poly' ? 0.02 : 0
  return 0.9 - 0.02 * (rate + 2.5) ** 2 - 0.1 * (depth - 0.6) ** 2 + kernel + 0.01 * (random.next() - 0.5)
}

function historyOf(value: number, steps: number, random: RandomStream) {
  const at = Array.from({ length: steps }, (_, i) => i + 1)
  const validation = at.map((step) => value * (1 - Math.exp(-0.4 * step)) + 0.005 * (random.next() - 0.5))
  const training = at.map((step) => Math.min(1, value * (1 - Math.exp(-0.5 * step)) + 0.003 * step))
  const times = at.map((step) => 5 * step)
  return {
    accuracy: { steps: at, values: validation, times },
    trainAccuracy: { steps: at, values: training, times },
  }
}

/** What the end of a sweep says of its best. */
async function judgeBest(
  writer: SweepWriter,
  { trial, value }: { trial: number; value: number },
): Promise<void> {
  const [mean, low, high] = [value - 0.01, value - 0.02, value]
  const corrected = { correctedAccuracy: mean, correctedAccuracyLow: low, correctedAccuracyHigh: high }
  await writer.annotate(null, { metrics: corrected })
  await writer.annotate(trial, { metrics: { ...corrected, holdoutAccuracy: value - 0.015 } })
  const judging = {
    trial,
    metric: 'accuracy',
    value,
    baseline: { name: 'the commonest class', value: 0.4 },
    beatsBaseline: true,
    said: [],
    classes: null,
    residuals: null,
    threshold: null,
  }
  await writer.artifact(null, 'judging.json', JSON.stringify(judging))
  await writer.artifact(trial, 'log.txt', 'epoch 1\nepoch 2\n')
}

const [, script, directory, trials = '1000'] = process.argv
if (script === import.meta.filename) {
  const made = await makeSweep(resolve(directory), { trials: Number(trials) })
  console.log(`${made.id} in ${made.directory}`)
}

/** Models of small random data, and their answers here and in Python, bit by bit. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Dataset, type Row, rowsAsWritten, signatureOf } from '../../../src/data/index.js'
import { readModelFile } from '../../../src/exchange/model-file/read.js'
import { pythonSource } from '../../../src/exchange/python/index.js'
import { randomStream } from '../../../src/numeric/index.js'
import { loadModel, openTrainer, saveModel } from '../../../src/training/index.js'
import type { JsonObject, JsonValue, Params } from '../../../src/values.js'
import { context } from '../../laws/trainer.js'

export interface Answers {
  readonly predictions?: readonly (string | number)[]
  readonly probabilities?: readonly Readonly<Record<string, string>>[]
  readonly error?: string
}

export interface Asked {
  readonly json: JsonValue
  readonly rows: readonly Row[]
}

const double = new DataView(new ArrayBuffer(8))

/** A double's bits, hexadecimal. */
export function bitsOf(value: number): string {
  double.setFloat64(0, value)
  return double.getBigUint64(0).toString(16).padStart(16, '0')
}

const bits = (value: string | number) => (typeof value === 'number' ? bitsOf(value) : value)

/** What we answer. */
export async function ownAnswers({ json, rows }: Asked): Promise<Answers> {
  const model = await loadModel(json)
  try {
    const probabilities = model
      .predictProbability?.(rows)
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, p]) => [name, bitsOf(p)])))
    return { predictions: model.predict(rows).map(bits), ...(probabilities && { probabilities }) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

/** A Python of 3.8 or later; null: none is there. */
export const python: string | null =
  ['python3', 'python'].find((program) => {
    const { status, stdout } = spawnSync(program, ['-c', 'import sys; print(sys.version_info >= (3, 8))'], {
      encoding: 'utf8',
    })
    return status === 0 && stdout.trim() === 'True'
  }) ?? null

/** Answers of check.py, which says what can be asked: one process for all of it. */
export function asked<T>(
  program: string,
  questions: readonly object[],
  options: readonly string[] = [],
): T[] {
  const check = fileURLToPath(new URL('check.py', import.meta.url))
  const { stdout, stderr, status } = spawnSync(program, [...options, check], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout)
}

/** What models predict in Python. */
export async function pythonAnswers(
  program: string,
  models: readonly Asked[],
  options: readonly string[] = [],
): Promise<Answers[]> {
  const questions = await Promise.all(
    models.map(async ({ json, rows }) => ({ source: pythonSource(await readModelFile(json)), rows })),
  )
  return asked(program, questions, options)
}

export interface DataShape {
  readonly rows: number
  readonly seed: number
  readonly target: 'numbers' | 'classes'
  readonly classes?: number
  /** Only numbers, none missing. */
  readonly isPlain?: boolean
  readonly weights?: boolean
}

const texts = ['alpha', 'beta', 'gamma', 'δ', 'ß', '漢字', '😀 x', 'a"b\\c', "it's", 'line\nbreak']

/** Columns of every kind, with missing values and a target that follows from them. */
export function randomData(shape: DataShape): Dataset {
  const { rows, seed, isPlain = false } = shape
  const random = randomStream(seed, 'python')
  const missing = () => !isPlain && random.next() < 0.1
  const numbers = (make: () => number) =>
    Float64Array.from({ length: rows }, () => (missing() ? Number.NaN : make()))
  const [a, b, c] = [
    numbers(() => random.normal() * 10),
    numbers(() => random.normal() * 1e-3),
    numbers(() => Math.floor(random.next() * 6)),
  ]
  const codes = Int32Array.from({ length: rows }, () =>
    missing() ? -1 : Math.floor(random.next() * texts.length),
  )
  const few = Int32Array.from({ length: rows }, () => (missing() ? -1 : Math.floor(random.next() * 2)))
  const categories = [...texts].sort()
  const columns: Dataset['columns'] = [
    { name: 'a', kind: 'number', values: a },
    { name: 'b "quoted"', kind: 'number', values: b },
    { name: 'c', kind: 'number', values: c },
    ...(isPlain
      ? []
      : ([
          { name: 'text', kind: 'text', codes, categories },
          { name: 'few', kind: 'text', codes: few, categories: ['no', 'yes'] },
          {
            name: 'truth',
            kind: 'number',
            as: 'boolean',
            values: numbers(() => Number(random.next() < 0.5)),
          },
          {
            name: 'day',
            kind: 'number',
            as: 'date',
            values: numbers(
              () => Math.floor(random.next() * 40_000 - 10_000) + Math.floor(random.next() * 48) / 48,
            ),
          },
        ] satisfies Dataset['columns'])),
  ]
  const score = Float64Array.from({ length: rows }, (_, i) => {
    const of = (value: number) => (Number.isNaN(value) ? 0 : value)
    return of(a[i]) + 4000 * of(b[i]) - 2 * of(c[i]) + 3 * (codes[i] % 3) + random.normal()
  })
  const classes = shape.classes ?? 3
  const order = Float64Array.from(score).sort()
  const cuts = Array.from({ length: classes - 1 }, (_, k) => order[Math.floor(((k + 1) * rows) / classes)])
  return {
    columns,
    rows,
    index: Int32Array.from({ length: rows }, (_, i) => i),
    target:
      shape.target === 'numbers'
        ? { kind: 'numbers', name: 'y', values: score.map((value) => Math.abs(value) * 7) }
        : {
            kind: 'classes',
            name: 'y',
            classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
            codes: Int32Array.from(score, (value) => cuts.filter((cut) => value >= cut).length),
          },
    ...(shape.weights && { weights: Float64Array.from({ length: rows }, () => 0.5 + random.next()) }),
  }
}

/** Rows to predict for: those of other data, with texts that no model knows and numbers far out. */
export function randomRows(shape: DataShape): Row[] {
  const random = randomStream(shape.seed, 'rows')
  const far = [0, -1e6, 1e6, 1e100, -1e100, 1e-300, 3.5, '  7.25 ', '1e3', 'NA', '-']
  return rowsAsWritten(randomData(shape)).map((row) => {
    const changed: Record<string, Row[string]> = { ...row }
    if (random.next() < 0.2) changed.a = far[Math.floor(random.next() * far.length)]
    if (shape.isPlain) return changed
    if (random.next() < 0.2)
      changed.text = ['unknown', ' beta ', '', 'NULL', 3, true][Math.floor(random.next() * 6)]
    if (random.next() < 0.2) changed.truth = ['yes', 'F', 1, '?'][Math.floor(random.next() * 4)]
    if (random.next() < 0.2)
      changed.day = ['2024-02-29', '1900-12-31T23:59:59.5+02:00', '9999-12-31', 'NaT'][
        Math.floor(random.next() * 4)
      ]
    return changed
  })
}

/** The model file of a trainer fitted on data. */
export async function fitted(name: string, data: Dataset, params: Params): Promise<JsonObject> {
  const reference = { kind: 'built-in', name } as const
  const opened = await openTrainer(reference)
  if (opened.kind !== 'trainer') throw new Error('not a trainer')
  const model = await opened.trainer.fit(data, params, context())
  return JSON.parse(JSON.stringify(saveModel(reference, signatureOf(data), model.toJSON())))
}

/**
 * What every trainer keeps to, whatever it learns: the suite that each of them passes.
 */

import { type Dataset, sampleInput, selectRows, signatureOf, type Table } from '../data/index.js'
import { randomStream } from '../numeric/index.js'
import {
  checkParams,
  type Hyperparameter,
  loadModel,
  type Model,
  saveModel,
  type Trainer,
  type TrainingContext,
} from '../training/index.js'
import type { JsonObject, Metrics, Params, ParamValue } from '../values.js'
import type { Expect, TestFramework } from './framework.js'

/**
 * `data`: at least 60 rows, of the trainer's task. `params`: fast ones, used where a law does not ask for others.
 */
export function trainerLaws(
  { describe, it, expect }: TestFramework,
  name: string,
  make: () => Trainer | Promise<Trainer>,
  data: () => Dataset | Promise<Dataset>,
  params: Params,
): void {
  describe(`${name} keeps the laws of a trainer`, () => {
    it('describes itself: hyperparameters with defaults inside their ranges', async () => {
      const trainer = await make()
      expect(trainer.name).not.toBe('')
      expect(trainer.description).not.toBe('')
      const names = trainer.hyperparameters.map((one) => one.name)
      expect(new Set(names).size).toBe(names.length)
      const defaults = Object.fromEntries(trainer.hyperparameters.map((one) => [one.name, one.default]))
      expect(checkParams(trainer, defaults)).toEqual([])
      for (const one of trainer.hyperparameters) expect(one.description).not.toBe('')
    })

    it('predicts one finite answer a row, of the right kind, and probabilities that sum to 1', async () => {
      const [trainer, all] = [await make(), await data()]
      const model = await trainer.fit(evenRows(all), params, context())
      checkAnswers(expect, model, all, all)
    })

    it('answers for a row the same alone as among others', async () => {
      const [trainer, all] = [await make(), await data()]
      const model = await trainer.fit(evenRows(all), params, context())
      const together = Array.from<unknown>(model.predict(all))
      for (const row of [0, 7, all.rows - 1]) {
        expect(model.predict(selectRows(all, Int32Array.of(row)))[0]).toBe(together[row])
      }
    })

    it('answers both at once as it answers one by one', async () => {
      const [trainer, all] = [await make(), await data()]
      const model = await trainer.fit(evenRows(all), params, context())
      const both = model.predictBoth?.(all)
      if (both === undefined) return
      expect(both.labels).toEqual(model.predict(all))
      expect(both.probabilities).toEqual(model.predictProbability!(all))
    })

    it('predicts exactly the same after it was saved as JSON and loaded', async () => {
      const [trainer, all] = [await make(), await data()]
      const model = await trainer.fit(evenRows(all), params, context())
      const text = JSON.stringify(model.toJSON())
      const loaded = await trainer.load(JSON.parse(text))
      expect(loaded.predict(all)).toEqual(model.predict(all))
      expect(loaded.predictProbability?.(all)).toEqual(model.predictProbability?.(all))
      expect(JSON.stringify(loaded.toJSON())).toBe(text)
    })

    it('refuses a file of its model that was tampered with, or predicts from it as from any other', async () => {
      const [trainer, all] = [await make(), await data()]
      const model = await trainer.fit(evenRows(all), params, context())
      const reference = { kind: 'function', name: trainer.name } as const
      const text = JSON.stringify(saveModel(reference, signatureOf(all), model.toJSON()))
      const rows = sampleInput(all, 3)
      const loads = async (file: JsonObject) => {
        const loaded = await loadModel(file, { trainer })
        const answers = [loaded.predict(rows), loaded.predictProbability?.(rows) ?? []]
        const { classes } = loaded.signature
        for (const answer of answers[0])
          expect(classes === null ? Number.isFinite(answer) : classes.includes(answer as string)).toBe(true)
        for (const shares of answers[1])
          for (const share of Object.values(shares)) expect(share).not.toBeNaN()
      }
      await loads(JSON.parse(text))
      let refused = 0
      for (let i = 0; i < 80; i++) {
        const random = randomStream(8, 'tampering', i)
        const places = Array.from({ length: 1 + random.integer(7) }, () => random.integer(1e6))
        const file = JSON.parse(text)
        const inside = file[random.integer(4) === 0 ? 'signature' : 'state']
        tamperWith(inside, places, tampering[random.integer(tampering.length)])
        await loads(file).catch((error) => {
          if (error.code !== 'MODEL_INVALID' && error.code !== 'DATA_INVALID') throw error
          refused++
        })
      }
      expect(refused).toBeGreaterThan(0)
    })

    it('gives the same bytes for the same seed', async () => {
      const [trainer, all] = [await make(), await data()]
      const bytes = async () =>
        JSON.stringify((await trainer.fit(evenRows(all), params, context({ seed: 11 }))).toJSON())
      expect(await bytes()).toBe(await bytes())
    })

    it('learns from the rows it is given and no others', async () => {
      const [trainer, all] = [await make(), await data()]
      const rows = evenRows(all)
      const model = await trainer.fit(rows, params, context())
      const scrambled = await trainer.fit(scrambleOtherRows(rows), params, context())
      expect(JSON.stringify(scrambled.toJSON())).toBe(JSON.stringify(model.toJSON()))
    })

    it('leaves the data as it was', async () => {
      const [trainer, all] = [await make(), await data()]
      const before = JSON.stringify(cellsOf(all))
      const model = await trainer.fit(evenRows(all), params, context())
      model.predict(all)
      expect(JSON.stringify(cellsOf(all))).toBe(before)
    })

    it('does not fit where it was aborted before', async () => {
      const [trainer, all] = [await make(), await data()]
      const signal = AbortSignal.abort()
      await expect(async () => trainer.fit(all, params, context({ signal }))).rejects.toThrow()
    })

    it('reports finite metrics at growing steps, and stops where it is told to', async () => {
      const [trainer, all] = [await make(), await data()]
      const steps: number[] = []
      const report = async (step: number, metrics: Metrics) => {
        steps.push(step)
        for (const value of Object.values(metrics)) expect(Number.isFinite(value)).toBe(true)
        return 'continue' as const
      }
      await trainer.fit(evenRows(all), params, context({ report }))
      expect(steps).toEqual([...steps].sort((a, b) => a - b))
      expect(new Set(steps).size).toBe(steps.length)

      let reports = 0
      const prune = async () => {
        reports++
        return 'prune' as const
      }
      await Promise.resolve(trainer.fit(evenRows(all), params, context({ report: prune }))).catch(() => {})
      expect(reports).toBe(Math.min(1, steps.length))
    })

    it('refuses a hyperparameter it does not know, and values outside the described range', async () => {
      const [trainer, all] = [await make(), await data()]
      const refused = (wrong: Params) =>
        expect(async () => trainer.fit(all, { ...params, ...wrong }, context())).rejects.toMatchObject({
          code: 'PARAMS_REFUSED',
        })
      await refused({ noSuchParameter: 1 })
      for (const one of trainer.hyperparameters) await refused({ [one.name]: outside(one) })
    })

    it('fits with the smallest, the largest and every listed value of each hyperparameter', async () => {
      const [trainer, all] = [await make(), await data()]
      const rows = evenRows(all)
      const hasEngines = trainer.hyperparameters.some(({ name }) => name === 'engine')
      for (const one of trainer.hyperparameters) {
        for (const value of extremes(one)) {
          const changed = { ...params, [one.name]: value }
          const model = await Promise.resolve(trainer.fit(rows, changed, context())).catch((error) => {
            // An engine has not every hyperparameter of another one, and refuses what it has not.
            if (hasEngines && error.code === 'PARAMS_REFUSED') return null
            throw error
          })
          if (model !== null) checkAnswers(expect, model, rows, all)
        }
      }
    })

    for (const [what, spoil] of badData) {
      it(`bears ${what}`, async () => {
        const [trainer, all] = [await make(), await data()]
        const { training, asked } = spoil(all)
        const model = await trainer.fit(training, params, context())
        checkAnswers(expect, model, asked, all)
        const loaded = await trainer.load(JSON.parse(JSON.stringify(model.toJSON())))
        expect(loaded.predict(asked)).toEqual(model.predict(asked))
      })
    }
  })
}

export function context(parts: Partial<TrainingContext> = {}): TrainingContext {
  const seed = parts.seed ?? 7
  return {
    seed,
    random: randomStream(seed, 'fit'),
    report: async () => 'continue',
    signal: new AbortController().signal,
    seat: 0,
    devices: [],
    checkpoint: '',
    step: 0,
    log: () => {},
    ...parts,
  }
}

type Tampering = { readonly put: unknown } | 'remove' | 'repeat'

/** What is put in the place of a value of a model file, or done to it. */
const tampering: readonly Tampering[] = [
  ...[null, -1, 0, 0.5, 3, 1e9, 2 ** 53, 1e308, -1e308, 5e-324, 'x', '', true].map((put) => ({ put })),
  ...[[], {}, { length: 1e9 }, [[]], [null], Number.NaN, Number.POSITIVE_INFINITY].map((put) => ({ put })),
  'remove',
  'repeat',
]

/** Goes down from an object, by one number a level, and tampers with the entry it comes to. */
function tamperWith(inside: object, places: readonly number[], tamper: Tampering): void {
  const keys = Object.keys(inside)
  if (keys.length === 0) return
  const key = keys[places[0] % keys.length]
  const value = Reflect.get(inside, key)
  if (places.length > 1 && typeof value === 'object' && value !== null) {
    tamperWith(value, places.slice(1), tamper)
  } else if (tamper === 'repeat') {
    if (Array.isArray(inside)) inside.push(value)
  } else if (tamper !== 'remove') Reflect.set(inside, key, tamper.put)
  else if (Array.isArray(inside)) inside.splice(Number(key), 1)
  else Reflect.deleteProperty(inside, key)
}

function evenRows(all: Dataset): Dataset {
  return selectRows(
    all,
    Int32Array.from({ length: all.rows >> 1 }, (_, i) => 2 * i),
  )
}

function checkAnswers(expect: Expect, model: Model, asked: Table, { target }: Dataset): void {
  const answers = model.predict(asked)
  expect(answers.length).toBe(asked.rows)
  if (target.kind === 'numbers') {
    expect(Array.from<unknown>(answers).every(Number.isFinite)).toBe(true)
    return
  }
  for (const label of answers) expect(target.classes).toContain(label)
  const found = model.predictProbability?.(asked)
  if (found === undefined) return
  const width = found.classes.length
  expect(found.values.length).toBe(asked.rows * width)
  for (let i = 0; i < asked.rows; i++) {
    const row = found.values.subarray(i * width, (i + 1) * width)
    expect(row.every((value) => value >= 0 && value <= 1 + 1e-12)).toBe(true)
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9)
  }
}

/** Every cell of the rows that are not selected replaced. */
function scrambleOtherRows(data: Dataset): Dataset {
  const selected = new Set(data.index)
  const columns = data.columns.map((column) =>
    column.kind === 'number'
      ? { ...column, values: column.values.map((value, i) => (selected.has(i) ? value : 1e6 + i)) }
      : { ...column, codes: column.codes.map((code, i) => (selected.has(i) ? code : -1)) },
  )
  const { target } = data
  const other =
    target.kind === 'numbers'
      ? { ...target, values: target.values.map((value, i) => (selected.has(i) ? value : -1e6 - i)) }
      : { ...target, codes: target.codes.map((code, i) => (selected.has(i) ? code : 0)) }
  return { ...data, columns, target: other }
}

function cellsOf({ columns, target, index }: Dataset): unknown {
  return [
    columns.map((column) => Array.from(column.kind === 'number' ? column.values : column.codes)),
    Array.from(target.kind === 'numbers' ? target.values : target.codes),
    Array.from(index),
  ]
}

function outside({ type, min = Number.NaN, max = Number.NaN }: Hyperparameter): ParamValue {
  if (type === 'boolean' || type === 'categorical' || type === 'names') return 'no such value'
  if (!Number.isNaN(min)) return min - 1
  return Number.isNaN(max) ? 'no number' : max + 1
}

function extremes({ type, min, max, values = [], default: preset }: Hyperparameter): ParamValue[] {
  if (type === 'boolean') return [true, false]
  if (type === 'names') return [preset]
  return [preset, ...values, ...[min, max].filter((one) => one !== undefined)]
}

/** Also of the rows that are not selected. */
function cellsOfColumn({ target }: Dataset): number {
  return (target.kind === 'numbers' ? target.values : target.codes).length
}

/** Data nobody wishes for: what is fitted on, and what is asked. */
const badData: [what: string, spoil: (all: Dataset) => { training: Dataset; asked: Table }][] = [
  [
    'a column without any value',
    (all) => {
      const empty = {
        name: 'empty',
        kind: 'number' as const,
        values: new Float64Array(cellsOfColumn(all)).fill(Number.NaN),
      }
      const spoilt = { ...all, columns: [...all.columns, empty] }
      return { training: evenRows(spoilt), asked: spoilt }
    },
  ],
  [
    'nothing but a text column without any value',
    (all) => {
      const codes = new Int32Array(cellsOfColumn(all)).fill(-1)
      const spoilt = { ...all, columns: [{ name: 'empty', kind: 'text' as const, codes, categories: [] }] }
      return { training: evenRows(spoilt), asked: spoilt }
    },
  ],
  [
    'a constant column',
    (all) => {
      const constant = {
        name: 'constant',
        kind: 'number' as const,
        values: new Float64Array(cellsOfColumn(all)).fill(0.1),
      }
      const spoilt = { ...all, columns: [constant, ...all.columns] }
      return { training: evenRows(spoilt), asked: spoilt }
    },
  ],
  ['a single row', (all) => ({ training: selectRows(all, Int32Array.of(3)), asked: all })],
  [
    'rows that are all the same',
    (all) => ({ training: selectRows(all, new Int32Array(30).fill(3)), asked: all }),
  ],
  [
    'one class, or one target value, alone',
    (all) => {
      const { target } = all
      const same =
        target.kind === 'numbers'
          ? { ...target, values: new Float64Array(target.values.length).fill(2.5) }
          : { ...target, codes: new Int32Array(target.codes.length).fill(1) }
      return { training: evenRows({ ...all, target: same }), asked: all }
    },
  ],
  [
    'texts that the training rows do not have',
    (all) => {
      const codes = Int32Array.from({ length: cellsOfColumn(all) }, (_, i) => (i % 2 === 0 ? i % 3 : 3))
      const text = { name: 'text', kind: 'text' as const, codes, categories: ['a', 'b', 'c', 'never seen'] }
      const spoilt = { ...all, columns: [...all.columns, text] }
      return { training: evenRows(spoilt), asked: spoilt }
    },
  ],
  [
    'rows without any value where a prediction is asked for',
    (all) => {
      const columns = all.columns.map((column) =>
        column.kind === 'number'
          ? { ...column, values: new Float64Array(column.values.length).fill(Number.NaN) }
          : { ...column, codes: new Int32Array(column.codes.length).fill(-1) },
      )
      return { training: evenRows(all), asked: { ...all, columns } }
    },
  ],
  [
    'two rows with more columns than rows',
    (all) => ({ training: selectRows(all, Int32Array.of(0, all.rows - 1)), asked: all }),
  ],
]

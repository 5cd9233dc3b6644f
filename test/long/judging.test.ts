/** The metrics beside scikit-learn's, on random data of many shapes. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/index.js'
import { metricNamed } from '../../src/training/judging/metrics.js'
import { askPython, pythonHas } from './oracle.js'

const { able, why } = pythonHas('sklearn', 'numpy')
const script = readFileSync(new URL('../training/judging/fixtures/metrics.py', import.meta.url), 'utf8')
const random = randomStream(3, 'judging')
const many = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i))

const classified = many(150, (i) => {
  const classes = 2 + random.integer(5)
  const n = classes + random.integer(80)
  // Some sets have ties, some lack a class.
  const coarse = i % 3 === 0
  const truth = many(n, (row) => (row < classes && i % 4 > 0 ? row : random.integer(classes)))
  const probabilities = many(n, () => {
    const raw = many(
      classes,
      (c) => 0.05 + (coarse ? random.integer(4) : random.next()) + c * (coarse ? 1e-3 : 0),
    )
    const sum = raw.reduce((a, b) => a + b, 0)
    return raw.map((one) => one / sum)
  })
  const predicted = probabilities.map((row) => row.indexOf(Math.max(...row)))
  return { classes, truth, predicted, probabilities: probabilities.flat() }
})
const estimated = many(100, (i) => {
  const n = 2 + random.integer(60)
  const truth = many(n, () => (i % 2 === 0 ? random.integer(6) : 0.1 + 5 * random.next()))
  return { truth, predicted: truth.map((one) => (one + 0.1) * (0.5 + random.next())) }
})

describe.skipIf(!able)(`metrics agree with scikit-learn's${why}`, () => {
  type Values = Record<string, number | null>
  const asked = able
    ? askPython<{ classified: Values[]; estimated: Values[] }>(script, { classified, estimated })
    : { classified: [], estimated: [] }

  it('on 150 sets of classes', () => {
    asked.classified.forEach((expected, i) => {
      const { classes, truth, predicted, probabilities } = classified[i]
      const rows = {
        truth: Int32Array.from(truth),
        predicted: Int32Array.from(predicted),
        classes,
        probabilities: Float64Array.from(probabilities),
      }
      const names = many(classes, (c) => `c${c}`)
      for (const [name, value] of Object.entries(expected)) {
        if (value === null) continue
        const found = metricNamed(name, 'classification', names).ofClasses(rows)
        expect([i, name, found]).toEqual([i, name, expect.closeTo(value, 10)])
      }
    })
  })

  it('on 100 sets of numbers', () => {
    asked.estimated.forEach((expected, i) => {
      const { truth, predicted } = estimated[i]
      const rows = { truth: Float64Array.from(truth), predicted: Float64Array.from(predicted) }
      for (const [name, value] of Object.entries(expected)) {
        const found = metricNamed(name, 'regression', null).ofNumbers(rows)
        if (value === null) expect([i, name, found]).toEqual([i, name, Number.NaN])
        // The share of an error in a truth of 0 is astronomical.
        else
          expect([i, name, Math.abs(found - value) <= 1e-10 * Math.max(1, Math.abs(value))]).toEqual([
            i,
            name,
            true,
          ])
      }
    })
  })
})

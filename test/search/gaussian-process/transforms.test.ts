// Reference λ and values: scipy 1.17, scipy.stats.yeojohnson.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  fitOutputTransform,
  logToWarp,
  warp,
  warpSlope,
  warpWithGradient,
} from '../../../src/search/gaussian-process/index.js'
import { inverseYeoJohnson, yeoJohnson } from '../../../src/search/gaussian-process/output-transform.js'

describe('the output transformation', () => {
  test.each([
    [1.5, 0.5, 1.1622776601683795],
    [1.5, -1, 0.6],
    [-1.5, 3, -0.6],
    [-0.3, 0, -0.345],
    [0.7, 0, 0.5306282510621704],
    [-0.7, 2, -0.5306282510621704],
  ])('Yeo–Johnson of %d at λ = %d', (z, lambda, right) => {
    expect(yeoJohnson(z, lambda)).toBeCloseTo(right, 14)
  })

  test('keeps order, and its inverse and slope belong to it', () => {
    const loss = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(fc.array(loss, { minLength: 2, maxLength: 60 }), (losses) => {
        const transform = fitOutputTransform(losses)
        if (transform === null) {
          expect(Math.max(...losses) - Math.min(...losses)).toBeLessThan(1e-12)
          return
        }
        const spread = Math.max(...losses) - Math.min(...losses)
        const order = losses.map((_, i) => i).sort((a, b) => losses[a] - losses[b])
        for (let k = 1; k < order.length; k++) {
          expect(transform.values[order[k]]).toBeGreaterThanOrEqual(transform.values[order[k - 1]] - 1e-9)
        }
        losses.forEach((y, i) => {
          expect(transform.forward(y)).toBe(transform.values[i])
        })
        // Where λ is at an end of its range the far side of the scale is pressed together: digits are lost there.
        if (transform.lambda > 0 && transform.lambda < 2) {
          for (const y of losses) {
            expect(Math.abs(transform.backward(transform.forward(y)) - y)).toBeLessThan(1e-6 * spread)
          }
        }
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  test('the slope is that of finite differences, inside and beyond the limit for outliers', () => {
    const losses = [1, 2, 2.5, 3, 3.2, 4, 5, 6, 50, 900]
    const transform = fitOutputTransform(losses)!
    for (const y of [1.5, 3.1, 5.5, 20, 400]) {
      const right = (transform.forward(y + 1e-5) - transform.forward(y - 1e-5)) / 2e-5
      expect(transform.slope(y) / right).toBeCloseTo(1, 4)
      expect(transform.backward(transform.forward(y))).toBeCloseTo(y, 6)
    }
  })

  test('has mean 0 and deviation 1, and one diverged trial does not flatten the others', () => {
    const losses = [0.2, 0.21, 0.25, 0.3, 0.32, 0.4, 1e12]
    const { values } = fitOutputTransform(losses)!
    expect(values.reduce((a, b) => a + b, 0) / 7).toBeCloseTo(0, 10)
    expect(values.reduce((a, b) => a + b * b, 0) / 7).toBeCloseTo(1, 10)
    expect(values[5] - values[0]).toBeGreaterThan(0.5)
  })

  test('is undefined where all losses are equal', () => {
    expect(fitOutputTransform([3, 3, 3])).toBe(null)
    expect(fitOutputTransform([3])).toBe(null)
    expect(fitOutputTransform([])).toBe(null)
  })

  test('inverse at the ends of the range', () => {
    expect(inverseYeoJohnson(5, -1)).toBe(1e6)
    expect(inverseYeoJohnson(-5, 3)).toBe(-1e6)
  })
})

describe('the input warping', () => {
  test('the identity at a = b = 1, else increasing from 0 to 1', () => {
    expect(warp({ a: 1, b: 1 }, 0.3)).toBe(0.3)
    for (const shape of [
      { a: 0.5, b: 2 },
      { a: 3, b: 0.4 },
    ]) {
      let last = -1
      for (let x = 0; x <= 1; x += 0.01) {
        const y = warp(shape, x)
        expect(y).toBeGreaterThan(last)
        last = y
      }
      expect(warp(shape, 0)).toBeLessThan(1e-3)
      expect(warp(shape, 1)).toBeGreaterThan(0.99)
    }
  })

  test('has derivatives at both ends', () => {
    const out = new Float64Array(3)
    for (const x of [0, 1]) {
      warpWithGradient({ a: 0.4, b: 0.5 }, logToWarp(x), out)
      expect([...out, warpSlope({ a: 0.4, b: 0.5 }, x)].every(Number.isFinite)).toBe(true)
      expect(out[0]).toBeCloseTo(x, 2)
    }
  })

  test('derivatives are those of finite differences', () => {
    const out = new Float64Array(3)
    for (const a of [0.4, 1, 2.5]) {
      for (const b of [0.5, 1, 3]) {
        for (const x of [0.02, 0.3, 0.5, 0.97]) {
          warpWithGradient({ a, b }, logToWarp(x), out)
          const h = 1e-5
          const slope = (f: (step: number) => number) => (f(h) - f(-h)) / (2 * h)
          expect(out[0]).toBeCloseTo(warp({ a, b }, x), 14)
          expect(out[1]).toBeCloseTo(
            slope((s) => warp({ a: a * Math.exp(s), b }, x)),
            7,
          )
          expect(out[2]).toBeCloseTo(
            slope((s) => warp({ a, b: b * Math.exp(s) }, x)),
            7,
          )
          expect(warpSlope({ a, b }, x)).toBeCloseTo(
            slope((s) => warp({ a, b }, x + s)),
            5,
          )
        }
      }
    }
  })
})

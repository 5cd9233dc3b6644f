// Reference values: mpmath 1.3 at 60 digits.
import { expect, test } from 'vitest'
import { erfcx, normalDensity, normalDistribution } from '../../src/numeric/index.js'

const relative = (found: number, right: number) => Math.abs(found - right) / Math.abs(right)

test.each([
  [-5, 144009798674.66104],
  [-1, 5.008980080762283],
  [-0.1, 1.1236433541992095],
  [0, 1],
  [1e-10, 0.999999999887162],
  [0.1, 0.8964569799691267],
  [0.5, 0.6156903441929259],
  [0.84375, 0.4743680720269093],
  [1, 0.427583576155807],
  [1.25, 0.3678229164523611],
  [2, 0.25539567631050575],
  [3.75, 0.14558972127503855],
  [5, 0.11070463773306863],
  [10, 0.05614099274382259],
  [27, 0.02088160799042094],
  [100, 0.005641613782989433],
  [1e5, 0.0000056418958351954685],
  [1e10, 5.641895835477563e-11],
])('erfcx(%d)', (x, right) => {
  expect(relative(erfcx(x), right)).toBeLessThan(2e-15)
})

test('erfcx at the ends of the line', () => {
  expect(erfcx(-30)).toBe(Number.POSITIVE_INFINITY)
  expect(erfcx(1e300)).toBeGreaterThan(0)
})

test.each([
  [-37, 5.725571222524577e-300],
  [-20, 2.7536241186062337e-89],
  [-8, 6.220960574271784e-16],
  [-3, 0.0013498980316300946],
  [-1, 0.15865525393145705],
  [-0.5, 0.3085375387259869],
  [0, 0.5],
  [0.5, 0.6914624612740131],
  [1, 0.8413447460685429],
  [3, 0.9986501019683699],
  [6, 0.9999999990134123],
  [9, 1],
])('the normal distribution at %d', (z, right) => {
  // e^(−z²/2) loses as many digits as z² has.
  expect(relative(normalDistribution(z), right)).toBeLessThan(2e-15 * Math.max(1, (z * z) / 4))
})

test('the density is the derivative of the distribution', () => {
  for (const z of [-4, -1.3, 0, 0.2, 2.5]) {
    const slope = (normalDistribution(z + 1e-5) - normalDistribution(z - 1e-5)) / 2e-5
    expect(slope).toBeCloseTo(normalDensity(z), 9)
  }
})

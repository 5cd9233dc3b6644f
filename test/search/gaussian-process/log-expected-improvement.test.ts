// Reference values: mpmath 1.3 at 80 digits (beyond |z| = 500 by 14 terms of the asymptotic series of Mills' ratio).
import { expect, test } from 'vitest'
import { logExpectedImprovement, logH } from '../../../src/search/gaussian-process/index.js'

test.each([
  [-100000, -5000000023.94479, 100000.00002],
  [-10000, -50000019.33961931, 10000.000199999993],
  [-1000, -500014.73445209116, 1000.001999994],
  [-100, -5010.12957880025, 100.01999400419587],
  [-50, -1258.744182868461, 50.03995213387265],
  [-30.5, -472.88260479123596, 30.56536387369624],
  [-30, -457.724653760598, 30.06644615416242],
  [-29.5, -442.8161525843589, 29.567564754834347],
  [-20, -206.9178385094251, 20.099262811101283],
  [-10, -55.55312203612235, 10.194383033412553],
  [-5, -16.74430116266099, 5.361816241288088],
  [-2, -4.768783523917114, 2.679416883955586],
  [-1.0001, -2.485311456445883, 1.9043434317165273],
  [-1, -2.4851210257126413, 1.9042712333296918],
  [-0.9999, -2.484930602199176, 1.904199036177194],
  [-0.5, -1.6205162643873199, 1.5598731483480797],
  [0, -0.9189385332046728, 1.2533141373155003],
  [0.5, -0.3598276837450638, 0.9909227180041099],
  [1, 0.08002621884930694, 0.7766387252017393],
  [3, 1.0987396653277077, 0.3328409684517952],
  [10, Math.LN10, 0.1],
  [30, 3.4011973816621555, 0.03333333333333333],
])('ln h(%d) and its slope', (z, value, slope) => {
  const found = logH(z)
  expect(Math.abs(found.value - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)))
  expect(Math.abs(found.slope - slope)).toBeLessThan(1e-11 * slope)
})

test('the derivatives by mean and deviation are those of finite differences', () => {
  for (const best of [-3, 0, 0.7, 2]) {
    for (const deviation of [0.01, 0.3, 2]) {
      const { byMean, byDeviation } = logExpectedImprovement(best, 0.5, deviation)
      const h = 1e-4 * deviation
      const at = (m: number, s: number) => logExpectedImprovement(best, 0.5 + m, deviation + s).value
      const right = [(at(h, 0) - at(-h, 0)) / (2 * h), (at(0, h) - at(0, -h)) / (2 * h)]
      expect(Math.abs(byMean / right[0] - 1)).toBeLessThan(1e-4)
      expect(Math.abs(byDeviation - right[1])).toBeLessThan(1e-4 * Math.max(1, Math.abs(right[1])))
    }
  }
})

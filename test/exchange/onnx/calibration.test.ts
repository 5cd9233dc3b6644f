import { describe, expect, it } from 'vitest'
import type { CalibrationFile } from '../../../src/exchange/model-file/types.js'
import { calibratedNodes } from '../../../src/exchange/onnx/calibration.js'
import { randomStream } from '../../../src/numeric/index.js'
import { calibrated, fitCalibration } from '../../../src/training/calibration.js'
import { runGraph } from './run.js'

/** Rows that sum to 1, some of them certain, some near to it. */
function probabilities(seed: number, rows: number, classes: number): Float64Array {
  const random = randomStream(seed, 'probabilities')
  const out = new Float64Array(rows * classes)
  for (let i = 0; i < rows; i++) {
    const sure = random.integer(8)
    const raw = Array.from({ length: classes }, () =>
      sure === 0
        ? 0
        : sure === 1
          ? random.next() * 1e-13
          : random.integer(3) === 0
            ? random.integer(4) / 4
            : random.next(),
    )
    if (sure < 2) raw[random.integer(classes)] = 1
    const sum = raw.reduce((total, value) => total + value, 0) || 1
    raw.forEach((value, c) => {
      out[i * classes + c] = value / sum
    })
  }
  return out
}

async function inOnnx(calibration: CalibrationFile, given: Float64Array, classes: number): Promise<number[]> {
  const found = await runGraph(
    (graph) => {
      const p = graph.input({ name: 'p', type: 'double', dims: ['N', classes] })
      graph.output(calibratedNodes(graph, calibration, p, classes), {
        name: 'q',
        type: 'double',
        dims: ['N', classes],
      })
    },
    { p: { type: 'float64', data: given, dims: [given.length / classes, classes] } },
  )
  return Array.from(found.q.data as Float64Array)
}

describe('calibration in ONNX', () => {
  it.each([2, 3, 5])('by steps is the same to the last bit: %i classes', async (classes) => {
    for (const rows of [3, 40, 400]) {
      const learned = probabilities(rows, rows, classes)
      const codes = Int32Array.from({ length: rows }, (_, i) => i % classes)
      const calibration = fitCalibration('isotonic', learned, codes, classes)
      const asked = Float64Array.from([...learned, ...probabilities(rows + 1, 200, classes)])
      const found = await inOnnx(calibration as CalibrationFile, asked, classes)
      expect(found).toEqual(Array.from(calibrated(calibration, asked, classes)))
    }
  })

  it('by a single step is that step', async () => {
    const calibration: CalibrationFile = { kind: 'isotonic', maps: [{ p: [0.4], q: [0.25] }] }
    expect(await inOnnx(calibration, Float64Array.of(0.9, 0.1, 0.6, 0.4, 0, 1), 2)).toEqual([
      0.75, 0.25, 0.75, 0.25, 0.75, 0.25,
    ])
  })

  it('gives all classes the same where every one of them is impossible', async () => {
    const maps = [0, 1, 2].map(() => ({ p: [0.5, 1], q: [0, 1] }))
    expect(await inOnnx({ kind: 'isotonic', maps }, Float64Array.of(0.25, 0.25, 0.5), 3)).toEqual([
      1 / 3,
      1 / 3,
      1 / 3,
    ])
  })

  it.each([2, 4])('by a sigmoid is the same to the last bit: %i classes', async (classes) => {
    const learned = probabilities(7, 300, classes)
    const codes = Int32Array.from({ length: 300 }, (_, i) => (i * 7) % classes)
    const fitted = fitCalibration('sigmoid', learned, codes, classes)
    const steep = { kind: 'sigmoid', maps: fitted.maps.map(() => ({ a: 40, b: -3 })) } as const
    for (const calibration of [fitted, steep]) {
      const found = await inOnnx(calibration as CalibrationFile, learned, classes)
      expect(found).toEqual(Array.from(calibrated(calibration, learned, classes)))
    }
  })
})

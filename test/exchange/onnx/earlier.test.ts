/** Models that the release before trainers had engines wrote: as ONNX they answer what they answer here, and what that release said. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { exportModelFile } from '../../../src/exchange/export/index.js'
import { loadModel } from '../../../src/training/index.js'
import type { JsonObject } from '../../../src/values.js'
import { expectSame, feedsOf } from './laws.js'
import { run } from './run.js'

const store = new URL('../../fixtures/store-v2/', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(fileURLToPath(new URL(path, store)), 'utf8'))
const expected: Record<string, { sweep: string; run: string; predictions: (string | number)[] }> =
  read('expected.json')
const rows: Record<string, Record<string, string | number | null>[]> = read('rows.json')

/** The kept models of a sweep, by its trials. */
function models(sweep: string): JsonObject[] {
  return [0, 1, 2].flatMap((trial) => {
    try {
      return [read(`runs/sweeps/${sweep}/artifacts/${trial}/model.json`) as JsonObject]
    } catch {
      return []
    }
  })
}

describe('models of an earlier release', () => {
  it.each(Object.keys(expected))('%s', async (trainer) => {
    const { sweep, predictions } = expected[trainer]
    const asked = rows[trainer.endsWith('classifier') ? 'classification' : 'regression']
    const files = models(sweep)
    expect(files.length).toBeGreaterThan(0)
    const found = await Promise.all(
      files.map(async (file) => {
        await expectSame(file, asked, { within: trainer.startsWith('svm') ? 1e-12 : 0 })
        const { files: written } = await exportModelFile(file, 'onnx')
        const { signature } = await loadModel(file)
        const outputs = await run(written.get('model.onnx') as Uint8Array, feedsOf(asked, signature))
        return Array.from((outputs.label ?? outputs.variable).data) as (string | number)[]
      }),
    )
    // One of them is the best run's.
    const far = (answers: (string | number)[]) =>
      answers.some((answer, i) =>
        typeof answer === 'string'
          ? answer !== predictions[i]
          : !(Math.abs(answer - Number(predictions[i])) <= 1e-9 * Math.abs(answer)),
      )
    expect(found.filter((answers) => !far(answers))).not.toEqual([])
  })
})

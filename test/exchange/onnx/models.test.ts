/** Every built-in trainer, by each of its engines: in onnxruntime the models answer as here. */
import { describe, expect, it } from 'vitest'
import { selectRows } from '../../../src/data/index.js'
import { trainerNames } from '../../../src/training/index.js'
import type { Params } from '../../../src/values.js'
import { askedRows, expectSame, fittedFile, modelCases, randomData } from './laws.js'

describe('models in ONNX answer as Espalier does', () => {
  it('all of the trainers that ship with it', () => {
    expect(new Set(modelCases.map(({ trainer }) => trainer))).toEqual(new Set(trainerNames()))
  })

  it.each(modelCases)('$trainer $params', async ({ trainer, params, within, isExtreme }) => {
    const isClassifier = trainer.endsWith('classifier')
    for (const classes of isClassifier ? [2, 3] : [0]) {
      const data = randomData(classes, 90, classes)
      const file = await fittedFile(trainer, data, params)
      await expectSame(file, askedRows(classes, 100, isExtreme), { within })
    }
  })

  it.each(
    [...new Set(modelCases.map(({ trainer }) => trainer))].filter((name) => name.endsWith('classifier')),
  )('%s that has not seen all classes, or one alone', async (trainer) => {
    const data = randomData(4, 120, 5)
    const { target } = data
    if (target.kind !== 'classes') throw new Error('classes expected')
    const { within, isExtreme, params } = modelCases.find((one) => one.trainer === trainer)!
    for (const seen of [[1, 3, 4], [0, 2], [3]]) {
      const rows = Int32Array.from(data.index).filter((row) => seen.includes(target.codes[row]))
      const file = await fittedFile(trainer, selectRows(data, rows), params)
      await expectSame(file, askedRows(4, 40, isExtreme), { within })
    }
  })

  const preprocessings: Params[] = [
    { encoding: 'ordinal', imputation: 'median', scaling: 'minmax', dates: 'parts' },
    { encoding: 'target', imputation: 'zero', textImputation: 'most-frequent', scaling: 'standard' },
    { encoding: 'hash', hashColumns: 4, scaling: 'none' },
  ]
  it.each(preprocessings)('whatever the preprocessing: %o', async (params) => {
    for (const [trainer, classes] of [
      ['cart-classifier', 3],
      ['forest-regressor', 0],
    ] as const) {
      const data = randomData(11, 90, classes)
      const file = await fittedFile(trainer, data, {
        ...params,
        ...(trainer === 'forest-regressor' && { trees: 5 }),
      })
      await expectSame(file, askedRows(11, 100), { within: 0 })
    }
  })
})

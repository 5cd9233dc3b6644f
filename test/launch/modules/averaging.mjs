/** A trainer that comes to the mean of its target in six steps, from a checkpoint of each fold's own. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const modelOf = (mean) => ({
  predict: (table) => new Float64Array(table.rows).fill(mean),
  toJSON: () => ({ mean }),
})

export default {
  name: 'averaging',
  task: 'regression',
  description: 'the mean',
  hyperparameters: [
    { name: 'rate', description: 'share a step', type: 'float', default: 0.5, min: 0, max: 1 },
  ],
  async fit(data, { rate }, context) {
    const file = join(context.checkpoint, 'state.json')
    let { step, mean } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { step: 0, mean: 0 }
    const { values } = data.target
    let sum = 0
    for (const row of data.index) sum += values[row]
    while (step < 6) {
      appendFileSync(process.env.TRAINED_LOG, `${context.seed} ${step}\n`)
      mean += rate * (sum / data.index.length - mean)
      step++
      writeFileSync(file, JSON.stringify({ step, mean }))
      if ((await context.report(step - 1, { mean })) === 'prune') break
    }
    return modelOf(mean)
  },
  load: ({ mean }) => modelOf(mean),
}

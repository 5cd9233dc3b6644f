// A trainer of one's own in TypeScript, used as it stands: ridge regression by gradient descent.
import { type Column, type Dataset, defineTrainer, type Model, type Table } from 'espalier'
import { fitScale, type Scale, scaled } from './scale.js'

interface State {
  scales: { [column: string]: Scale }
  weights: number[]
  intercept: number
}

const numbers = (column: Column) => column.kind === 'number'

function inputsOf(features: Table, scales: State['scales']): number[][] {
  const columns = features.columns.filter(numbers).map((column) => ({ column, scale: scales[column.name] }))
  return Array.from(features.index, (row) =>
    columns.map(({ column, scale }) => scaled(column.values[row] as number, scale)),
  )
}

function modelFrom(state: State): Model {
  const predict = (features: Table) =>
    Float64Array.from(inputsOf(features, state.scales), (x) =>
      x.reduce((sum, value, i) => sum + value * state.weights[i], state.intercept),
    )
  return { predict, toJSON: () => ({ ...state }) }
}

export default defineTrainer({
  name: 'ridge-descent',
  task: 'regression',
  description: 'ridge regression by gradient descent',
  hyperparameters: [
    { name: 'rate', description: 'step size', type: 'float', default: 0.1, min: 0, max: 0.3 },
    { name: 'penalty', description: 'L2', type: 'float', default: 0.01, min: 0, max: 1 },
    { name: 'epochs', description: 'passes', type: 'int', default: 15, min: 1, max: 1000 },
  ],
  async fit(data: Dataset, { rate, penalty, epochs }, context) {
    context.signal.throwIfAborted()
    const columns = data.columns.filter(numbers)
    const scales = Object.fromEntries(
      columns.map((column) => [
        column.name,
        fitScale(Array.from(data.index, (row) => Number(column.values[row]))),
      ]),
    )
    const x = inputsOf(data, scales)
    const { target } = data
    if (target.kind !== 'numbers') throw new Error('a regression has numbers for a target')
    const y = Array.from(data.index, (row) => target.values[row])
    const intercept = y.reduce((sum, value) => sum + value, 0) / y.length
    const weights = columns.map(() => 0)
    for (let epoch = 0; epoch < Number(epochs); epoch++) {
      const gradient = weights.map((weight) => Number(penalty) * weight)
      let squares = 0
      for (let i = 0; i < x.length; i++) {
        const error = x[i].reduce((sum, value, j) => sum + value * weights[j], intercept) - y[i]
        squares += error ** 2
        for (let j = 0; j < weights.length; j++) gradient[j] += (error * x[i][j]) / x.length
      }
      for (let j = 0; j < weights.length; j++) weights[j] -= Number(rate) * gradient[j]
      const answer = await context.report(epoch, { trainingRmse: Math.sqrt(squares / x.length) })
      if (answer === 'prune') break
    }
    context.signal.throwIfAborted()
    return modelFrom({ scales, weights, intercept })
  },
  load: (state) => modelFrom(state as unknown as State),
})

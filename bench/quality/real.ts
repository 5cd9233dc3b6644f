/**
 * Real tasks: small learners on the data sets of search-spaces/data, tuned by validation loss. The learners are
 * written here so that an evaluation takes a few milliseconds and depends on nothing but (params, instance); the
 * instance chooses how rows are dealt to training and validation.
 */
import { readFileSync } from 'node:fs'
import { randomStream } from '../../src/numeric/index.js'
import type { Params } from '../../src/values.js'
import type { Task } from './synthetic.js'

interface Data {
  /** Standardised features, row-major. */
  readonly x: Float64Array
  readonly rows: number
  readonly columns: number
  /** Class code or standardised number. */
  readonly y: Float64Array
  readonly classes: number
}

const loaded = new Map<string, Data>()
/** A data set of numbers whose last column is the target (classes where it is text or `classes` is said). */
function load(name: string, classification: boolean): Data {
  const found = loaded.get(name)
  if (found !== undefined) return found
  const file = new URL(`../../search-spaces/data/${name}.csv`, import.meta.url)
  const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1)
  const cells = lines.map((line) => line.split(','))
  const columns = cells[0].length - 1
  const rows = cells.length
  const x = new Float64Array(rows * columns)
  for (let j = 0; j < columns; j++) {
    const column = cells.map((row) => Number(row[j]))
    const mean = column.reduce((a, b) => a + b, 0) / rows
    const deviation = Math.sqrt(column.reduce((a, b) => a + (b - mean) ** 2, 0) / rows) || 1
    for (let i = 0; i < rows; i++) x[i * columns + j] = (column[i] - mean) / deviation
  }
  const targets = cells.map((row) => row[columns])
  const names = [...new Set(targets)].sort()
  const y = new Float64Array(rows)
  if (classification) {
    for (let i = 0; i < rows; i++) y[i] = names.indexOf(targets[i])
  } else {
    const mean = targets.reduce((a, b) => a + Number(b), 0) / rows
    const deviation = Math.sqrt(targets.reduce((a, b) => a + (Number(b) - mean) ** 2, 0) / rows)
    for (let i = 0; i < rows; i++) y[i] = (Number(targets[i]) - mean) / deviation
  }
  const data = { x, rows, columns, y, classes: classification ? names.length : 0 }
  loaded.set(name, data)
  return data
}

/** `count` rows in an order that belongs to the instance. */
function dealt(data: Data, name: string, instance: number, count: number): Int32Array {
  const order = Int32Array.from({ length: data.rows }, (_, i) => i)
  return randomStream(instance, 'rows', name).shuffle(order).subarray(0, count)
}

/** Solves (K + aI) w = y in place by Cholesky; K is n × n row-major. Returns false if it is not positive definite. */
function solveRidge(K: Float64Array, n: number, a: number, w: Float64Array): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let s = K[i * n + j] + (i === j ? a : 0)
      for (let k = 0; k < j; k++) s -= K[i * n + k] * K[j * n + k]
      if (i === j) {
        if (!(s > 1e-12)) return false
        K[i * n + i] = Math.sqrt(s)
      } else K[i * n + j] = s / K[j * n + j]
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) w[i] -= K[i * n + k] * w[k]
    w[i] /= K[i * n + i]
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) w[i] -= K[k * n + i] * w[k]
    w[i] /= K[i * n + i]
  }
  return true
}

/** Kernel ridge regression (or classification to ±1): mean squared error on the rows left out. */
function kernelRidge(name: string, half: Task['half'], classification: boolean, rows: number): Task {
  return {
    name: `kernel-ridge-${name}`,
    half,
    kind: 'real',
    revision: 1,
    noise: 0,
    parameters: {
      kernel: { type: 'categorical', values: ['rbf', 'laplace', 'poly'] },
      gamma: { type: 'float', min: 1e-5, max: 10, scale: 'log', when: { kernel: ['rbf', 'laplace'] } },
      degree: { type: 'int', min: 1, max: 5, when: { kernel: ['poly'] } },
      offset: { type: 'float', min: 0, max: 10, when: { kernel: ['poly'] } },
      ridge: { type: 'float', min: 1e-6, max: 100, scale: 'log' },
      clip: { type: 'float', min: 0.5, max: 5 },
    },
    loss(p, instance) {
      const data = load(name, classification)
      const order = dealt(data, name, instance, rows)
      const n = Math.floor(rows * 0.7)
      const { columns, x } = data
      const clip = p.clip as number
      const z = new Float64Array(rows * columns)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++)
          z[i * columns + j] = Math.max(-clip, Math.min(clip, x[order[i] * columns + j]))
      const target = (i: number) => (classification ? 2 * data.y[order[i]] - 1 : data.y[order[i]])
      const kernel = (a: number, b: number) => {
        let value = 0
        for (let j = 0; j < columns; j++) {
          const u = z[a * columns + j]
          const v = z[b * columns + j]
          value += p.kernel === 'rbf' ? (u - v) ** 2 : p.kernel === 'laplace' ? Math.abs(u - v) : u * v
        }
        return p.kernel === 'poly'
          ? (value / columns + (p.offset as number)) ** (p.degree as number)
          : Math.exp(-(p.gamma as number) * value)
      }
      const K = new Float64Array(n * n)
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) K[i * n + j] = kernel(i, j)
      const w = new Float64Array(n)
      for (let i = 0; i < n; i++) w[i] = target(i)
      if (!solveRidge(K, n, p.ridge as number, w)) return 2
      let loss = 0
      for (let i = n; i < rows; i++) {
        let f = 0
        for (let j = 0; j < n; j++) f += w[j] * kernel(i, j)
        loss += (f - target(i)) ** 2
      }
      return Math.min(2, loss / (rows - n))
    },
  }
}

/** Nearest neighbours with a weight for every feature: leave-one-out log loss on wine. */
const weightedNeighbours: Task = {
  name: 'weighted-neighbours-wine-15',
  half: 'choosing',
  kind: 'real',
  revision: 1,
  noise: 0,
  parameters: {
    k: { type: 'int', min: 1, max: 60, scale: 'log' },
    sharpness: { type: 'float', min: 0.01, max: 10, scale: 'log' },
    ...Object.fromEntries(
      Array.from({ length: 13 }, (_, j) => [`weight${j}`, { type: 'float', min: 0, max: 1 }]),
    ),
  },
  loss(p, instance) {
    const data = load('wine', true)
    const rows = 120
    const order = dealt(data, 'wine', instance, rows)
    const weights = Array.from({ length: 13 }, (_, j) => p[`weight${j}`] as number)
    const k = p.k as number
    let loss = 0
    for (let i = 0; i < rows; i++) {
      const near: { distance: number; label: number }[] = []
      for (let other = 0; other < rows; other++) {
        if (other === i) continue
        let distance = 0
        for (let j = 0; j < 13; j++)
          distance += weights[j] * (data.x[order[i] * 13 + j] - data.x[order[other] * 13 + j]) ** 2
        near.push({ distance, label: data.y[order[other]] })
      }
      near.sort((a, b) => a.distance - b.distance)
      const votes = [0.02, 0.02, 0.02]
      for (const { distance, label } of near.slice(0, k))
        votes[label] += Math.exp(-(p.sharpness as number) * distance) + 1e-6
      loss -= Math.log(votes[data.y[order[i]]] / (votes[0] + votes[1] + votes[2]))
    }
    return loss / rows
  },
}

/** A network of one hidden layer, trained in mini-batches; validation loss after the last epoch. */
function perceptron(name: string, half: Task['half'], classification: boolean, rows: number): Task {
  return {
    name: `perceptron-${name}`,
    half,
    kind: 'real',
    revision: 1,
    noise: 0,
    parameters: {
      optimiser: { type: 'categorical', values: ['momentum', 'adam'] },
      momentum: { type: 'float', min: 0, max: 0.99, when: { optimiser: ['momentum'] } },
      rate: { type: 'float', min: 1e-4, max: 1, scale: 'log' },
      decay: { type: 'float', min: 1e-6, max: 0.3, scale: 'log' },
      hidden: { type: 'int', min: 2, max: 32, scale: 'log' },
      activation: { type: 'categorical', values: ['tanh', 'relu'] },
      batch: { type: 'ordinal', values: [4, 8, 16, 32, 64] },
      epochs: { type: 'int', min: 1, max: 12 },
    },
    loss: (p, instance) => trainPerceptron(p, load(name, classification), name, instance, rows),
  }
}

function trainPerceptron(p: Params, data: Data, name: string, instance: number, rows: number): number {
  const order = dealt(data, name, instance, rows)
  const n = Math.floor(rows * 0.6)
  const inputs = data.columns
  const hidden = p.hidden as number
  const outputs = Math.max(1, data.classes)
  const random = randomStream(instance, 'weights', name)
  const size = hidden * (inputs + 1) + outputs * (hidden + 1)
  const second = hidden * (inputs + 1)
  const w = Float64Array.from(
    { length: size },
    (_, i) => random.normal() * (i < second ? inputs ** -0.5 : hidden ** -0.5),
  )
  const gradient = new Float64Array(size)
  const velocity = new Float64Array(size)
  const scale = new Float64Array(size)
  const h = new Float64Array(hidden)
  const out = new Float64Array(outputs)
  const tanh = p.activation === 'tanh'
  const forward = (row: number): number => {
    for (let a = 0; a < hidden; a++) {
      let s = w[a * (inputs + 1) + inputs]
      for (let j = 0; j < inputs; j++) s += w[a * (inputs + 1) + j] * data.x[row * inputs + j]
      h[a] = tanh ? Math.tanh(s) : Math.max(0, s)
    }
    let top = -Infinity
    for (let c = 0; c < outputs; c++) {
      let s = w[second + c * (hidden + 1) + hidden]
      for (let a = 0; a < hidden; a++) s += w[second + c * (hidden + 1) + a] * h[a]
      out[c] = s
      top = Math.max(top, s)
    }
    if (data.classes === 0) {
      const error = out[0] - data.y[row]
      out[0] = error
      return error * error
    }
    let total = 0
    for (let c = 0; c < outputs; c++) total += Math.exp(out[c] - top)
    const loss = Math.log(total) + top - out[data.y[row]]
    for (let c = 0; c < outputs; c++) out[c] = Math.exp(out[c] - top) / total - (c === data.y[row] ? 1 : 0)
    return loss
  }
  const rate = p.rate as number
  const decay = p.decay as number
  const batch = p.batch as number
  let steps = 0
  for (let epoch = 0; epoch < (p.epochs as number); epoch++) {
    for (let start = 0; start < n; start += batch) {
      gradient.fill(0)
      const end = Math.min(n, start + batch)
      for (let i = start; i < end; i++) {
        const row = order[i]
        forward(row)
        for (let a = 0; a < hidden; a++) {
          let back = 0
          for (let c = 0; c < outputs; c++) back += out[c] * w[second + c * (hidden + 1) + a]
          back *= tanh ? 1 - h[a] * h[a] : h[a] > 0 ? 1 : 0
          for (let j = 0; j < inputs; j++) gradient[a * (inputs + 1) + j] += back * data.x[row * inputs + j]
          gradient[a * (inputs + 1) + inputs] += back
        }
        for (let c = 0; c < outputs; c++) {
          for (let a = 0; a < hidden; a++) gradient[second + c * (hidden + 1) + a] += out[c] * h[a]
          gradient[second + c * (hidden + 1) + hidden] += out[c]
        }
      }
      steps++
      for (let i = 0; i < size; i++) {
        const g = gradient[i] / (end - start) + decay * w[i]
        if (p.optimiser === 'momentum') {
          velocity[i] = (p.momentum as number) * velocity[i] - rate * g
          w[i] += velocity[i]
        } else {
          velocity[i] = 0.9 * velocity[i] + 0.1 * g
          scale[i] = 0.99 * scale[i] + 0.01 * g * g
          w[i] -=
            (rate * velocity[i]) / (1 - 0.9 ** steps) / (Math.sqrt(scale[i] / (1 - 0.99 ** steps)) + 1e-8)
        }
      }
    }
  }
  let loss = 0
  for (let i = n; i < rows; i++) loss += forward(order[i])
  loss /= rows - n
  return Number.isFinite(loss) ? Math.min(loss, 10) : 10
}

/** Boosted regression stumps and small trees on breast-cancer (logistic loss), by exact splits on quantile bins. */
const boostedTrees: Task = {
  name: 'boosted-trees-breast-cancer',
  half: 'reporting',
  kind: 'real',
  revision: 1,
  noise: 0,
  parameters: {
    rounds: { type: 'int', min: 2, max: 60, scale: 'log' },
    rate: { type: 'float', min: 0.01, max: 1.5, scale: 'log' },
    depth: { type: 'int', min: 1, max: 4 },
    bins: { type: 'ordinal', values: [2, 4, 8, 16] },
    l2: { type: 'float', min: 1e-3, max: 100, scale: 'log' },
    leaf: { type: 'int', min: 1, max: 40, scale: 'log' },
    columns: { type: 'float', min: 0.1, max: 1, step: 0.1 },
  },
  loss(p, instance) {
    const data = load('breast-cancer', true)
    const rows = 300
    const n = 200
    const order = dealt(data, 'breast-cancer', instance, rows)
    const bins = p.bins as number
    const d = data.columns
    const code = new Uint8Array(rows * d)
    for (let j = 0; j < d; j++) {
      const sorted = Float64Array.from({ length: n }, (_, i) => data.x[order[i] * d + j]).sort()
      for (let i = 0; i < rows; i++) {
        let bin = 0
        while (bin < bins - 1 && data.x[order[i] * d + j] > sorted[Math.floor(((bin + 1) * n) / bins)]) bin++
        code[i * d + j] = bin
      }
    }
    const random = randomStream(instance, 'columns', 'boosting')
    const f = new Float64Array(rows)
    const g = new Float64Array(n)
    const curvature = new Float64Array(n)
    const l2 = p.l2 as number
    const grow = (train: number[], test: number[], depth: number, columns: number[]): void => {
      let total = 0
      let weight = 0
      for (const i of train) {
        total += g[i]
        weight += curvature[i]
      }
      let best = { gain: 1e-9, column: -1, bin: 0 }
      if (depth > 0) {
        for (const j of columns) {
          const sums = new Float64Array(bins)
          const weights = new Float64Array(bins)
          const counts = new Float64Array(bins)
          for (const i of train) {
            const b = code[i * d + j]
            sums[b] += g[i]
            weights[b] += curvature[i]
            counts[b]++
          }
          let left = 0
          let leftWeight = 0
          let count = 0
          for (let b = 0; b < bins - 1; b++) {
            left += sums[b]
            leftWeight += weights[b]
            count += counts[b]
            if (count < (p.leaf as number) || train.length - count < (p.leaf as number)) continue
            const gain =
              left ** 2 / (leftWeight + l2) +
              (total - left) ** 2 / (weight - leftWeight + l2) -
              total ** 2 / (weight + l2)
            if (gain > best.gain) best = { gain, column: j, bin: b }
          }
        }
      }
      if (best.column < 0) {
        const step = ((p.rate as number) * total) / (weight + l2)
        for (const i of train) f[i] += step
        for (const i of test) f[i] += step
        return
      }
      const goesLeft = (i: number) => code[i * d + best.column] <= best.bin
      grow(train.filter(goesLeft), test.filter(goesLeft), depth - 1, columns)
      grow(
        train.filter((i) => !goesLeft(i)),
        test.filter((i) => !goesLeft(i)),
        depth - 1,
        columns,
      )
    }
    const train = Array.from({ length: n }, (_, i) => i)
    const test = Array.from({ length: rows - n }, (_, i) => n + i)
    for (let round = 0; round < (p.rounds as number); round++) {
      for (let i = 0; i < n; i++) {
        const probability = 1 / (1 + Math.exp(-f[i]))
        g[i] = data.y[order[i]] - probability
        curvature[i] = probability * (1 - probability)
      }
      const columns = random.shuffle(Array.from({ length: d }, (_, j) => j))
      grow(
        train,
        test,
        p.depth as number,
        columns.slice(0, Math.max(1, Math.round((p.columns as number) * d))),
      )
    }
    let loss = 0
    for (const i of test) {
      const margin = (2 * data.y[order[i]] - 1) * f[i]
      loss += margin > 0 ? Math.log1p(Math.exp(-margin)) : -margin + Math.log1p(Math.exp(margin))
    }
    return Math.min(loss / test.length, 5)
  },
}

export const realTasks: readonly Task[] = [
  kernelRidge('diabetes', 'choosing', false, 160),
  weightedNeighbours,
  perceptron('diabetes', 'choosing', false, 200),
  kernelRidge('breast-cancer', 'reporting', true, 160),
  perceptron('digits', 'reporting', true, 220),
  boostedTrees,
]

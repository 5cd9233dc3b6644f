/**
 * Support vector classification (C-SVC): one machine for each pair of classes, which vote.
 *
 * Probabilities, where asked for, are Platt's sigmoids of the pairs' decisions, coupled as in Wu, Lin and Weng (2004),
 * JMLR 5, algorithm 2 (multiclass_probability in libsvm's svm.cpp, whose constants these are). The label is the vote's, as in
 * scikit-learn, so that it does not depend on whether probabilities are asked for.
 *
 * libsvm knows weights of classes, by which the cost of their rows is multiplied, but none of single rows.
 */
import { pipelineTrainer } from '../pipeline.js'
import { balancedWeights, classWeightHyperparameter } from '../row-weights.js'
import { checkMachine, kernelRows, type SvmState, svmHyperparameters, svmLimits, trainSvm } from './svm.js'

export const trainer = pipelineTrainer<SvmState>({
  name: 'svm-classifier',
  task: 'classification',
  description: 'a support vector machine (C-SVC) from libsvm',
  scaling: 'standard',
  hyperparameters: [
    ...svmHyperparameters,
    {
      name: 'probabilities',
      description:
        'whether the model has probabilities, fitted by a cross-validation of its own: about five times the time',
      type: 'boolean',
      default: false,
    },
    classWeightHyperparameter,
  ],
  limits: [
    ...svmLimits,
    'a label is what the pairs of classes vote for; now and then another class has the highest probability',
  ],
  packages: ['libsvm-js'],
  probabilities: { hyperparameter: 'probabilities' },

  fit(x, codes, classes, params, context) {
    const classWeights = params.classWeight === 'balanced' ? balancedWeights(codes, classes) : null
    return trainSvm(
      x,
      codes,
      params,
      { probabilities: params.probabilities as boolean, classWeights },
      context,
    )
  },

  check: (found, where, { columns, classes }) => checkMachine(found, where, columns, classes),

  load(state, classes) {
    const { labels, sigmoids } = state
    const kernel = kernelRows(state)
    const coefficients = Float64Array.from(state.coefficients)
    const decisions = new Float64Array(state.rho.length)
    const shares = new Float64Array(classes)
    return {
      hasProbabilities: sigmoids !== null,
      predict(x) {
        const codes = new Int32Array(x.rows)
        const probabilities = sigmoids === null ? null : new Float64Array(x.rows * classes)
        for (let i = 0; i < x.rows; i++) {
          decide(state, coefficients, kernel(x, i), decisions)
          codes[i] = labels[vote(decisions, classes)]
          if (sigmoids === null || probabilities === null) continue
          couple(pairwise(decisions, sigmoids, classes), classes, shares)
          for (let c = 0; c < classes; c++) probabilities[i * classes + labels[c]] = shares[c]
        }
        return { codes, probabilities }
      },
    }
  },
})

/** Decision values of the pairs (0,1), (0,2) … (C−2, C−1): positive for the first class. */
function decide(
  { counts, rho }: SvmState,
  coefficients: Float64Array,
  k: Float64Array,
  decisions: Float64Array,
): void {
  const size = k.length
  let pair = 0
  for (let a = 0, startA = 0; a < counts.length; startA += counts[a], a++) {
    for (let b = a + 1, startB = startA + counts[a]; b < counts.length; startB += counts[b], b++) {
      let sum = 0
      for (let s = startA; s < startA + counts[a]; s++) sum += coefficients[(b - 1) * size + s] * k[s]
      for (let s = startB; s < startB + counts[b]; s++) sum += coefficients[a * size + s] * k[s]
      decisions[pair] = sum - rho[pair]
      pair++
    }
  }
}

/** The class with the most pairs won; of several the first. */
function vote(decisions: Float64Array, classes: number): number {
  const won = new Int32Array(classes)
  let pair = 0
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++) won[decisions[pair++] > 0 ? a : b]++
  }
  return won.indexOf(Math.max(...won))
}

/** r (classes × classes): the probability of class a where it is a or b. */
function pairwise(
  decisions: Float64Array,
  { a: slopes, b: offsets }: NonNullable<SvmState['sigmoids']>,
  classes: number,
): Float64Array {
  const r = new Float64Array(classes * classes)
  let pair = 0
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++, pair++) {
      const p = 1 / (1 + Math.exp(decisions[pair] * slopes[pair] + offsets[pair]))
      const bounded = Math.min(Math.max(p, 1e-7), 1 - 1e-7)
      r[a * classes + b] = bounded
      r[b * classes + a] = 1 - bounded
    }
  }
  return r
}

/** Class probabilities p that agree best with r: minimise Σ (r_ba p_a − r_ab p_b)² over the simplex. */
function couple(r: Float64Array, classes: number, p: Float64Array): void {
  const q = new Float64Array(classes * classes)
  const product = new Float64Array(classes)
  for (let a = 0; a < classes; a++) {
    p[a] = 1 / classes
    for (let b = 0; b < classes; b++) {
      if (b === a) continue
      q[a * classes + a] += r[b * classes + a] * r[b * classes + a]
      q[a * classes + b] = -r[b * classes + a] * r[a * classes + b]
    }
  }
  for (let round = 0; round < Math.max(100, classes); round++) {
    let quadratic = 0
    for (let a = 0; a < classes; a++) {
      product[a] = 0
      for (let b = 0; b < classes; b++) product[a] += q[a * classes + b] * p[b]
      quadratic += p[a] * product[a]
    }
    let worst = 0
    for (let a = 0; a < classes; a++) worst = Math.max(worst, Math.abs(product[a] - quadratic))
    if (worst < 0.005 / classes) break
    for (let a = 0; a < classes; a++) {
      const step = (quadratic - product[a]) / q[a * classes + a]
      p[a] += step
      quadratic = (quadratic + step * (step * q[a * classes + a] + 2 * product[a])) / (1 + step) / (1 + step)
      for (let b = 0; b < classes; b++) {
        product[b] = (product[b] + step * q[a * classes + b]) / (1 + step)
        p[b] /= 1 + step
      }
    }
  }
  let sum = 0
  for (let a = 0; a < classes; a++) sum += p[a]
  for (let a = 0; a < classes; a++) p[a] /= sum
}

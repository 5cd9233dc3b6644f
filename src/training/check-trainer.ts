/** Whether what a module exports, or a program passes, is a trainer or an objective: checked before a sweep begins. */
import { EspalierError } from '../errors.js'
import type { Objective, OpenTrainer, Trainer } from './types.js'

/**
 * Throws TRAINER_INVALID with everything that is wrong.
 * @param what what is looked at: `the default export of mine.js`.
 */
export function checkTrainer(exported: unknown, what: string): OpenTrainer {
  if (typeof exported !== 'object' || exported === null) {
    const found =
      exported === undefined ? 'it has none' : `it is a ${exported === null ? 'null' : typeof exported}`
    throw new EspalierError(
      'TRAINER_INVALID',
      `${what} must be a trainer { name, task, fit, load, … } or an objective { name, objective }, and ${found}`,
    )
  }
  const candidate = exported as Partial<Trainer> & Partial<Objective>
  const isObjective = candidate.objective !== undefined
  const faults: string[] = []
  const must = (fine: boolean, entry: string, law: string, value: unknown): void => {
    if (!fine)
      faults.push(`"${entry}" must be ${law} (${value === undefined ? 'missing' : `got ${describe(value)}`})`)
  }
  must(typeof candidate.name === 'string' && candidate.name !== '', 'name', 'a text', candidate.name)
  if (isObjective) {
    must(typeof candidate.objective === 'function', 'objective', 'a function', candidate.objective)
  } else {
    must(
      candidate.task === 'classification' || candidate.task === 'regression',
      'task',
      '"classification" or "regression"',
      candidate.task,
    )
    must(
      typeof candidate.fit === 'function',
      'fit',
      'a function (data, params, context) → model',
      candidate.fit,
    )
    must(typeof candidate.load === 'function', 'load', 'a function (state) → model', candidate.load)
  }
  faults.push(...hyperparameterFaults(candidate.hyperparameters))
  if (faults.length > 0) {
    throw new EspalierError(
      'TRAINER_INVALID',
      `${what} is no ${isObjective ? 'objective' : 'trainer'}: ${faults.join('; ')}`,
      { problems: faults.map((message) => ({ path: what, message })) },
    )
  }
  if (isObjective) return { kind: 'objective', objective: exported as Objective }
  return { kind: 'trainer', trainer: exported as Trainer }
}

function hyperparameterFaults(described: unknown): string[] {
  if (described === undefined) return []
  if (!Array.isArray(described)) return ['"hyperparameters" must be a list']
  return described.flatMap((one, i) => {
    const at = `hyperparameters[${i}]`
    if (typeof one !== 'object' || one === null) return [`"${at}" must be an object`]
    const faults: string[] = []
    if (typeof one.name !== 'string') faults.push(`"${at}.name" must be a text`)
    if (!['float', 'int', 'categorical', 'boolean'].includes(one.type)) {
      faults.push(`"${at}.type" must be "float", "int", "categorical" or "boolean"`)
    }
    if (one.default === undefined) faults.push(`"${at}.default" is missing`)
    if (one.type === 'categorical' && !Array.isArray(one.values)) faults.push(`"${at}.values" must be a list`)
    return faults
  })
}

function describe(value: unknown): string {
  return typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value))
}

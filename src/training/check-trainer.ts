/**
 * Whether what a module exports, or a program passes, is a trainer or an objective: checked before a sweep begins. And
 * what is said of it without training, as plain data: a module is described by the thread that imports it, and the
 * description is checked again by whoever receives it.
 */
import { EspalierError } from '../errors.js'
import { isJsonObject } from '../values.js'
import type {
  DescribedTrainer,
  Hyperparameter,
  Objective,
  OpenTrainer,
  Trainer,
  TrainerDescription,
} from './types.js'

/**
 * Throws TRAINER_INVALID with everything that is wrong.
 * @param what what is looked at: `the default export of mine.js`.
 */
export function checkTrainer(exported: unknown, what: string): OpenTrainer {
  const found = notEvenAlike(exported)
  if (found !== null) {
    throw new EspalierError(
      'TRAINER_INVALID',
      `${what} must be a trainer { name, task, fit, load, … } or an objective { name, objective }, and ${found}`,
    )
  }
  const candidate = exported as Partial<Trainer> & Partial<Objective>
  const isObjective = candidate.objective !== undefined
  const faults = descriptionFaults(candidate, isObjective)
  if (isObjective)
    faults.must(isFunction(candidate.objective), 'objective', 'a function', candidate.objective)
  else {
    const { fit, load } = candidate
    faults.must(isFunction(fit), 'fit', 'a function (data, params, context) → model', fit)
    faults.must(isFunction(load), 'load', 'a function (state) → model', load)
  }
  faults.refuse(what, isObjective)
  if (isObjective) return { kind: 'objective', objective: exported as Objective }
  return { kind: 'trainer', trainer: exported as Trainer }
}

/** What is said of a trainer or an objective: plain data, in place of which nothing of its code can come along. */
export function describeOpened(opened: OpenTrainer): DescribedTrainer {
  if (opened.kind === 'objective') {
    const { name, hyperparameters, packages } = opened.objective
    return {
      kind: 'objective',
      objective: given({ name, hyperparameters: plain(hyperparameters), packages }),
    }
  }
  if (opened.kind === 'choice') {
    const candidates = opened.candidates.map(({ trainer, ...one }) => ({
      ...one,
      trainer: described(trainer),
    }))
    return { kind: 'choice', candidates }
  }
  return { kind: 'trainer', trainer: described(opened.trainer) }
}

function described({
  name,
  task,
  description,
  hyperparameters,
  limits,
  packages,
  usesWeights,
  probabilities,
}: Trainer): TrainerDescription {
  return given({
    name,
    task,
    description: description ?? '',
    hyperparameters: plain(hyperparameters) ?? [],
    limits,
    packages,
    usesWeights,
    probabilities:
      typeof probabilities === 'object' ? { hyperparameter: probabilities.hyperparameter } : probabilities,
  })
}

/**
 * The description that has come from elsewhere, without what it should not have.
 * @throws EspalierError TRAINER_INVALID.
 */
export function checkDescription(description: unknown, what: string): DescribedTrainer {
  const { kind, trainer, objective } = (description ?? {}) as { [key: string]: unknown }
  const said = kind === 'objective' ? objective : trainer
  if (!isJsonObject(said))
    throw new EspalierError('TRAINER_INVALID', `${what} must be described by an object (got ${show(said)})`)
  const isObjective = kind === 'objective'
  descriptionFaults(said, isObjective).refuse(what, isObjective)
  return describeOpened(
    isObjective
      ? { kind: 'objective', objective: said as unknown as Objective }
      : { kind: 'trainer', trainer: said as unknown as Trainer },
  )
}

/** What it is, where it is nothing like a trainer: an empty module exports an empty object. */
function notEvenAlike(exported: unknown): string | null {
  if (exported === undefined) return 'it has none'
  if (typeof exported !== 'object' || exported === null)
    return `it is a ${exported === null ? 'null' : typeof exported}`
  const alike = ['name', 'task', 'fit', 'load', 'objective'].some((entry) => entry in exported)
  return alike ? null : 'it has none of these entries'
}

class Faults {
  readonly #found: string[] = []

  must(fine: boolean, entry: string, law: string, value: unknown): void {
    if (!fine)
      this.#found.push(
        `"${entry}" must be ${law} (${value === undefined ? 'missing' : `got ${show(value)}`})`,
      )
  }

  /** The same for an entry that may be missing. */
  may(fine: boolean, entry: string, law: string, value: unknown): void {
    this.must(value === undefined || fine, entry, law, value)
  }

  refuse(what: string, isObjective: boolean): void {
    if (this.#found.length === 0) return
    throw new EspalierError(
      'TRAINER_INVALID',
      `${what} is no ${isObjective ? 'objective' : 'trainer'}: ${this.#found.join('; ')}`,
      { problems: this.#found.map((message) => ({ path: what, message })) },
    )
  }
}

function descriptionFaults(
  candidate: Readonly<Partial<Record<keyof Trainer, unknown>>>,
  isObjective: boolean,
): Faults {
  const faults = new Faults()
  const { name, task, description, hyperparameters, limits, packages, usesWeights, probabilities } = candidate
  faults.must(isText(name) && name !== '', 'name', 'a text', name)
  if (!isObjective) {
    const fine = task === 'classification' || task === 'regression'
    faults.must(fine, 'task', '"classification" or "regression"', task)
    faults.may(isText(description), 'description', 'a text', description)
    faults.may(isListOf(limits, isText), 'limits', 'a list of texts', limits)
    faults.may(typeof usesWeights === 'boolean', 'usesWeights', 'true or false', usesWeights)
    const named = isJsonObject(probabilities) && isText(probabilities.hyperparameter)
    const law = 'true, false or { hyperparameter: "the name of a boolean one" }'
    faults.may(named || typeof probabilities === 'boolean', 'probabilities', law, probabilities)
  }
  faults.may(isListOf(packages, isText), 'packages', 'a list of the names of packages', packages)
  faults.may(Array.isArray(hyperparameters), 'hyperparameters', 'a list', hyperparameters)
  if (Array.isArray(hyperparameters))
    hyperparameters.forEach((one, i) => {
      findHyperparameterFaults(one, `hyperparameters[${i}]`, faults)
    })
  return faults
}

function findHyperparameterFaults(one: unknown, at: string, faults: Faults): void {
  faults.must(typeof one === 'object' && one !== null, at, 'an object', one)
  if (typeof one !== 'object' || one === null) return
  const { name, description, type, min, max, values, default: preset } = one as Record<string, unknown>
  faults.must(isText(name), `${at}.name`, 'a text', name)
  faults.may(isText(description), `${at}.description`, 'a text', description)
  const known = ['float', 'int', 'categorical', 'boolean', 'names'].includes(type as string)
  faults.must(known, `${at}.type`, '"float", "int", "categorical", "boolean" or "names"', type)
  faults.must(preset !== undefined && !isFunction(preset), `${at}.default`, 'a value', preset)
  faults.may(isBound(min), `${at}.min`, 'a number', min)
  faults.may(isBound(max), `${at}.max`, 'a number', max)
  if (type === 'categorical' || type === 'names')
    faults.must(Array.isArray(values), `${at}.values`, 'a list', values)
}

function plain(hyperparameters: readonly Hyperparameter[] | undefined): Hyperparameter[] | undefined {
  return hyperparameters?.map(({ name, description, type, default: preset, min, max, values }) =>
    given({ name, description: description ?? '', type, default: preset, min, max, values }),
  )
}

/** Without the entries that are undefined. */
function given<T extends object>(entries: T): T {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as T
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isBound(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(value)
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 200)
  } catch {
    return `a ${typeof value}`
  }
}

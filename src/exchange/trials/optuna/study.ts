/** A study of Optuna, as both of its storages hold it: what the readers of the two give, and what the writer takes. */
import type { Direction } from '../../../values.js'
import type { Distribution } from './distributions.js'

/** What Python's JSON can hold: numbers that are not finite, too. */
export type PythonValue = unknown

export const states = ['RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING'] as const
/** In the order of their numbers in a journal. */
export type OptunaState = (typeof states)[number]

export interface OptunaTrial {
  readonly number: number
  readonly state: OptunaState
  /** By objective; numbers that are not finite, too. null: it has none. */
  readonly values: readonly number[] | null
  /** As the objective saw them. */
  readonly params: ReadonlyMap<string, PythonValue>
  readonly distributions: ReadonlyMap<string, Distribution>
  /** By step, in the order of steps. */
  readonly intermediate: readonly (readonly [step: number, value: number])[]
  /** ISO 8601, UTC. */
  readonly started: string | null
  readonly completed: string | null
  readonly userAttrs: Readonly<Record<string, PythonValue>>
  readonly systemAttrs: Readonly<Record<string, PythonValue>>
}

export interface OptunaStudy {
  readonly name: string
  /** null: it was never said. */
  readonly directions: readonly (Direction | null)[]
  readonly userAttrs: Readonly<Record<string, PythonValue>>
  readonly systemAttrs: Readonly<Record<string, PythonValue>>
  /** In the order of their numbers. */
  readonly trials: readonly OptunaTrial[]
}

/** What a storage holds, and what was passed over in it. */
export interface OptunaStorage {
  /** Names of its studies. */
  readonly names: readonly string[]
  /** Reads one of them. */
  study(name: string): OptunaStudy
  readonly warnings: readonly string[]
}

/** The system attribute that names the objectives. */
export const metricNamesKey = 'study:metric_names'
/** The system attribute of trials, and what the newer ones begin with. */
export const constraintsKey = 'constraints'

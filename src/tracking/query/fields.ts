/** Which fields a run has, and their values. */
import type { JsonValue } from '../../values.js'
import { secondsOf } from '../seconds.js'
import type { ChildRun, ParentRun, Run } from '../types.js'
import type { Value } from './values.js'

/** Fields of a child run beside params, metrics and tags. `seconds` is how long it took; `error` its code. */
export const trialFields = [
  'run',
  'parent',
  'experiment',
  'name',
  'trial',
  'status',
  'value',
  'started',
  'ended',
  'seconds',
  'error',
  'attempts',
] as const

/** Fields of a parent run. `best` is its best value; `finished` … count its trials. */
export const sweepFields = [
  'run',
  'experiment',
  'name',
  'status',
  'started',
  'ended',
  'seconds',
  'error',
  'best',
  'metric',
  'direction',
  'finished',
  'pruned',
  'failed',
  'running',
] as const

export const families = ['params', 'metrics', 'tags'] as const
export type Family = (typeof families)[number]

export const allFields: readonly string[] = [...new Set<string>([...trialFields, ...sweepFields])]

/** A field as a query names it. */
export interface Field {
  readonly family: Family | null
  readonly name: string
  /** Where in the text it stands, from 0. */
  readonly at: number
}

export const isChild = (run: Run): run is ChildRun => run.kind === 'trial'

/** What a run has of one family. */
export function entriesOf(run: Run, family: Family): Readonly<Record<string, JsonValue>> {
  if (family === 'params') return isChild(run) ? run.params : {}
  return run[family]
}

/** A field's value in a run; undefined where it has none. */
export function fieldValue(run: Run, { family, name }: Pick<Field, 'family' | 'name'>): Value {
  if (family === null) return ownValue(run, name) ?? undefined
  const entries = entriesOf(run, family)
  return Object.hasOwn(entries, name) ? entries[name] : undefined
}

function ownValue(run: Run, name: string): JsonValue {
  switch (name) {
    case 'run':
      return run.id
    case 'seconds':
      return secondsOf(run)
    case 'error':
      return run.error?.code ?? null
    case 'experiment':
    case 'name':
    case 'status':
    case 'started':
    case 'ended':
      return run[name]
    default:
      return isChild(run) ? valueOfTrial(run, name) : valueOfSweep(run, name)
  }
}

function valueOfTrial(run: ChildRun, name: string): JsonValue {
  switch (name) {
    case 'attempts':
      return run.attempts.length
    case 'parent':
    case 'trial':
    case 'value':
      return run[name]
    default:
      return null
  }
}

function valueOfSweep(run: ParentRun, name: string): JsonValue {
  switch (name) {
    case 'best':
      return run.best?.value ?? null
    case 'metric':
    case 'direction':
      return run.objective[name]
    case 'finished':
    case 'pruned':
    case 'failed':
    case 'running':
      return run.trials[name]
    default:
      return null
  }
}

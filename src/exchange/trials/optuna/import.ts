/** A study of Optuna → trials as they are recorded. */
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { EspalierError } from '../../../errors.js'
import { nearestHint } from '../../../spelling.js'
import type { Histories, RunError } from '../../../tracking/index.js'
import type { Direction, JsonObject, Metrics } from '../../../values.js'
import type { ForeignSweep, ForeignTrial } from '../types.js'
import { attributeTags, objectiveTag, tagPrefix } from './attributes.js'
import { distributionText } from './distributions.js'
import { readJournal } from './journal.js'
import { pythonText } from './python-json.js'
import { paramsOf, spaceOfTrials } from './space.js'
import { isSqlite, readSqlite } from './sqlite.js'
import {
  constraintsKey,
  metricNamesKey,
  type OptunaStorage,
  type OptunaStudy,
  type OptunaTrial,
} from './study.js'

export interface OptunaImportOptions {
  /** The study, where there are several. */
  readonly study?: string
  /** Of a study with several: which one the sweep has, as in `trial.values[N]`, or by its name. The first unless stated. */
  readonly objective?: string
  /** What the objective is called, where the study does not say. */
  readonly metric?: string
}

/** The file that is meant: a path, or `sqlite:///study.db` as Optuna names it. What else it says may hold a password. */
function fileOfStorage(named: string): string {
  const [, scheme, rest] = /^(\w+)(?:\+\w+)?:\/\/(?:\/([^?]*))?/.exec(named) ?? []
  if (scheme === undefined) return named
  if (scheme === 'sqlite' && rest) return rest
  throw new EspalierError(
    'USAGE',
    `a study is read from a file of Optuna's (got an address, ${scheme}://…); copy it into one: optuna.copy_study(from_study_name=…, from_storage=…, to_storage="sqlite:///study.db")`,
  )
}

/**
 * Reads a study from Optuna's file: SQLite or a journal, by what is in it.
 * @param named its path, or `sqlite:///` and its path
 * @throws EspalierError FILE_NOT_READABLE, DATA_INVALID; USAGE where several studies are there and none is named.
 */
export async function readOptuna(named: string, options: OptunaImportOptions = {}): Promise<ForeignSweep> {
  const path = resolve(fileOfStorage(named))
  const file = basename(path)
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new EspalierError(
      'FILE_NOT_READABLE',
      `a study is read from a file of Optuna's (${path}: ${(error as Error).message}); name study.db or journal.log`,
      { cause: error },
    )
  }
  const storage = isSqlite(bytes) ? await readSqlite(bytes, path, path) : readJournal(bytes, file)
  const study = storage.study(chosen(storage, options.study, file))
  const sweep = foreignOf(study, path, options)
  return { ...sweep, warnings: [...storage.warnings, ...sweep.warnings] }
}

function chosen({ names }: OptunaStorage, asked: string | undefined, file: string): string {
  if (names.length === 0)
    throw new EspalierError(
      'DATA_INVALID',
      `a file of Optuna holds a study, and ${file} holds none; is it the right file?`,
    )
  if (asked !== undefined) {
    if (names.includes(asked)) return asked
    throw new EspalierError(
      'USAGE',
      `${file} has no study ${JSON.stringify(asked)}${nearestHint(asked, [...names], 'it has')}`,
    )
  }
  if (names.length === 1) return names[0]
  throw new EspalierError(
    'USAGE',
    `one study is imported at a time, and ${file} holds ${names.length}: ${names.map((name) => JSON.stringify(name)).join(', ')}; say which: --study ${JSON.stringify(names[0])}`,
  )
}

interface Objective {
  /** Its place among the values of a trial. */
  readonly index: number
  readonly metric: string
  readonly direction: Direction
  /** What the values at the other places are called. */
  readonly others: readonly { readonly index: number; readonly metric: string }[]
}

/** What a study holds. */
export function foreignOf(
  study: OptunaStudy,
  file: string,
  options: Pick<OptunaImportOptions, 'objective' | 'metric'> = {},
): ForeignSweep {
  const warnings: string[] = []
  const objective = objectiveOf(study, options, warnings)
  const waiting = study.trials.filter(({ state }) => state === 'WAITING')
  if (waiting.length > 0) {
    const fixed = waiting.flatMap(({ systemAttrs }) => systemAttrs.fixed_params ?? [])
    warnings.push(
      `${waiting.length === 1 ? '1 trial that waits to be run is' : `${waiting.length} trials that wait to be run are`} left out${fixed.length === 0 ? '' : ` (enqueued with ${fixed.map(pythonText).join(', ')})`}: enqueue them in a new sweep`,
    )
  }
  const begun = study.trials.filter(({ state }) => state !== 'WAITING')
  const { parameters, distributions, warnings: ofSpace } = spaceOfTrials(begun)
  if (Object.keys(parameters).length === 0)
    throw new EspalierError(
      'DATA_INVALID',
      `a sweep has parameters, and no trial of the study ${JSON.stringify(study.name)} has any (${study.trials.length} trials); import it when trials have run`,
    )
  warnings.push(...ofSpace)
  const trials = begun.map((trial) => foreignTrial(trial, objective))
  warnings.push(...warningsOf(begun))
  return {
    tool: 'optuna',
    study: study.name,
    file,
    objective: { metric: objective.metric, direction: objective.direction },
    parameters,
    distributions: Object.fromEntries(
      [...distributions].map(([name, one]) => [name, distributionText(one)]),
    ) as JsonObject,
    trials,
    tags: {
      [`${tagPrefix}study`]: study.name,
      ...(study.directions.length > 1 && { [objectiveTag]: String(objective.index) }),
      ...attributeTags('user', study.userAttrs),
      ...attributeTags('system', study.systemAttrs),
    },
    warnings,
  }
}

function objectiveOf(
  { name, directions, systemAttrs }: OptunaStudy,
  { objective, metric }: Pick<OptunaImportOptions, 'objective' | 'metric'>,
  warnings: string[],
): Objective {
  const stated = systemAttrs[metricNamesKey]
  const names = directions.map((_, i) =>
    Array.isArray(stated) && typeof stated[i] === 'string'
      ? stated[i]
      : directions.length === 1
        ? 'value'
        : `value${i}`,
  )
  let index = 0
  if (objective !== undefined) {
    index = names.includes(objective)
      ? names.indexOf(objective)
      : /^\d+$/.test(objective)
        ? Number(objective)
        : -1
    if (!(index >= 0 && index < names.length))
      throw new EspalierError(
        'USAGE',
        `an objective is named, or numbered as in trial.values (the study ${JSON.stringify(name)} has ${names.map((one, i) => `${i} ${one}`).join(', ')}; got ${JSON.stringify(objective)}); choose one of them`,
      )
  } else if (directions.length > 1) {
    warnings.push(
      `a sweep has one objective, and the study has ${directions.length}: it goes by ${names[0]} (${directions[0]}), the others are metrics; choose another one with --objective`,
    )
  }
  if (directions[index] == null)
    warnings.push('the study does not say which values are better: less is taken for better')
  const own = metric ?? names[index]
  const others = names.flatMap((one, i) => (i === index ? [] : [{ index: i, metric: one }]))
  if (others.some((one) => one.metric === own))
    throw new EspalierError(
      'USAGE',
      `metrics have names of their own ("${own}" is that of another objective of the study); call it something else with --metric`,
    )
  return { index, metric: own, direction: directions[index] ?? 'minimize', others }
}

const outcomes = { COMPLETE: 'finished', PRUNED: 'pruned', FAIL: 'failed', RUNNING: 'interrupted' } as const

function foreignTrial(trial: OptunaTrial, { index, metric, others }: Objective): ForeignTrial {
  const { number, values, intermediate, started, completed, userAttrs, systemAttrs } = trial
  const value = values?.[index] ?? null
  const hasValue = value !== null && Number.isFinite(value)
  const state = trial.state as keyof typeof outcomes
  const status = outcomes[state] === 'finished' && !hasValue ? 'failed' : outcomes[state]
  const metrics: Record<string, number> = {}
  for (const one of others) {
    const other = values?.[one.index]
    if (other !== undefined && Number.isFinite(other)) metrics[one.metric] = other
  }
  const constraints = constraintsOf(systemAttrs)
  for (const [name, one] of Object.entries(constraints))
    if (Number.isFinite(one)) metrics[`${constraintsKey}.${name}`] = one
  const finite = intermediate.filter(([, one]) => Number.isFinite(one))
  const odd = intermediate.filter(([, one]) => !Number.isFinite(one))
  const history: Histories =
    finite.length === 0
      ? {}
      : { [metric]: { steps: finite.map(([step]) => step), values: finite.map(([, one]) => one) } }
  const last: Metrics = finite.length === 0 ? {} : { [metric]: finite.at(-1)![1] }
  return {
    trial: number,
    params: paramsOf(trial),
    status,
    value: hasValue && status !== 'failed' ? value : null,
    metrics: { ...last, ...metrics },
    history,
    error: status === 'failed' ? errorOf(trial, value, metric) : null,
    started,
    ended: completed,
    tags: {
      ...attributeTags('user', userAttrs),
      ...attributeTags('system', systemAttrs),
      ...(outcomes[state] !== status && { [`${tagPrefix}state`]: state }),
      ...(values !== null &&
        (status === 'failed' || status === 'interrupted' || values.some((one) => !Number.isFinite(one))) && {
          [`${tagPrefix}values`]: pythonText(values),
        }),
      ...(odd.length > 0 && { [`${tagPrefix}steps`]: pythonText(Object.fromEntries(odd)) }),
    },
  }
}

function errorOf({ systemAttrs }: OptunaTrial, value: number | null, metric: string): RunError {
  if (value !== null && !Number.isFinite(value))
    return {
      code: 'METRIC_NOT_FINITE',
      message: `the value of ${metric} was ${pythonText(value)}, which Optuna takes for a value and a record does not`,
    }
  const reason = systemAttrs.fail_reason
  return {
    code: 'FAILED_ELSEWHERE',
    message: typeof reason === 'string' ? reason : 'it failed in Optuna, which keeps no reason',
  }
}

/** By name: those of Optuna before version 5 are numbered. */
function constraintsOf(systemAttrs: OptunaTrial['systemAttrs']): Record<string, number> {
  const old = systemAttrs[constraintsKey]
  const found: Record<string, number> = Object.fromEntries(
    Array.isArray(old) ? old.map((one, i) => [String(i), Number(one)]) : [],
  )
  for (const [key, one] of Object.entries(systemAttrs))
    if (key.startsWith(`${constraintsKey}:`)) found[key.slice(constraintsKey.length + 1)] = Number(one)
  return found
}

function warningsOf(trials: readonly OptunaTrial[]): string[] {
  const count = (which: (trial: OptunaTrial) => boolean) => trials.filter(which).length
  const running = count(({ state }) => state === 'RUNNING')
  const infinite = count(
    ({ state, values }) => state === 'COMPLETE' && values?.some((one) => !Number.isFinite(one)) === true,
  )
  const steps = trials.reduce(
    (sum, { intermediate }) => sum + intermediate.filter(([, one]) => !Number.isFinite(one)).length,
    0,
  )
  const constrained = trials.filter(({ systemAttrs }) => Object.keys(constraintsOf(systemAttrs)).length > 0)
  const infeasible = constrained.filter(({ systemAttrs }) =>
    Object.values(constraintsOf(systemAttrs)).some((one) => !(one <= 0)),
  ).length
  return [
    ...(running > 0
      ? [
          running === 1
            ? '1 trial that was running has no outcome: it is recorded as interrupted'
            : `${running} trials that were running have no outcome: they are recorded as interrupted`,
        ]
      : []),
    ...(infinite > 0
      ? [
          `${infinite} finished trials have values that are not finite: where that is the objective's the trial is recorded as failed, and the values are in the tag ${tagPrefix}values`,
        ]
      : []),
    ...(steps > 0
      ? [
          `${steps} intermediate values are not finite: they are no steps here, and stand in the tag ${tagPrefix}steps`,
        ]
      : []),
    ...(constrained.length > 0
      ? [
          `constraints are recorded as metrics (${constraintsKey}.…), and nothing here goes by them: "best" and a warm start count infeasible trials (${infeasible} of them) like the others`,
        ]
      : []),
  ]
}

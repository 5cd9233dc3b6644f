/**
 * A journal that Optuna loads as a study: `optuna.load_study(study_name=…, storage=JournalStorage(JournalFileBackend(path)))`. A trial
 * is one line, as Optuna writes those that are added to a study whole.
 */
import { createSpace, type Parameter, recordedParameters } from '../../../space/index.js'
import type { ChildRun, ParentRun } from '../../../tracking/index.js'
import {
  canonicalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ParamValue,
} from '../../../values.js'
import { attributesIn, objectiveTag, tagPrefix } from '../optuna/attributes.js'
import { type Distribution, distributionText, parseDistribution } from '../optuna/distributions.js'
import { operations } from '../optuna/journal.js'
import { parsePython, pythonText } from '../optuna/python-json.js'
import { metricNamesKey, type OptunaState, states } from '../optuna/study.js'
import { optunaTime } from '../time.js'
import type { TrialExporter } from './types.js'

/** What is added to a trial of Optuna's under this name is ours. */
const own = 'espalier.'

export const exportOptuna: TrialExporter = async (sweep, trials) => {
  const warnings = new Set<string>()
  const axes = axesOf(sweep, trials, warnings)
  const { metric, direction } = sweep.objective
  const name = sweep.tags[`${tagPrefix}study`] ?? sweep.name
  const study = { study_id: 0 }
  const systemAttrs = attributesIn('system', sweep.tags)
  const lines: object[] = [
    { op_code: operations.createStudy, study_name: name, directions: [direction === 'minimize' ? 1 : 2] },
    ...Object.entries(attributesIn('user', sweep.tags)).map(([key, value]) => ({
      op_code: operations.setStudyUserAttr,
      ...study,
      user_attr: { [key]: value },
    })),
    { op_code: operations.setStudyUserAttr, ...study, user_attr: { [`${own}sweep`]: sweep.id } },
    ...Object.entries({ ...systemAttrs, ...(metric !== 'value' && { [metricNamesKey]: [metric] }) }).map(
      ([key, value]) => ({
        op_code: operations.setStudySystemAttr,
        ...study,
        system_attr: { [key]: value },
      }),
    ),
  ]
  for (const [i, trial] of trials.entries()) {
    if (trial.trial !== i)
      warnings.add(
        'Optuna numbers trials without gaps, and some were deleted here: the numbers are others there, and those of here are in the user attribute espalier.trial',
      )
    lines.push({ op_code: operations.createTrial, ...study, ...lineOf(trial, i, sweep, axes, warnings) })
  }
  // By which a reader tells its own lines from those of others: these are nobody's.
  const text = lines.map((line) => `${pythonText({ worker_id: 'espalier', ...line })}\n`).join('')
  return { bytes: new TextEncoder().encode(text), warnings: [...warnings] }
}

/** A parameter as Optuna has it. */
interface Axis {
  readonly distribution: Distribution
  readonly text: string
  /** The number that stands for a value; undefined where it is none of its values. */
  inside(value: ParamValue): number | undefined
}

/** As they were imported, where they were; else from the space. */
function axesOf(
  { spec }: ParentRun,
  trials: readonly ChildRun[],
  warnings: Set<string>,
): ReadonlyMap<string, Axis> {
  const { trainer } = spec
  const stated = isJsonObject(trainer) && isJsonObject(trainer.distributions) ? trainer.distributions : {}
  const axes = new Map<string, Axis>()
  for (const parameter of createSpace(recordedParameters(spec)).parameters) {
    const { name } = parameter
    const known = Object.hasOwn(stated, name) ? parseDistribution(String(stated[name])) : null
    axes.set(name, axisOf(known ?? distributionOf(parameter, warnings)))
  }
  // Of a space that was changed since, or trials that lie outside of it.
  for (const { params } of trials)
    for (const [name, value] of Object.entries(params)) {
      const axis = axes.get(name)
      if (axis?.inside(value) !== undefined) continue
      const all = trials.flatMap((one) => (Object.hasOwn(one.params, name) ? [one.params[name]] : []))
      warnings.add(
        `${name} has values that its range does not: it is written as a choice of those that there are`,
      )
      axes.set(name, axisOf({ kind: 'categorical', choices: choicesOf(name, all, warnings) }))
    }
  return axes
}

function axisOf(distribution: Distribution): Axis {
  const text = distributionText(distribution)
  if (distribution.kind === 'categorical') {
    const places = new Map(distribution.choices.map((choice, i) => [choiceKey(choice), i]))
    return {
      distribution,
      text,
      inside: (value) => places.get(choiceKey(value)) ?? places.get(choiceKey(textIn(value))),
    }
  }
  const { low, high, kind } = distribution
  const inside = (value: ParamValue) =>
    typeof value === 'number' &&
    value >= low &&
    value <= high &&
    (kind === 'float' || Number.isInteger(value))
      ? value
      : undefined
  return { distribution, text, inside }
}

/** A value that is not finite is a text on our record. */
function choiceKey(choice: unknown): string {
  return canonicalJson(choice) ?? JSON.stringify(pythonText(choice))
}

function distributionOf(parameter: Parameter, warnings: Set<string>): Distribution {
  const { name } = parameter
  switch (parameter.type) {
    case 'float': {
      const { min: low, max: high, step, scale } = parameter
      const log = scale === 'log'
      if (log && step !== null)
        warnings.add(`Optuna has no steps on a log scale: ${name} is written without its step`)
      return { kind: 'float', low, high, log, step: log ? null : step }
    }
    case 'int': {
      const { min: low, max: high, step, scale } = parameter
      const log = scale === 'log'
      if (log && step !== 1)
        warnings.add(`Optuna has no steps on a log scale: ${name} is written with every whole number`)
      return { kind: 'int', low, high, log, step: log ? 1 : step }
    }
    case 'constant':
      warnings.add('Optuna has no constants: they are written as choices of one value')
      return { kind: 'categorical', choices: choicesOf(name, [parameter.value], warnings) }
    default:
      if (parameter.type === 'ordinal')
        warnings.add(`Optuna knows no order of choices: ${name} is written as a categorical`)
      return { kind: 'categorical', choices: choicesOf(name, parameter.values, warnings) }
  }
}

/** Choices are what has no parts: lists and objects become their JSON. */
function choicesOf(name: string, values: readonly ParamValue[], warnings: Set<string>): JsonValue[] {
  const different = new Map(values.map((value) => [canonicalJson(value)!, value]))
  return [...different.values()].map((value) => {
    const choice = textIn(value)
    if (choice !== value)
      warnings.add(
        `Optuna's choices are single values: the lists and objects of ${name} are written as their JSON`,
      )
    return choice
  })
}

function textIn(value: ParamValue): JsonValue {
  return typeof value === 'object' && value !== null ? canonicalJson(value)! : value
}

const statesHere = {
  finished: 'COMPLETE',
  pruned: 'PRUNED',
  failed: 'FAIL',
  interrupted: 'FAIL',
  running: 'RUNNING',
} as const

function lineOf(
  trial: ChildRun,
  number: number,
  { objective, tags: sweepTags }: ParentRun,
  axes: ReadonlyMap<string, Axis>,
  warnings: Set<string>,
): object {
  const { tags, params, history, status } = trial
  const before = tags[`${tagPrefix}state`] as OptunaState | undefined
  const state = before ?? statesHere[status]
  if (status === 'interrupted' && before === undefined)
    warnings.add('Optuna has no interrupted trials: they are written as failed')
  const values = tags[`${tagPrefix}values`]
  // Those of an import that are not finite, or of a trial without an outcome.
  const value =
    values === undefined
      ? trial.value
      : (parsePython(values) as unknown[])[Number(sweepTags[objectiveTag] ?? 0)]
  const steps = Object.hasOwn(history, objective.metric)
    ? history[objective.metric]
    : { steps: [], values: [] }
  const odd = tags[`${tagPrefix}steps`]
  const intermediate = new Map<number, unknown>(steps.steps.map((step, i) => [step, steps.values[i]]))
  if (intermediate.size < steps.steps.length)
    warnings.add('Optuna keeps one value a step: of several the last one is written')
  if (odd !== undefined)
    for (const [step, one] of Object.entries(parsePython(odd) as object)) intermediate.set(Number(step), one)
  const ended = trial.ended ?? (state === 'RUNNING' ? null : trial.started)
  return {
    datetime_start: optunaTime(trial.started),
    ...(ended !== null && { datetime_complete: optunaTime(ended) }),
    state: states.indexOf(state),
    value,
    values: null,
    distributions: Object.fromEntries(Object.keys(params).map((name) => [name, axes.get(name)!.text])),
    params: Object.fromEntries(
      Object.entries(params).map(([name, one]) => [name, axes.get(name)!.inside(one)!]),
    ),
    user_attrs: { ...attributesIn('user', tags), ...ownAttributes(trial, number, objective.metric) },
    system_attrs: attributesIn('system', tags),
    intermediate_values: Object.fromEntries([...intermediate].sort(([a], [b]) => a - b)),
  }
}

/** What Optuna has no place for. */
function ownAttributes(trial: ChildRun, number: number, metric: string): JsonObject {
  const { id, metrics, history, tags, error } = trial
  const others = (record: object) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => name !== metric)) as JsonObject
  const { [metric]: series } = history
  const rest = others(history)
  const ownTags = Object.fromEntries(Object.entries(tags).filter(([tag]) => !tag.startsWith(tagPrefix)))
  const attributes: Record<string, JsonValue> = { run: id }
  if (trial.trial !== number) attributes.trial = trial.trial
  const otherMetrics = others(metrics)
  if (Object.keys(otherMetrics).length > 0) attributes.metrics = otherMetrics
  if (Object.keys(rest).length > 0) attributes.history = rest
  if (series?.times !== undefined) attributes.times = { steps: series.steps, ms: series.times }
  if (Object.keys(ownTags).length > 0) attributes.tags = ownTags
  if (error !== null) attributes.error = { ...error }
  if (trial.status === 'interrupted') attributes.error = { code: 'INTERRUPTED', message: 'it was cut off' }
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [own + name, value]))
}

/** A sweep file that searches on where an earlier sweep was good, and knows its results from the start. */
import { dirname, relative, resolve } from 'node:path'
import { type Insight, narrowedParameters } from '../analysis/index.js'
import { EspalierError } from '../errors.js'
import type { ParameterJson, ParametersJson, ProgramJson, SweepFileJson } from '../space/index.js'
import type { ParentRun } from '../tracking/index.js'
import { trainerParameter, withOwnerCalled } from '../trainer-choice.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../values.js'
import { askedOf } from './spec/file.js'
import type { SweepSpec, TrainerSpec } from './spec/types.js'
import { specOf } from './spec/version.js'

/** Trials where the sweep went through a grid, whose number is no wish. */
const trialsAfterGrid = 50

export interface NarrowedSweep {
  readonly file: SweepFileJson
  /** What is not as it was, beside the ranges, in sentences. */
  readonly notes: readonly string[]
}

/**
 * The file, to stand at the path `out` (absolute): names of files in it start from there.
 * @throws EspalierError USAGE where the record cannot tell where the sweep was good.
 */
export function narrowedSweep(sweep: ParentRun, insight: Insight, out: string): NarrowedSweep {
  if (insight.metric !== sweep.objective.metric) {
    throw new EspalierError(
      'USAGE',
      `a sweep is narrowed by what it optimises (${sweep.objective.metric}), and this is about ${insight.metric}; leave the metric out`,
    )
  }
  if (insight.parameters.length === 0) {
    throw new EspalierError(
      'USAGE',
      `ranges are narrowed to where the record says that a sweep was good, and that of ${sweep.id} cannot tell (${insight.unsure}); run more trials`,
    )
  }
  const spec = specOf(sweep)
  const { file } = askedOf(spec)
  const near = (path: string) => nearest(path, out)
  const { parameters, notes } = narrowedParameters(sweep, insight)
  const { trainer, data, metrics, search, parameters: _, ...others } = file
  const { enqueue: __, algorithm, trials, ...goesOn } = search!
  const isGrid = algorithm === 'grid'
  const narrowed: SweepFileJson = {
    ...others,
    ...(trainer !== undefined &&
      spec.trainer.kind !== 'function' && { trainer: trainerFrom(spec.trainer, trainer, out) }),
    ...(data !== undefined && {
      data: {
        ...data,
        file: typeof data.file === 'string' ? near(data.file) : data.file.map(near),
        ...(data.testFile !== undefined && { testFile: near(data.testFile) }),
      },
    }),
    ...(metrics !== undefined && {
      metrics: metrics.map((one) => (typeof one === 'string' ? one : { ...one, module: near(one.module) })),
    }),
    search: {
      ...goesOn,
      algorithm: 'bayesian',
      trials: isGrid ? Math.min(trials!, trialsAfterGrid) : trials,
      warmStart: sweep.id,
    },
    parameters: withTrainersFrom(parameters, spec.trainer, out),
  }
  return { file: narrowed, notes: [...notes, ...notesOn(spec, algorithm)] }
}

function notesOn({ trainer }: SweepSpec, algorithm: string | undefined): string[] {
  return [
    ...(algorithm === 'bayesian' || trainer.kind === 'elsewhere'
      ? []
      : [`it is searched by "bayesian", which learns from the earlier trials; ${algorithm} does not`]),
    ...(trainer.kind === 'elsewhere'
      ? [
          `what ran the trials of ${trainer.name} is not on record: add the "trainer", or pass the function that runs them`,
        ]
      : []),
    ...(trainer.kind === 'function'
      ? [`what it runs was passed in code, and has to be passed again: sweep(file, { run })`]
      : []),
  ]
}

/** Below the folder of the file by a relative name, so that both can be moved together; else where it is. */
function nearest(path: string, out: string): string {
  const short = relative(dirname(out), path)
  return short.startsWith('..') ? path : short.startsWith('.') ? short : `./${short}`
}

/** A program stays in the folder it ran in, where all that it opens by name is. */
function trainerFrom(
  spec: TrainerSpec,
  written: string | ProgramJson,
  out: string,
): NonNullable<SweepFileJson['trainer']> {
  if (spec.kind === 'module') return nearest(spec.file, out)
  if (spec.kind !== 'command' || typeof written === 'string' || spec.directory === dirname(out))
    return written
  return { ...written, directory: nearest(spec.directory, out) }
}

/** The modules among the trainers by names that start from the file's own folder, and with them whatever bears those names. */
function withTrainersFrom(parameters: ParametersJson, spec: TrainerSpec, out: string): ParametersJson {
  if (spec.kind !== 'choice') return parameters
  const names = new Map(
    Object.entries(spec.trainers).map(([value, one]) => {
      const stays = one.kind !== 'module' || resolve(dirname(out), value) === one.file
      return [value, stays ? value : nearest(one.file, out)]
    }),
  )
  const called = (value: JsonValue) => names.get(value as string) ?? value
  const all = (values: JsonValue): JsonValue => (Array.isArray(values) ? values.map(called) : called(values))
  return Object.fromEntries(
    Object.entries(parameters).map(([name, entry]) => {
      if (!isJsonObject(entry))
        return [withOwnerCalled(name, names), name === trainerParameter ? called(entry as JsonValue) : entry]
      const kept: Record<string, JsonValue> = { ...(entry as JsonObject) }
      if (name === trainerParameter)
        for (const key of ['values', 'value', 'default']) if (key in kept) kept[key] = all(kept[key])
      if (isJsonObject(kept.when))
        kept.when = Object.fromEntries(
          Object.entries(kept.when).map(([parent, values]) => [
            withOwnerCalled(parent, names),
            parent === trainerParameter ? all(values) : values,
          ]),
        )
      return [withOwnerCalled(name, names), kept as unknown as ParameterJson]
    }),
  ) as ParametersJson
}

/** A sweep file that searches on where an earlier sweep was good, and knows its results from the start. */
import { dirname, relative } from 'node:path'
import { type Insight, narrowedParameters } from '../analysis/index.js'
import { EspalierError } from '../errors.js'
import type { SweepFileJson } from '../space/index.js'
import type { ParentRun } from '../tracking/index.js'
import { modulesOf } from './choice.js'
import { askedOf } from './spec/file.js'
import type { SweepSpec } from './spec/types.js'
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
 * @throws EspalierError USAGE where the record cannot tell where the sweep was good, and where its trainer can only be found
 *   from the folder of its own file.
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
  refuseOtherFolder(spec, out)
  const { file } = askedOf(spec)
  const near = (path: string) => nearest(path, out)
  const { parameters, notes } = narrowedParameters(sweep, insight)
  const { trainer, data, metrics, search, parameters: _, ...others } = file
  const { enqueue: __, algorithm, trials, ...goesOn } = search!
  const isGrid = algorithm === 'grid'
  const narrowed: SweepFileJson = {
    ...others,
    ...(trainer !== undefined &&
      spec.trainer.kind !== 'function' && {
        trainer: spec.trainer.kind === 'module' ? near(spec.trainer.file) : trainer,
      }),
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
    parameters,
  }
  return { file: narrowed, notes: [...notes, ...notesOn(spec, algorithm)] }
}

function notesOn({ trainer }: SweepSpec, algorithm: string | undefined): string[] {
  return [
    ...(algorithm === 'bayesian'
      ? []
      : [`it is searched by "bayesian", which learns from the earlier trials; ${algorithm} does not`]),
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

/** A program and the modules of a choice have names in the file that start from its folder, and stand in the record as those. */
function refuseOtherFolder(spec: SweepSpec, out: string): void {
  const { trainer, source } = spec
  const folder =
    trainer.kind === 'command'
      ? trainer.directory
      : trainer.kind === 'choice' && modulesOf(trainer).length > 0 && source !== null
        ? dirname(source)
        : null
  if (folder === null || folder === dirname(out)) return
  throw new EspalierError(
    'USAGE',
    `names of programs and modules start from the folder of the sweep file, which is ${folder} (got ${out}); write the narrowed file there`,
  )
}

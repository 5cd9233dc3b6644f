/** The data set of a sweep and how its rows are divided: read, checked, and as recorded. */

import { basename, resolve } from 'node:path'
import {
  type Dataset,
  findLeaks,
  type LoadedDataset,
  leakWarnings,
  readDataset,
  type StatedDateFormat,
  statedFormatProblem,
  type Task,
} from '../data/index.js'
import { EspalierError } from '../errors.js'
import type { DataJson, ValidationJson } from '../space/index.js'
import {
  type DescribedTrainer,
  describeTrainers,
  foldWarnings,
  planResampling,
  type Resampling,
  resample,
} from '../training/index.js'
import { trainersOf } from './choice.js'
import type { DataSpec, ValidationSpec } from './spec/types.js'

/** What can be stated in parts: the file by one, the target by another. */
type PartialData = Partial<DataJson> | undefined

/**
 * null for an objective, which has no data set. Relative names in `data` start from `directory`; `recorded`: as the sweep
 * has it on record, where it is one already.
 */
export async function loadSweepData(
  opened: DescribedTrainer,
  data: PartialData,
  directory: string,
  recorded?: DataSpec | null,
): Promise<{ readonly loaded: LoadedDataset; readonly spec: DataSpec } | null> {
  if (opened.kind === 'objective') {
    if (data?.file === undefined) return null
    throw new EspalierError(
      'USAGE',
      `an objective trains without a data set ("${opened.objective.name}" is one); leave "data" out of the file, or make it a trainer`,
    )
  }
  const trainers = trainersOf(opened).map(({ trainer }) => trainer)
  const name = trainers.map((trainer) => trainer.name).join(' or ')
  const [{ task }] = trainers
  const missing = data?.file === undefined ? 'file' : data.target === undefined ? 'target' : null
  if (missing) {
    throw new EspalierError(
      'USAGE',
      `${trainers.length === 1 ? 'the trainer' : 'each of the trainers'} ${name} needs a data set (no ${missing} is given); add "data": {"file": …, "target": …} to the file, or pass --data and --target`,
      { problems: [{ path: `data.${missing}`, message: 'missing' }] },
    )
  }
  const heedless = trainers.find(({ usesWeights }) => usesWeights !== true)
  if (data!.weight !== undefined && heedless !== undefined) {
    throw new EspalierError(
      'USAGE',
      `sample weights need a trainer that heeds them ("data.weight" is "${data!.weight}", and ${heedless.name} does not); leave "weight" out (and exclude its column), or choose a trainer that does: ${(await weighted(task)).join(', ')}`,
      { problems: [{ path: 'data.weight', message: `${heedless.name} does not heed weights` }] },
    )
  }
  return readSweepData(data as DataJson, directory, task, recorded ?? undefined)
}

/** The built-in trainers of a task that heed sample weights. */
async function weighted(task: Task): Promise<string[]> {
  return (await describeTrainers())
    .filter((trainer) => trainer.task === task && trainer.usesWeights === true)
    .map(({ name }) => name)
}

/** Reads the files that the `data` entry of a sweep file names. */
export async function readSweepData(
  data: DataJson,
  directory: string,
  task: Task,
  recorded?: Pick<DataSpec, 'looseMissing' | 'readings'>,
): Promise<{ readonly loaded: LoadedDataset; readonly spec: DataSpec }> {
  const { file, target, testFile, ...settings } = data
  refuseDateFormat(settings.dateFormat)
  const paths = (typeof file === 'string' ? [file] : file).map((one) => resolve(directory, one))
  const testPath = testFile === undefined ? null : resolve(directory, testFile)
  const looseMissing = recorded?.looseMissing ?? true
  const loaded = await readDataset(paths, {
    ...settings,
    target,
    task,
    testFile: testPath ?? undefined,
    looseMissing,
    readings: recorded?.readings,
  })
  const { digest, digests, testDigest, readings, rows, columns, dataset, layout } = loaded
  const [first] = paths
  // A sweep that goes on was told when it began.
  const leaks = recorded === undefined ? findLeaks(dataset, rows - layout.testRows) : []
  return {
    loaded: {
      ...loaded,
      warnings: [...loaded.warnings, ...leakWarnings(leaks, target, basename(first))],
    },
    spec: {
      file: first,
      files: paths.length === 1 ? null : paths.map((path, i) => ({ file: path, digest: digests[i] })),
      target,
      digest,
      rows,
      columns,
      settings,
      testFile: testPath,
      testDigest,
      looseMissing,
      readings,
    },
  }
}

function refuseDateFormat(format: StatedDateFormat | undefined): void {
  const problem = format === undefined ? null : statedFormatProblem(format)
  if (problem === null) return
  const { column, message } = problem
  const path = column === null ? 'data.dateFormat' : `data.dateFormat.${column}`
  throw new EspalierError('SPACE_INVALID', `${message} at ${path}`, { problems: [{ path, message }] })
}

/** The folds of every trial, and the settings they come from with defaults filled in. */
export function divideRows(
  { dataset, layout }: LoadedDataset,
  validation: ValidationJson | undefined,
  seed: number,
  file: string,
): {
  /** With what holds its rows together where a fit divides them again. */
  readonly dataset: Dataset
  readonly resampling: Resampling
  readonly spec: ValidationSpec
  readonly warnings: string[]
} {
  const options = { ...validation, seed }
  const planned = planResampling(dataset, options, layout)
  const { scheme, perRepeat, repeats, fraction, stratified, ordered } = planned
  const resampling = resample(dataset, options, layout)
  const { groups, times } = layout
  return {
    dataset: {
      ...dataset,
      ...(groups !== null && { groups }),
      ...(ordered && { times: times ?? placesOf(dataset) }),
    },
    resampling,
    warnings: foldWarnings(dataset, resampling, file),
    spec: {
      scheme,
      folds: scheme === 'split' ? null : perRepeat,
      repeats: scheme === 'repeated-k-fold' ? repeats : null,
      fraction,
      stratified,
      holdout: validation?.holdout ?? null,
      fits: resampling.folds,
    },
  }
}

/** The order of the file, on a SharedArrayBuffer. */
function placesOf({ rows }: Dataset): Float64Array {
  const places = new Float64Array(new SharedArrayBuffer(8 * rows))
  for (let row = 0; row < rows; row++) places[row] = row
  return places
}

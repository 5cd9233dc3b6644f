/**
 * Recorded specs of every version that there has been, read as what they are today.
 *
 * A version step is one function from the form before to the form after, added at the end of the list, with the number in
 * types.ts one higher. A step only says what older versions left unsaid: it changes nothing of what the sweep does.
 */
import { type FileReading, formatOf } from '../../data/index.js'
import { EspalierError } from '../../errors.js'
import type { ParentRun } from '../../tracking/index.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../values.js'
import { defaultsBefore } from './defaults-before.js'
import { type SweepSpec, specVersion } from './types.js'

/** Step k goes from version k + 1 to k + 2. */
const steps: readonly ((spec: JsonObject) => JsonObject)[] = [
  // Version 1 had no number, and at first neither pruners nor advice; the artifacts of a trial took 64 MB at most. A column with a "None" in it was text, and a warm
  // start was taken whatever it differed in.
  (spec) => {
    const search: JsonObject = { pruner: { name: 'none' }, advice: 'off', ...(spec.search as JsonObject) }
    const { warmStart } = search
    return {
      limits: { artifactsMB: 64 },
      ...spec,
      data: isJsonObject(spec.data) ? { looseMissing: false, ...spec.data } : null,
      search: isJsonObject(warmStart) ? { ...search, warmStart: { despite: [], ...warmStart } } : search,
    }
  },
  // Before version 3 a worker kept nothing from fit to fit, defaults went unsaid, and a data set was one file in plain notation. There
  // were the usual metrics and no others, and models of two classes answered the more probable one.
  (spec) => ({
    sharedMemory: 256,
    budget: null,
    ensemble: null,
    defaults: defaultsBefore(spec.trainer),
    metrics: [],
    threshold: null,
    ...spec,
    data: isJsonObject(spec.data)
      ? { files: null, readings: readingsBefore(spec.data) as unknown as JsonValue, ...spec.data }
      : null,
  }),
  // Before version 4 a fit held no devices, and left nothing for its own continuation; a trial that took too long was tried again like any
  // other that failed, and came to nothing whatever it had reported.
  (spec) => ({
    resources: { devices: 0 },
    checkpoints: { keep: false, limitMB: 10_240 },
    retryTimeouts: true,
    bestAtTimeLimit: false,
    ...spec,
  }),
]

/** UTF-8, with commas (or tabs, by the format) between cells, and a decimal point. */
function readingsBefore({ file, testFile, settings }: JsonObject): FileReading[] {
  const stated = isJsonObject(settings) ? settings.format : undefined
  return [file, testFile].flatMap((name): FileReading[] => {
    if (typeof name !== 'string') return []
    const format = stated ?? formatOf(name)
    const separator = format === 'csv' ? ',' : format === 'tsv' ? '\t' : null
    return [{ encoding: format === 'parquet' ? null : 'utf-8', separator, decimal: '.' }]
  })
}

/** The spec of a sweep on record. Throws STORE_VERSION where a newer version of Espalier wrote it. */
export function specOf({ id, spec }: Pick<ParentRun, 'id' | 'spec'>): SweepSpec {
  const version = spec.version ?? 1
  if (typeof version !== 'number' || !(version <= specVersion)) {
    throw new EspalierError(
      'STORE_VERSION',
      `this version of Espalier reads sweeps of version ${specVersion} and before (${id} has version ${JSON.stringify(version)}); update Espalier`,
    )
  }
  if (!isJsonObject(spec.search)) {
    throw new EspalierError(
      'STORE_CORRUPT',
      `a sweep on record says how it was searched (${id} does not); its record was not written by Espalier`,
    )
  }
  const current = steps.slice(version - 1).reduce((form, step) => step(form), spec)
  return { ...current, version: specVersion } as unknown as SweepSpec
}

/** The spec as it is recorded. */
export function recordedSpec(spec: SweepSpec): JsonObject {
  return spec as unknown as JsonObject
}

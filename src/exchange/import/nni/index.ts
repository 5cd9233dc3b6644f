/** A search space of NNI (search_space.json), or the configuration of an experiment (config.yml), as a sweep file. */
import { basename, dirname, extname, resolve } from 'node:path'
import { isYaml, readWrittenFile } from '../../../launch/index.js'
import { nearestName } from '../../../spelling.js'
import { escapedArgument } from '../../../training/index.js'
import { type Direction, isJsonObject, type JsonObject } from '../../../values.js'
import { folderOf } from '../folder.js'
import { asPythonReads } from '../python-yaml.js'
import { usualTrials } from '../search.js'
import { found, objectIn, type Told, telling } from '../told.js'
import type { SweepImporter } from '../types.js'
import { nniParameters } from './space.js'
import { asLaterVersions, ofVersion1 } from './version-1.js'

type Entries = Readonly<Record<string, unknown>>

/** What NNI calls the metric that is a number alone. */
const metric = 'default'

/** Of a tuner the search, and the direction where it says none. Null: the nearest is a Bayesian one. */
const tuners: Readonly<Record<string, readonly [algorithm: string | null, direction: Direction]>> = {
  TPE: [null, 'minimize'],
  Anneal: [null, 'minimize'],
  Random: ['random', 'maximize'],
  GridSearch: ['grid', 'maximize'],
  Batch: [null, 'maximize'],
  Evolution: [null, 'maximize'],
  SMAC: [null, 'maximize'],
  GP: ['bayesian', 'maximize'],
  Metis: ['bayesian', 'maximize'],
  DNGO: ['bayesian', 'maximize'],
  BOHB: [null, 'maximize'],
  Hyperband: [null, 'maximize'],
  PBT: [null, 'maximize'],
}

/** Keys of a configuration that are read below. */
const carried = [
  ...['experimentName', 'searchSpace', 'searchSpaceFile', 'trialCommand', 'trialCodeDirectory'],
  ...['trialConcurrency', 'trialGpuNumber', 'maxTrialNumber', 'tuner', 'advisor', 'assessor'],
]
const without: Readonly<Record<string, string>> = {
  maxExperimentDuration: 'a file has no time limit here; say it as `espalier sweep --max-time`',
  maxTrialDuration: 'a file has no time limit here; say it as `espalier sweep --trial-timeout`',
  trainingService: 'trials run on this machine; see `espalier sweep --queue` for others',
  useAnnotation: 'annotations in the code of a script are not read; write the parameters',
}

export const importNni: SweepImporter = async (file, { directory }) => {
  const { value, written } = await readWrittenFile(file)
  const told = telling(file, 'a search space or a configuration of NNI')
  const whole = objectIn(isYaml(file) ? asPythonReads(value, written, told) : value, told)
  const isSpace = Object.values(whole).every((entry) => isJsonObject(entry) && '_type' in entry)
  const config = isSpace ? { searchSpace: whole } : ofVersion1(whole) ? asLaterVersions(whole, told) : whole
  if (!isSpace) tellOfOthers(config, told)
  const space = isSpace ? whole : await spaceOf(config, file, told)
  const { algorithm, direction, seed } = searchOf(config, told)
  const parameters = nniParameters(space, { told, isGrid: algorithm === 'grid' })
  const pruner = prunerOf(config.assessor, told)
  const { maxTrialNumber, trialConcurrency, trialGpuNumber } = config
  for (const [key, count] of Object.entries({ maxTrialNumber, trialConcurrency }))
    if (count !== undefined && count !== null && !(Number.isInteger(count) && Number(count) > 0))
      told.wrong([key], `"${key}" must be a whole number from 1 (${found(count)})`)
  const command = commandOf(config.trialCommand, Object.keys(parameters), told)
  told.refuse()

  const trials = typeof maxTrialNumber === 'number' ? maxTrialNumber : null
  const folder = command && (await programFolder(config, file, directory, told))
  const sweep: JsonObject = {
    name: typeof config.experimentName === 'string' ? config.experimentName : basename(file, extname(file)),
    ...(command && { trainer: { command, ...(folder && { directory: folder }) } }),
    objective: { metric, direction },
    search: {
      algorithm,
      ...(trials !== null
        ? { trials }
        : algorithm === 'grid'
          ? {}
          : { trials: usualTrials('"maxTrialNumber"', told) }),
      ...(typeof trialConcurrency === 'number' && { parallel: trialConcurrency }),
      ...(seed !== null && { seed }),
      ...(pruner && { pruner }),
    },
    ...(typeof trialGpuNumber === 'number' &&
      trialGpuNumber > 0 && { resources: { devices: trialGpuNumber } }),
    parameters,
  }
  tellOfProgram(command !== null, told)
  return { sweep, warnings: told.warnings }
}

function tellOfOthers(config: Entries, told: Told): void {
  for (const [key, value] of Object.entries(config)) {
    if (carried.includes(key) || (key === 'useAnnotation' && value === false)) continue
    const near = nearestName(key, carried)
    const hint = near !== null && !(near in config) ? `; did you mean "${near}"?` : ''
    told.warn([key], without[key] ?? `it has no counterpart${hint}; it is left out`)
  }
}

async function spaceOf(config: Entries, file: string, told: Told): Promise<unknown> {
  const { searchSpace, searchSpaceFile } = config
  if (searchSpace !== undefined && searchSpace !== null) return searchSpace
  if (typeof searchSpaceFile === 'string') {
    const { value } = await readWrittenFile(resolve(dirname(file), searchSpaceFile))
    return value
  }
  told.wrong(
    ['searchSpace'],
    `there must be a "searchSpace", or a "searchSpaceFile" (${found(searchSpaceFile)}), where parameters are not objects with "_type"`,
  )
  told.refuse()
  return {}
}

function searchOf(
  config: Entries,
  told: Told,
): { readonly algorithm: string; readonly direction: Direction; readonly seed: number | null } {
  const [at, written] = config.tuner === undefined ? ['advisor', config.advisor] : ['tuner', config.tuner]
  const unsaid = { algorithm: 'bayesian', direction: 'maximize', seed: null } as const
  if (written === undefined || written === null) {
    told.warn(
      [],
      'it names no tuner: the search is a Bayesian one, and the metric is maximised; change "direction" if less is better',
    )
    return unsaid
  }
  const { name, classArgs } = isJsonObject(written) ? written : {}
  const { optimize_mode: mode, seed, ...others }: Entries = isJsonObject(classArgs) ? classArgs : {}
  if (typeof name !== 'string' || !Object.hasOwn(tuners, name)) {
    told.warn([at, 'name'], `it is none of NNI's own (${found(name)}); here the search is a Bayesian one`)
    return { ...unsaid, direction: mode === 'minimize' ? 'minimize' : 'maximize' }
  }
  const [algorithm, usual] = tuners[name]
  if (algorithm === null) told.warn([at, 'name'], `there is no ${name} here; the search is a Bayesian one`)
  if (mode !== undefined && mode !== 'minimize' && mode !== 'maximize')
    told.wrong([at, 'classArgs', 'optimize_mode'], `it must be minimize or maximize (${found(mode)})`)
  else if (mode === undefined)
    told.warn(
      [at],
      `it has no "optimize_mode": the metric is ${usual}d, as ${name} does; change "direction" if that is not meant`,
    )
  const left = Object.keys(others)
  if (left.length > 0)
    told.warn([at, 'classArgs'], `the search has settings of its own; left out: ${left.join(', ')}`)
  return {
    algorithm: algorithm ?? 'bayesian',
    direction: (mode as Direction | undefined) ?? usual,
    seed: Number.isSafeInteger(seed) && Number(seed) >= 0 ? Number(seed) : null,
  }
}

function prunerOf(written: unknown, told: Told): JsonObject | null {
  if (written === undefined || written === null) return null
  const { name, classArgs } = isJsonObject(written) ? written : {}
  if (name !== 'Medianstop') {
    told.warn(
      ['assessor'],
      `there is no such pruner here (${found(name)}); no trial is stopped early: see "Stopping trials early" in docs/sweep-files.md`,
    )
    return null
  }
  const { start_step: start = 0 }: Entries = isJsonObject(classArgs) ? classArgs : {}
  told.warn(
    ['assessor'],
    'Medianstop became the pruner "median", which compares with the values of five finished trials or more at that step, and not with their running averages',
  )
  return { name: 'median', minSteps: Math.max(1, Number.isInteger(start) ? Number(start) : 1) }
}

/** NNI gives it to bash; plain words need none. */
function commandOf(written: unknown, names: readonly string[], told: Told): string[] | null {
  if (written === undefined || written === null) return null
  if (typeof written !== 'string' || written.trim() === '') {
    told.wrong(['trialCommand'], `"trialCommand" must be a command line (${found(written)})`)
    return null
  }
  const isPlain = /^[\w./:@%+=, -]+$/.test(written) && !/^\s*\w+=/.test(written)
  const words = isPlain ? written.trim().split(/\s+/) : ['bash', '-c', written]
  return words.map((word, i) => (i === 0 ? word : escapedArgument(word, names)))
}

function programFolder(config: Entries, file: string, directory: string, told: Told): Promise<string | null> {
  const code = typeof config.trialCodeDirectory === 'string' ? config.trialCodeDirectory : '.'
  return folderOf(resolve(dirname(file), code, 'any'), directory, undefined, told)
}

function tellOfProgram(hasCommand: boolean, told: Told): void {
  if (!hasCommand) told.warn([], 'it names no program; add "trainer": see docs/programs.md')
  told.warn(
    [],
    `a script has to be changed in three places: nni.get_next_parameter() becomes espalier.params(), nni.report_intermediate_result(x) becomes espalier.report(step, ${metric}=x), nni.report_final_result(x) becomes espalier.final(${metric}=x); \`import espalier\` needs no installation`,
  )
}

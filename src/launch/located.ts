/**
 * Where the files of a sweep on record are now: a store is moved, copied and mounted elsewhere, and its record knows
 * absolute paths.
 *
 * A file is taken where the caller says it is. Else it is where it was; else it is looked for by the end of its path, and
 * by its place relative to the sweep file, from the folders of the sweep file, of the store and of this process. A file
 * that is not where it was must have the recorded SHA-256, so that nothing else can be taken for it.
 */
import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path'
import { EspalierError } from '../errors.js'
import { modulesOf } from './choice.js'
import { digestOf } from './read-file.js'
import type { DataSpec, MetricSpec, NamedSpec, SweepSpec, TrainerSpec } from './spec/types.js'

/** Where the caller says that files are, relative to the working directory. */
export interface Places {
  readonly data?: string | readonly string[]
  readonly testFile?: string
  /** The module. */
  readonly trainer?: string
  /** The folder in which a program runs. */
  readonly directory?: string
}

export interface Located {
  readonly spec: SweepSpec
  /** What is elsewhere than it was and was not named, in words. */
  readonly notes: readonly string[]
}

/** Which of the files that a caller names may be others than the recorded ones: that they differ is told elsewhere. */
export interface Unlike {
  readonly data?: boolean
  readonly module?: boolean
}

interface Search {
  readonly sweep: string
  readonly bases: readonly string[]
  readonly source: string | null
  readonly unlike: Unlike
  readonly notes: string[]
}

/**
 * @param store its directory.
 */
export async function located(
  { id }: { readonly id: string },
  spec: SweepSpec,
  store: string,
  places: Places,
  unlike: Unlike = {},
): Promise<Located> {
  const { source } = spec
  const bases = [...(source === null ? [] : [dirname(source)]), dirname(resolve(store)), process.cwd()]
  const search: Search = { sweep: id, bases: [...new Set(bases)], source, unlike, notes: [] }
  const found = {
    ...spec,
    data: await dataIn(spec.data, places, search),
    trainer: await trainerIn(spec.trainer, places, search),
    metrics: await Promise.all(spec.metrics.map((metric) => metricIn(metric, search))),
  }
  return { spec: found, notes: search.notes }
}

async function dataIn(data: DataSpec | null, places: Places, search: Search): Promise<DataSpec | null> {
  for (const [option, given] of [
    ['--data', places.data],
    ['--test-file', places.testFile],
  ] as const) {
    if (given === undefined || (option === '--data' ? data : data?.testFile)) continue
    const what = option === '--data' ? 'data set' : 'test file'
    throw new EspalierError(
      'USAGE',
      `${option} says where the ${what} of a sweep is now (${search.sweep} has none); leave it out`,
    )
  }
  if (data === null) return null
  const { file, digest, testFile, testDigest } = data
  const recorded = data.files ?? [{ file, digest }]
  const named = typeof places.data === 'string' ? [places.data] : places.data
  if (named !== undefined && named.length !== recorded.length)
    throw new EspalierError(
      'USAGE',
      `--data says where each data file of a sweep is now (${search.sweep} has ${recorded.length}, and ${named.length} are named); repeat --data for each, in their order`,
    )
  const files: { file: string; digest: string }[] = []
  for (const [i, one] of recorded.entries())
    files.push({
      ...one,
      file: await fileIn({ what: 'data file', option: '--data', ...one, named: named?.[i] }, search),
    })
  return {
    ...data,
    file: files[0].file,
    files: data.files && files,
    testFile:
      testFile &&
      (await fileIn(
        {
          what: 'test file',
          option: '--test-file',
          file: testFile,
          digest: testDigest,
          named: places.testFile,
        },
        search,
      )),
  }
}

async function metricIn(metric: MetricSpec, search: Search): Promise<MetricSpec> {
  const { name, module, digest } = metric
  if (module === null) return metric
  const what = `module of the metric "${name}"`
  return {
    ...metric,
    module: await fileIn({ what, option: null, file: module, digest, named: undefined }, search),
  }
}

async function trainerIn(trainer: TrainerSpec, places: Places, search: Search): Promise<TrainerSpec> {
  const stray =
    places.trainer !== undefined && modulesOf(trainer).length === 0
      ? '--trainer says where the module'
      : places.directory !== undefined && trainer.kind !== 'command'
        ? '--directory says where the program'
        : null
  if (stray !== null)
    throw new EspalierError('USAGE', `${stray} of a sweep is now (${search.sweep} has none); leave it out`)
  if (trainer.kind === 'module') {
    const { file, digest } = trainer
    const wanted = { what: 'trainer module', option: '--trainer', file, digest, named: places.trainer }
    return { ...trainer, file: await fileIn(wanted, search) }
  }
  if (trainer.kind === 'choice') {
    const modules = modulesOf(trainer)
    if (places.trainer !== undefined && modules.length > 1)
      throw new EspalierError(
        'USAGE',
        `--trainer says where the module of a sweep is now (${search.sweep} has ${modules.length}: ${modules.map(({ value }) => value).join(', ')}); put them beside each other as they were, where they are found`,
      )
    const moved: Record<string, NamedSpec> = { ...trainer.trainers }
    for (const { value, file, digest } of modules) {
      const wanted = { what: 'trainer module', option: '--trainer', file, digest, named: places.trainer }
      moved[value!] = { kind: 'module', file: await fileIn(wanted, search), digest }
    }
    return { ...trainer, trainers: moved }
  }
  if (trainer.kind !== 'command') return trainer
  return { ...trainer, directory: await directoryIn(trainer, places.directory, search) }
}

interface Wanted {
  readonly what: string
  /** That says where it is now; null where none does. */
  readonly option: string | null
  readonly file: string
  readonly digest: string | null | undefined
  readonly named: string | undefined
}

async function fileIn({ what, option, file, digest, named }: Wanted, search: Search): Promise<string> {
  const known = digest ? `, the file with the SHA-256 ${digest}` : ''
  if (named !== undefined) {
    const path = resolve(named)
    if (!(await isThere(path)))
      throw new EspalierError(
        'FILE_NOT_READABLE',
        `${option} names the ${what} where it is now (${path} is not there); check the path, which is relative to the working directory`,
      )
    const free = what === 'trainer module' ? search.unlike.module : search.unlike.data
    if (free || !digest || (await digestOf(path)) === digest) return path
    throw new EspalierError(
      what === 'trainer module' ? 'TRAINER_INVALID' : 'DATA_INVALID',
      `${option} names the ${what} of sweep ${search.sweep} (${path} is another${known === '' ? '' : ' file'}); name the recorded one${known}`,
    )
  }
  if (await isThere(file)) return file
  for (const path of candidates(file, search)) {
    if (!digest || !(await isThere(path)) || (await digestOf(path)) !== digest) continue
    search.notes.push(`the ${what} is no longer ${file}; the same file is ${path}`)
    return path
  }
  throw new EspalierError(
    option === null ? 'METRIC_INVALID' : what === 'trainer module' ? 'TRAINER_INVALID' : 'DATA_INVALID',
    `the ${what} of sweep ${search.sweep} must be where it was when the sweep began (${file} is not there); put it back${known}${option === null ? '' : `, or say where it is now: ${option} FILE`}`,
  )
}

async function directoryIn(
  { directory, digests = {} }: TrainerSpec & { kind: 'command' },
  named: string | undefined,
  search: Search,
): Promise<string> {
  const files = Object.entries(digests).map(([file, digest]) => [relative(directory, file), digest] as const)
  if (named !== undefined) return resolve(named)
  if (await isFolder(directory)) return directory
  const own = files.filter(([file]) => !isAbsolute(file) && !file.startsWith('..'))
  for (const path of own.length === 0 ? [] : candidates(directory, search)) {
    const same = await Promise.all(
      own.map(async ([file, digest]) => {
        const here = join(path, file)
        return (await isThere(here)) && (await digestOf(here)) === digest
      }),
    )
    if (!same.every((holds) => holds)) continue
    search.notes.push(`the folder of the program is no longer ${directory}; the same files are in ${path}`)
    return path
  }
  throw new EspalierError(
    'TRAINER_INVALID',
    `a program runs in the folder it ran in when sweep ${search.sweep} began (${directory} is not there); put it back, or say which it is now: --directory DIR`,
  )
}

/** The longest ends of its path come first: what it was beside is most likely beside it still. */
function* candidates(path: string, { bases, source }: Search): Generator<string> {
  const parts = path.slice(parse(path).root.length).split(sep)
  for (const base of bases) {
    if (source !== null) yield resolve(base, relative(dirname(source), path))
    for (let from = 0; from < parts.length; from++) yield join(base, ...parts.slice(from))
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

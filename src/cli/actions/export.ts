/** `export RUN`: a model, or the trials of a sweep, as files of other tools. */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EspalierError } from '../../errors.js'
import {
  type ExportedModel,
  exportModelFile,
  exportTrials,
  type ModelFormat,
  modelFormats,
  type TrialFormat,
} from '../../exchange/index.js'
import type { ParentRun, Run, RunStore } from '../../tracking/index.js'
import * as format from '../format.js'
import { plain, print, printExactly, say } from '../output.js'
import type { Filters } from './best.js'
import { isSweep, openStoreOf, shortest, writeOut } from './common.js'
import { findModelRun, findRun } from './meant.js'

interface ExportOptions extends Filters {
  readonly format: ModelFormat | TrialFormat
  readonly out?: string
  readonly force?: boolean
  readonly ensemble?: boolean
  readonly opset?: number
}

export async function exportRun(id: string, options: ExportOptions): Promise<void> {
  const { format: asked, out, force = false, opset } = options
  if (opset !== undefined && asked !== 'onnx')
    throw new EspalierError('USAGE', `--opset belongs to --format onnx (got ${asked}); leave it out`)
  const store = await openStoreOf(options)
  const sweep = await sweepMeant(store, id, options)
  const made =
    sweep === null
      ? await modelOf(store, await findModelRun(store, id, options), asked as ModelFormat, options)
      : await trialsOf(store, sweep, asked as TrialFormat)
  for (const warning of made.warnings) say(`warning: ${plain(warning)}`)
  const files = [...made.files]
  if (out === undefined) {
    const [[, content]] = files
    if (files.length > 1 || typeof content !== 'string')
      throw new EspalierError(
        'USAGE',
        `the format ${asked} is written to ${made.isFolder ? 'a folder' : 'a file'}, and none is named; add --out ${made.isFolder ? 'FOLDER' : 'FILE'}`,
      )
    return printExactly(content)
  }
  await (made.isFolder ? writeFolder(out, files, force) : writeOne(out, files[0][1], force))
  const size = files.reduce((sum, [, content]) => sum + Buffer.byteLength(content), 0)
  print(`${made.what} written to ${plain(shortest(out))} (${format.bytes(size)})`)
}

/** What is to be written, of what. */
type Made = Omit<ExportedModel, 'format'> & { readonly what: string }

/** The sweep whose trials are meant; null where a model is. */
async function sweepMeant(store: RunStore, id: string, options: ExportOptions): Promise<ParentRun | null> {
  const isModel = (modelFormats as readonly string[]).includes(options.format)
  if (isModel && options.format !== 'json') return null
  if (options.ensemble) {
    if (isModel) return null
    throw new EspalierError(
      'USAGE',
      `--ensemble means a model, and --format ${options.format} is of trials; a model is written as ${modelFormats.join(', ')}`,
    )
  }
  const run = await findRun(store, id, options)
  if (isSweep(run)) return run
  if (isModel) return null
  throw new EspalierError(
    'USAGE',
    `--format ${options.format} is of all trials of a sweep, and ${run.id} is a trial; its sweep is ${run.parent}, and its model is written as ${modelFormats.join(', ')}`,
  )
}

async function modelOf(
  store: RunStore,
  run: Run,
  asked: ModelFormat,
  { opset }: ExportOptions,
): Promise<Made> {
  const { readModelOf } = await import('../../launch/index.js')
  const { json, sampleInput } = await readModelOf(store, run.id)
  const of = isSweep(run)
    ? `the ensemble of sweep ${run.id}`
    : `the model of run ${run.id} (trial ${run.trial})`
  return { ...(await exportModelFile(json, asked, { opset, sampleInput })), what: of }
}

async function trialsOf(store: RunStore, sweep: ParentRun, asked: TrialFormat): Promise<Made> {
  const { bytes, warnings } = await exportTrials(store, sweep, asked)
  const content = asked === 'parquet' ? bytes : new TextDecoder().decode(bytes)
  return {
    files: new Map([['', content]]),
    isFolder: false,
    warnings,
    what: `the trials of sweep ${sweep.id}`,
  }
}

async function writeOne(file: string, content: string | Uint8Array, force: boolean): Promise<void> {
  const { refuseOverwriting } = await import('../../launch/index.js')
  await refuseOverwriting(file, force, '--out')
  await writeOut(file, content)
}

/** Into a folder of its own, unless forced: what else lies in it is then left there. */
async function writeFolder(
  folder: string,
  files: readonly (readonly [string, string | Uint8Array])[],
  force: boolean,
): Promise<void> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new EspalierError('USAGE', `${folder} is no folder; name another with --out`, { cause: error })
  })
  if (there.length > 0 && !force)
    throw new EspalierError(
      'USAGE',
      `a folder that holds something is not written over (${folder} has ${format.count(there.length, 'entry', 'entries')}); name another with --out, or add --force`,
    )
  for (const [name, content] of files) {
    const file = join(folder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeOut(file, content)
  }
}

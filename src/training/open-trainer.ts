/**
 * From a trainer's reference (a name, or a module file) to the trainer itself.
 *
 * A module's default export is a Trainer or an objective, { name, objective }. TypeScript files are loaded by tsx,
 * so that a user needs no build step.
 */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { EspalierError, isEspalierError } from '../errors.js'
import { nearestHint } from '../spelling.js'
import { openCommand } from './command/open.js'
import type { TrainerReference } from './plan.js'
import { stackLines } from './stack.js'
import { registry } from './trainers/registry.js'
import type { Objective, OpenTrainer, Trainer } from './types.js'

/** Names of the built-in trainers. */
export function trainerNames(): string[] {
  return Object.keys(registry)
}

/** The built-in trainers, in the order of their names' list. */
export function describeTrainers(): Promise<Trainer[]> {
  return Promise.all(Object.values(registry).map(async (load) => (await load()).trainer))
}

/**
 * Opens a built-in trainer or a module. Throws TRAINER_UNKNOWN (with the nearest name), FILE_NOT_READABLE, or
 * TRAINER_INVALID with everything that is wrong with the module.
 */
export async function openTrainer(reference: TrainerReference): Promise<OpenTrainer> {
  switch (reference.kind) {
    case 'built-in': {
      const { name } = reference
      if (!Object.hasOwn(registry, name)) {
        throw new EspalierError(
          'TRAINER_UNKNOWN',
          `there is no built-in trainer "${name}"${nearestHint(name, trainerNames(), 'there are')} (a module of your own is named by its path, ./${name}.js)`,
        )
      }
      return { kind: 'trainer', trainer: (await registry[name]()).trainer }
    }
    case 'module':
      return openModule(reference.file)
    case 'command':
      return openCommand(reference)
    case 'function':
      throw new EspalierError(
        'TRAINER_INVALID',
        `a trainer passed in code ("${reference.name}") exists only in the process that passed it; put it into a module to use it elsewhere`,
      )
  }
}

async function openModule(file: string): Promise<OpenTrainer> {
  if (!/\.[cm]?[jt]s$/.test(file)) {
    throw new EspalierError(
      'TRAINER_INVALID',
      `a trainer module is a .js, .mjs, .cjs, .ts, .mts or .cts file (got ${file}); a program is named in the sweep file: "trainer": {"command": ["python3", "${basename(file)}"]}`,
    )
  }
  await access(file).catch((error: Error) => {
    throw new EspalierError(
      'FILE_NOT_READABLE',
      `the trainer module ${file} cannot be read: there is no such file`,
      {
        cause: error,
      },
    )
  })
  let exported: unknown
  try {
    exported = defaultExport(await importModule(file))
  } catch (error) {
    if (isEspalierError(error)) throw error
    const cause = error instanceof Error ? error : new Error(String(error))
    throw new EspalierError(
      'TRAINER_INVALID',
      `the trainer module ${basename(file)} throws while it is imported: ${await whereItFailed(cause, file)}`,
      { cause },
    )
  }
  return checkExport(exported, basename(file))
}

async function importModule(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href
  if (!/\.[cm]?ts$/.test(file)) return import(url)
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(url, import.meta.url)
}

/** CommonJS that was compiled from ESM has its default one level further down, once or twice. */
function defaultExport(module: unknown): unknown {
  let exported = (module as { default?: unknown }).default
  for (let depth = 0; depth < 2; depth++) {
    if (typeof exported === 'object' && exported !== null && 'default' in exported && !('name' in exported)) {
      exported = exported.default
    }
  }
  return exported
}

async function whereItFailed(error: Error, file: string): Promise<string> {
  const message = error.message.split('\n').slice(0, 6).join('\n')
  // A syntax error of JavaScript has no place in its stack; `node --check` tells it.
  if (error instanceof SyntaxError && /\.[cm]?js$/.test(file)) {
    const place = await promisify(execFile)(process.execPath, ['--check', file]).then(
      () => null,
      ({ stderr }: { stderr?: string }) => stderr?.split('\n').slice(0, 3).join('\n').trimEnd() ?? null,
    )
    return place === null ? message : `${message}\n${place}`
  }
  const [line] = stackLines(error, file, 1)
  return line?.includes(file) ? `${message} (${line})` : message
}

function checkExport(exported: unknown, file: string): OpenTrainer {
  if (typeof exported !== 'object' || exported === null) {
    const found =
      exported === undefined ? 'it has none' : `it is a ${exported === null ? 'null' : typeof exported}`
    throw new EspalierError(
      'TRAINER_INVALID',
      `the default export of ${file} must be a trainer { name, task, fit, load, … } or an objective { name, objective }, and ${found}`,
    )
  }
  const candidate = exported as Partial<Trainer> & Partial<Objective>
  const isObjective = candidate.objective !== undefined
  const faults: string[] = []
  const must = (fine: boolean, entry: string, law: string, value: unknown): void => {
    if (!fine)
      faults.push(`"${entry}" must be ${law} (${value === undefined ? 'missing' : `got ${describe(value)}`})`)
  }
  must(typeof candidate.name === 'string' && candidate.name !== '', 'name', 'a text', candidate.name)
  if (isObjective) {
    must(typeof candidate.objective === 'function', 'objective', 'a function', candidate.objective)
  } else {
    must(
      candidate.task === 'classification' || candidate.task === 'regression',
      'task',
      '"classification" or "regression"',
      candidate.task,
    )
    must(
      typeof candidate.fit === 'function',
      'fit',
      'a function (data, params, context) → model',
      candidate.fit,
    )
    must(typeof candidate.load === 'function', 'load', 'a function (state) → model', candidate.load)
  }
  faults.push(...hyperparameterFaults(candidate.hyperparameters))
  if (faults.length > 0) {
    throw new EspalierError(
      'TRAINER_INVALID',
      `the default export of ${file} is no ${isObjective ? 'objective' : 'trainer'}: ${faults.join('; ')}`,
      { problems: faults.map((message) => ({ path: file, message })) },
    )
  }
  if (isObjective) return { kind: 'objective', objective: exported as Objective }
  return { kind: 'trainer', trainer: exported as Trainer }
}

function hyperparameterFaults(described: unknown): string[] {
  if (described === undefined) return []
  if (!Array.isArray(described)) return ['"hyperparameters" must be a list']
  return described.flatMap((one, i) => {
    const at = `hyperparameters[${i}]`
    if (typeof one !== 'object' || one === null) return [`"${at}" must be an object`]
    const faults: string[] = []
    if (typeof one.name !== 'string') faults.push(`"${at}.name" must be a text`)
    if (!['float', 'int', 'categorical', 'boolean'].includes(one.type)) {
      faults.push(`"${at}.type" must be "float", "int", "categorical" or "boolean"`)
    }
    if (one.default === undefined) faults.push(`"${at}.default" is missing`)
    if (one.type === 'categorical' && !Array.isArray(one.values)) faults.push(`"${at}.values" must be a list`)
    return faults
  })
}

function describe(value: unknown): string {
  return typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value))
}

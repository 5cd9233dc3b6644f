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
import { checkTrainer } from './check-trainer.js'
import type { ChoiceReference, TrainerReference } from './plan.js'
import { stackLines } from './stack.js'
import { registry } from './trainers/registry.js'
import type { OpenTrainer, Trainer } from './types.js'

/** ms a module may take to be imported: what it does there, no trial's time limit ends. */
const usualImportLimit = 60_000

/** Names of the built-in trainers. */
export function trainerNames(): string[] {
  return Object.keys(registry)
}

/** The built-in trainers, in the order of their names' list. */
export function describeTrainers(): Promise<Trainer[]> {
  return Promise.all(Object.values(registry).map(async (load) => (await load()).trainer))
}

export interface OpenOptions {
  /** ms. */
  readonly importLimit?: number
  /** Names of the sweep's parameters, which a program's arguments may hold in braces. */
  readonly parameters?: readonly string[]
}

/**
 * Opens a built-in trainer or a module. Throws TRAINER_UNKNOWN (with the nearest name), FILE_NOT_READABLE, or
 * TRAINER_INVALID with everything that is wrong with the module.
 */
export async function openTrainer(
  reference: TrainerReference,
  { importLimit = usualImportLimit, parameters }: OpenOptions = {},
): Promise<OpenTrainer> {
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
      return openModule(reference.file, importLimit)
    case 'choice':
      return openChoice(reference, importLimit)
    case 'command':
      // Loaded where it is used: whoever only looks at a module starts sooner.
      return (await import('./command/open.js')).openCommand(reference, parameters)
    case 'function':
      throw new EspalierError(
        'TRAINER_INVALID',
        `a trainer passed in code ("${reference.name}") exists only in the process that passed it; put it into a module to use it elsewhere`,
      )
  }
}

async function openChoice({ trainers }: ChoiceReference, importLimit: number): Promise<OpenTrainer> {
  const candidates = await Promise.all(
    Object.entries(trainers).map(async ([value, reference]) => {
      const opened = await openTrainer(reference, { importLimit })
      return { value, reference, trainer: trainerAmong(opened, value).trainer }
    }),
  )
  return { kind: 'choice', candidates }
}

/** Throws TRAINER_INVALID where what `parameters.trainer` names is no trainer. */
export function trainerAmong<T extends { readonly kind: string }>(
  opened: T,
  value: string,
): T & { kind: 'trainer' } {
  if (opened.kind === 'trainer') return opened as T & { kind: 'trainer' }
  throw new EspalierError(
    'TRAINER_INVALID',
    `the parameter "trainer" chooses among trainers (${value} is an objective, which trains without a data set); take it out of the values`,
  )
}

async function openModule(file: string, importLimit: number): Promise<OpenTrainer> {
  const exported = defaultExport(await importChecked(file, moduleKinds.trainer, importLimit))
  return checkTrainer(exported, `the default export of ${basename(file)}`)
}

/** What a module of somebody's is for, and what is wrong where it cannot be had. */
export interface ModuleKind {
  readonly what: string
  readonly code: 'TRAINER_INVALID' | 'METRIC_INVALID'
  /** What may be meant by a file that is no module. */
  readonly otherwise?: (file: string) => string
}

export const moduleKinds = {
  trainer: {
    what: 'trainer',
    code: 'TRAINER_INVALID',
    otherwise: (file) =>
      `; a program is named in the sweep file: "trainer": {"command": ["python3", "${basename(file)}"]}`,
  },
  metric: { what: 'metric', code: 'METRIC_INVALID' },
} as const satisfies Record<string, ModuleKind>

/**
 * What a module exports, under its names.
 * @throws EspalierError FILE_NOT_READABLE, or the code of its kind.
 */
export async function importChecked(
  file: string,
  { what, code, otherwise }: ModuleKind,
  importLimit = usualImportLimit,
): Promise<object> {
  if (!/\.[cm]?[jt]s$/.test(file)) {
    throw new EspalierError(
      code,
      `a ${what} module is a .js, .mjs, .cjs, .ts, .mts or .cts file (got ${file})${otherwise?.(file) ?? ''}`,
    )
  }
  await access(file).catch((error: Error) => {
    throw new EspalierError(
      'FILE_NOT_READABLE',
      `the ${what} module ${file} cannot be read: there is no such file`,
      {
        cause: error,
      },
    )
  })
  try {
    return (await inTime(importModule(file), file, { what, code }, importLimit)) as object
  } catch (error) {
    if (isEspalierError(error)) throw error
    const cause = error instanceof Error ? error : new Error(String(error))
    throw new EspalierError(
      code,
      `the ${what} module ${basename(file)} throws while it is imported: ${await whereItFailed(cause, file)}`,
      { cause },
    )
  }
}

async function importModule(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href
  if (!/\.[cm]?ts$/.test(file)) return import(url)
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(url, import.meta.url)
}

async function inTime(
  imported: Promise<unknown>,
  file: string,
  { what, code }: ModuleKind,
  limit: number,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new EspalierError(
            code,
            `a ${what} module must be imported within ${limit / 1000} s (${basename(file)} is not; does a top-level await never end?); do what takes long in its function`,
          ),
        ),
      limit,
    )
  })
  return Promise.race([imported, late]).finally(() => clearTimeout(timer))
}

/** CommonJS that was compiled from ESM has its default one level further down, once or twice. */
export function defaultExport(module: unknown): unknown {
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

/**
 * What is done once with somebody's module, in a thread of its own that can be ended: a module may loop, exit, or fill
 * the memory where it is imported, and when it is used. The main thread imports none.
 */
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { EspalierError } from '../errors.js'
import { tooManyFiles } from '../too-many-files.js'
import {
  checkDescription,
  type DescribedTrainer,
  describeOpened,
  type LoadedModel,
  openTrainer,
  signatureOfModel,
  type TrainerReference,
} from '../training/index.js'
import { type Direction, isJsonObject, type JsonValue } from '../values.js'
import { compiledFile } from './compiled.js'
import { LiveThread } from './live-threads.js'
import { canWatch, MemoryWatch, watchRoom } from './memory-watch.js'
import { usualStartLimit } from './options.js'
import type { ErrandReply, ErrandTask } from './protocol.js'
import { isOutOfMemory } from './thread-death.js'
import { describeThrown } from './thrown.js'
import { revived } from './worker-error.js'

/** Megabytes an import may take: below the gigabyte at which an array that doubles ends the process, not its thread. */
const importMemory = 768

/** ms a thread has to end before it is left behind. */
const endLimit = 500

export interface ErrandLimits {
  /** ms until the module is imported; 30,000 unless stated. */
  readonly timeLimit?: number
  /** Megabytes the thread may hold; 768 unless stated. */
  readonly memoryLimit?: number | null
  /** Aborted: nobody waits for it any more. */
  readonly signal?: AbortSignal
  /** The thread to be sent, where one was made ahead; its memory limit holds. */
  readonly errand?: Errand
}

/**
 * What is said of a trainer or an objective. A module is imported in a thread of its own.
 * @throws EspalierError as `openTrainer` does; TRAINER_INVALID too where the import does not end, ends its process, or
 *   takes too much memory; INTERRUPTED.
 */
export async function describeTrainer(
  reference: TrainerReference,
  limits: ErrandLimits = {},
): Promise<DescribedTrainer> {
  if (reference.kind !== 'module') return describeOpened(await openTrainer(reference))
  const { errand = new Errand(limits) } = limits
  const described = await errand.send({ kind: 'describe', reference }, reference.file, limits)
  return checkDescription(described, `the default export of ${basename(reference.file)}`)
}

/**
 * What is said of a metric of one's own, imported in a thread of its own.
 * @throws EspalierError as `openMetric` does; METRIC_INVALID too where the import does not end, ends its process, or takes too much
 *   memory; INTERRUPTED.
 */
export async function describeMetric(
  file: string,
  limits: ErrandLimits = {},
): Promise<{ readonly direction: Direction | null }> {
  const errand = new Errand(limits)
  const described = await errand.send({ kind: 'metric', file }, file, limits)
  const direction = isJsonObject(described) ? described.direction : undefined
  if (direction === null || direction === 'minimize' || direction === 'maximize') return { direction }
  throw new EspalierError(
    'METRIC_INVALID',
    `a metric module exports a function, and "minimize" or "maximize" as "direction" (${basename(file)} does not)`,
  )
}

/** What a model answers to a table: see LoadedModel. */
export interface Answers {
  readonly predictions: (string | number)[]
  /** null where they were not asked for, or the model has none. */
  readonly probabilities: Record<string, number>[] | null
}

/**
 * What a kept model (the JSON of its file) answers that is loaded by a module, both in a thread of its own. Whoever
 * calls vouches for the module: it is code, and it is run.
 * @param file the module's; whatever the model says of one, only this is imported.
 * @throws EspalierError as `describeTrainer` does, and as `loadModel` does.
 */
export async function predictApart(
  model: JsonValue,
  file: string,
  { table }: Parameters<LoadedModel['predictTable']>[0],
  probabilities: boolean,
  limits: ErrandLimits = {},
): Promise<Answers> {
  const { classes } = signatureOfModel(model)
  const task: ErrandTask = { kind: 'predict', file, model, input: { table }, probabilities }
  const { errand = new Errand({ memoryLimit: Number.POSITIVE_INFINITY, ...limits }) } = limits
  const answers = await errand.send(task, file, limits)
  const given = isJsonObject(answers) ? answers : {}
  const { predictions } = given
  const known = classes && new Set<unknown>(classes)
  const fine = (one: unknown) => (known === null ? Number.isFinite(one) : known.has(one))
  if (!isTable(predictions, table.rows, fine))
    throw unlike(file, `a class or a finite number for each of the ${table.rows} rows`)
  if (given.probabilities === null) return { predictions, probabilities: null }
  const shares = (one: unknown) => isJsonObject(one) && Object.values(one).every(Number.isFinite)
  if (!isTable<Record<string, number>>(given.probabilities, table.rows, shares))
    throw unlike(file, 'a finite probability of each class for each row')
  return { predictions, probabilities: given.probabilities }
}

function isTable<T = string | number>(
  given: unknown,
  rows: number,
  fine: (one: unknown) => boolean,
): given is T[] {
  return Array.isArray(given) && given.length === rows && given.every(fine)
}

function unlike(file: string, law: string): EspalierError {
  return new EspalierError('TRAINER_INVALID', `a model must answer with ${law} (that of ${file} does not)`)
}

/**
 * A thread for one errand. It starts, and loads what it needs, when this is made: made before it is known what is to be
 * done, it does so meanwhile. It must be sent or ended.
 */
export class Errand {
  readonly #most: number
  readonly #worker: Worker
  readonly #thread: LiveThread
  readonly #answer: Promise<unknown>
  #settle!: { readonly resolve: (answer: unknown) => void; readonly reject: (error: EspalierError) => void }
  #file = 'a module'
  #kind: 'trainer' | 'metric' = 'trainer'
  #doing = 'imported'
  #importing: NodeJS.Timeout | undefined
  #watch: MemoryWatch | null = null
  #ending: Promise<void> | undefined

  constructor({ memoryLimit }: Pick<ErrandLimits, 'memoryLimit'> = {}) {
    this.#most = memoryLimit ?? importMemory
    const watched = Number.isFinite(this.#most)
    this.#answer = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // Whoever sends it hears of it there.
    this.#answer.catch(() => {})
    this.#worker = new Worker(compiledFile('#errand-entry'), {
      ...optionsForFiles(process.execArgv),
      resourceLimits: watched ? { maxOldGenerationSizeMb: this.#most + (canWatch ? watchRoom : 0) } : {},
    })
    this.#thread = new LiveThread(this.#worker)
    this.#worker.on('message', (reply: ErrandReply | undefined) => this.#hear(reply))
    this.#worker.on('error', (error) => this.#onError(error))
    this.#worker.on('exit', (code) =>
      this.#refuse(
        `a ${this.#kind} module must not end its process while it is ${this.#doing} (${this.#name} called process.exit, with code ${code}); leave that out`,
      ),
    )
    if (canWatch && watched) this.#watch = new MemoryWatch(this.#most, () => this.#tooLarge())
  }

  /** Sends it, and ends it when it is back; what it comes back with is yet to be checked. */
  async send(task: ErrandTask, file: string, { timeLimit, signal }: ErrandLimits): Promise<unknown> {
    this.#file = file
    if (task.kind === 'metric') this.#kind = 'metric'
    const limit = timeLimit ?? usualStartLimit
    const late = () =>
      this.#refuse(
        `a ${this.#kind} module must be imported within ${limit / 1000} s (${this.#name} is not; is there a loop, or an await that never ends, at its top?); do what takes long in its functions`,
      )
    const stop = () => this.#settle.reject(stopped(this.#name))
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    this.#importing = setTimeout(late, limit)
    this.#watch?.start().catch(() => {})
    try {
      this.#worker.postMessage(task)
      return await this.#answer
    } finally {
      signal?.removeEventListener('abort', stop)
      await this.end()
    }
  }

  async end(): Promise<void> {
    clearTimeout(this.#importing)
    this.#watch?.stop()
    // Once: by the time of another call the system may call another thread by its name.
    this.#ending ??= this.#thread.end(endLimit)
    await this.#ending
  }

  get #name(): string {
    return basename(this.#file)
  }

  #hear(reply: ErrandReply | undefined): void {
    if (reply?.kind === 'begun') this.#thread.setSystemName(reply.systemName)
    else if (reply?.kind === 'imported') {
      this.#doing = 'used'
      clearTimeout(this.#importing)
    } else if (reply?.kind === 'error') this.#settle.reject(revived(reply.error))
    else this.#settle.resolve(reply?.answer)
  }

  #onError(error: unknown): void {
    const exhausted = tooManyFiles(error)
    if (isOutOfMemory(error)) this.#tooLarge()
    else if (exhausted) this.#settle.reject(exhausted)
    else
      this.#refuse(
        `a ${this.#kind} module must be ${this.#doing} without errors (${this.#name}: ${describeThrown(error)})`,
      )
  }

  #tooLarge(): void {
    this.#refuse(
      `a ${this.#kind} module must be ${this.#doing} within its memory (${this.#name} needed more than ${this.#most} MB, and was stopped); do what takes much in its functions, or state a higher --memory-limit`,
    )
  }

  #refuse(law: string): void {
    this.#settle.reject(
      new EspalierError(this.#kind === 'metric' ? 'METRIC_INVALID' : 'TRAINER_INVALID', law),
    )
  }
}

/**
 * Node's own options for a thread that begins with a file, where it cannot have those of the process: what says of code on the command
 * line that it is a module would refuse the file. Of stated options Node refuses those of V8 and of the process, which an inherited list may have: of
 * a list that has to be stated only those stay by which modules are found and loaded.
 */
function optionsForFiles(options: readonly string[]): { execArgv?: string[] } {
  if (!options.some((option) => /^--input-type(=|$)/.test(option))) return {}
  const execArgv = options.filter((option, i) => {
    const name = option.startsWith('-') ? option : (options[i - 1] ?? '')
    return /^(-r|-C|--require|--import|--conditions|--(experimental-)?loader)(=|$)/.test(name)
  })
  return { execArgv }
}

function stopped(name: string): EspalierError {
  return new EspalierError('INTERRUPTED', `the work was stopped while ${name} was imported; start it again`)
}

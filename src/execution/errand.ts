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
import { isJsonObject, type JsonValue } from '../values.js'
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
  const described = await runErrand({ kind: 'describe', reference }, reference.file, limits)
  return checkDescription(described, `the default export of ${basename(reference.file)}`)
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
  const answers = await runErrand(task, file, { memoryLimit: Number.POSITIVE_INFINITY, ...limits })
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

/** Sends a thread on an errand; what it comes back with is yet to be checked. */
async function runErrand(task: ErrandTask, file: string, limits: ErrandLimits): Promise<unknown> {
  const { timeLimit = usualStartLimit, memoryLimit, signal } = limits
  const name = basename(file)
  if (signal?.aborted) throw stopped(name)
  const most = memoryLimit ?? importMemory
  const worker = new Worker(compiledFile('#errand-entry'), {
    workerData: task,
    resourceLimits: Number.isFinite(most)
      ? { maxOldGenerationSizeMb: most + (canWatch ? watchRoom : 0) }
      : {},
  })
  const thread = new LiveThread(worker)
  const end = new AbortController()
  try {
    return await new Promise<unknown>((resolve, reject) => {
      let doing = 'imported'
      const refuse = (law: string) => reject(new EspalierError('TRAINER_INVALID', law))
      const tooLarge = () =>
        refuse(
          `a trainer module must be ${doing} within its memory (${name} needed more than ${most} MB, and was stopped); do what takes much in its functions, or state a higher --memory-limit`,
        )
      const late = () =>
        refuse(
          `a trainer module must be imported within ${timeLimit / 1000} s (${name} is not; is there a loop, or an await that never ends, at its top?); do what takes long in its functions`,
        )
      const timer = setTimeout(late, timeLimit)
      worker.on('message', (reply: ErrandReply | undefined) => {
        if (reply?.kind === 'begun') thread.setSystemName(reply.systemName)
        else if (reply?.kind === 'imported') {
          doing = 'used'
          clearTimeout(timer)
        } else if (reply?.kind === 'error') reject(revived(reply.error))
        else resolve(reply?.answer)
      })
      worker.on('error', (error) => {
        if (isOutOfMemory(error)) tooLarge()
        else if (tooManyFiles(error)) reject(tooManyFiles(error))
        else refuse(`a trainer module must be ${doing} without errors (${name}: ${describeThrown(error)})`)
      })
      worker.on('exit', (code) =>
        refuse(
          `a trainer module must not end its process while it is ${doing} (${name} called process.exit, with code ${code}); leave that out`,
        ),
      )
      signal?.addEventListener('abort', () => reject(stopped(name)), { signal: end.signal })
      const watch = canWatch && Number.isFinite(most) ? new MemoryWatch(most, tooLarge) : null
      watch?.start().catch(() => {})
      end.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        watch?.stop()
      })
    })
  } finally {
    end.abort()
    await thread.end(endLimit)
  }
}

function stopped(name: string): EspalierError {
  return new EspalierError('INTERRUPTED', `the work was stopped while ${name} was imported; start it again`)
}

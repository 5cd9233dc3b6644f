/** The thread of an errand: it imports somebody's module, and says what came of it. */
import { basename } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { EspalierError, isEspalierError } from '../errors.js'
import { describeOpened, openMetric, openTrainer } from '../training/describe.js'
import { ownSystemName } from './live-threads.js'
import { allowWatching } from './memory-watch.js'
import type { ErrandReply, ErrandTask } from './protocol.js'
import { captureOutput } from './thread-output.js'
import { describeThrown } from './thrown.js'
import { workerError } from './worker-error.js'

const port = parentPort!
const say = (reply: ErrandReply) => port.postMessage(reply)

allowWatching()
captureOutput(() => null)
const systemName = ownSystemName()
if (systemName !== null) say({ kind: 'begun', systemName })
const refuse = (error: unknown) => say({ kind: 'error', error: workerError(error) })
const onStray = (thrown: unknown) =>
  refuse(
    new EspalierError(
      'TRAINER_INVALID',
      `a trainer module must be imported and used without errors (${describeThrown(thrown)}, thrown outside its own promises)`,
    ),
  )
process.on('uncaughtException', onStray)
process.on('unhandledRejection', onStray)
port.once('message', async (task: ErrandTask) => {
  try {
    say({ kind: 'answer', answer: await answerTo(task) })
  } catch (error) {
    refuse(error)
  }
})

function answerTo(task: ErrandTask): Promise<unknown> {
  switch (task.kind) {
    case 'describe':
      return describe(task)
    case 'metric':
      return describeMetric(task)
    case 'predict':
      return predict(task)
  }
}

async function describeMetric({ file }: ErrandTask & { kind: 'metric' }) {
  const { direction } = await openMetric(file)
  await nextTurn()
  return { direction }
}

async function describe({ reference }: ErrandTask & { kind: 'describe' }) {
  const opened = await openTrainer(reference)
  // A rejection that nobody handles surfaces now.
  await nextTurn()
  return describeOpened(opened)
}

async function predict({ file, model, input, probabilities }: ErrandTask & { kind: 'predict' }) {
  try {
    const opened = await openTrainer({ kind: 'module', file })
    say({ kind: 'imported' })
    const { loadModel } = await import('../training/index.js')
    const loaded = await loadModel(model, opened.kind === 'trainer' ? { trainer: opened.trainer } : {})
    const predictions = loaded.predictTable(input)
    return { predictions, probabilities: (probabilities && loaded.predictProbabilityTable?.(input)) || null }
  } catch (error) {
    if (isEspalierError(error)) throw error
    throw new EspalierError(
      'TRAINER_INVALID',
      `a model must be loaded and predict without errors (with ${basename(file)}: ${describeThrown(error)})`,
      { cause: error },
    )
  }
}

/**
 * The thread that works out what the records of sweeps tell, so that nobody who watches is held up by it. It reads the store itself:
 * tens of thousands of trials would take longer to send.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { surfaceOf } from '../../analysis/index.js'
import { EspalierError } from '../../errors.js'
import { insightWith, type WholeSweep } from '../../launch/insight.js'
import { judgingOf } from '../../launch/judging-record.js'
import { openStore, type ParentRun, type RunStore } from '../../tracking/index.js'
import type { Answer, Asked, Question } from './insight-messages.js'

const port = parentPort!
const { directory } = workerData as { readonly directory: string }

/** The sweep that was asked about last: more is asked about it. */
let last: { readonly id: string; readonly mark: string | undefined; readonly sweep: WholeSweep } | null = null

async function wholeSweep(store: RunStore, id: string): Promise<WholeSweep> {
  const mark = (await store.sweepMarks()).get(id)
  if (last?.id === id && last.mark === mark) return last.sweep
  const run = (await store.run(id)) as ParentRun
  const sweep = { run, trials: await store.trials(id), judging: await judgingOf(store, run) }
  last = { id, mark, sweep }
  return sweep
}

async function resultOf(store: RunStore, question: Question) {
  const sweep = await wholeSweep(store, question.sweep)
  const metric = question.metric ?? undefined
  return question.kind === 'insight'
    ? insightWith(sweep, { metric })
    : surfaceOf(sweep.run, sweep.trials, question.x, question.y, metric)
}

async function answerTo(store: RunStore, { id, question }: Asked): Promise<Answer> {
  try {
    return { id, result: await resultOf(store, question) }
  } catch (error) {
    const { code, message, problems } =
      error instanceof EspalierError
        ? error
        : new EspalierError('INTERNAL', `the sweep could not be analysed: ${(error as Error).message}`)
    return { id, error: { code, message, problems } }
  }
}

const store = await openStore(directory)
let turn: Promise<unknown> = Promise.resolve()
port.on('message', (asked: Asked) => {
  turn = turn.then(async () => port.postMessage(await answerTo(store, asked)))
})

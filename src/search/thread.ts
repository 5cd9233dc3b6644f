/**
 * A searcher off the main thread: the same suggestions bit for bit, worked out in a thread of their own, so that
 * display, recording and timeouts stay live meanwhile.
 *
 * The thread holds the history; only what has come since the last question is sent. It is warmed up while the first
 * trials train, and never keeps the process alive by itself.
 */
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { EspalierError } from '../errors.js'
import type { Space } from '../space/index.js'
import { createSearcher } from './create.js'
import type { SuggestRequest, ThreadAnswer, ThreadData } from './thread-messages.js'
import type { ObservedTrial, Searcher, SearchSettings, Suggestion } from './types.js'

interface Waiting {
  resolve(suggestion: Suggestion | null): void
  reject(error: Error): void
}

/**
 * Like `createSearcher`, but the Bayesian search works in a thread of its own (other algorithms take microseconds and
 * stay where they are). Close it when done.
 */
export async function createThreadedSearcher(space: Space, settings: SearchSettings): Promise<Searcher> {
  if (settings.algorithm !== 'bayesian') return createSearcher(space, settings)
  const data: ThreadData = { parameters: space.parameters, settings }
  const worker = new Worker(createRequire(import.meta.url).resolve('#search-thread'), {
    workerData: data,
    execArgv: [],
  })
  const waiting = new Map<number, Waiting>()
  let ended: Error | null = null
  let lastId = 0
  /** What the thread knows: how many outcomes, and the last of them. */
  let sent = 0
  let lastSent: ObservedTrial | undefined

  function endAll(error: Error): void {
    ended ??= error
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  function wait(id: number): Promise<Suggestion | null> {
    worker.ref()
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  }
  worker.on('message', (answer: ThreadAnswer) => {
    const one = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (waiting.size === 0) worker.unref()
    if ('suggestion' in answer) one?.resolve(answer.suggestion)
    else
      one?.reject(
        new EspalierError(answer.error.code, answer.error.message, { problems: answer.error.problems }),
      )
  })
  worker.on('error', (error) =>
    endAll(
      new EspalierError('INTERNAL', `the thread of the search failed: ${error.message}`, { cause: error }),
    ),
  )
  worker.on('exit', (code) =>
    endAll(new EspalierError('INTERNAL', `the thread of the search ended (exit code ${code})`)),
  )

  try {
    await wait(0)
  } catch (error) {
    await worker.terminate()
    throw error
  }

  return {
    suggest({ directions, trials, pending }, trial) {
      if (ended !== null) return Promise.reject(ended)
      // Known outcomes only ever grow; a history that is another one is sent whole.
      const goesOn = sent <= trials.length && (sent === 0 || trials[sent - 1] === lastSent)
      const from = goesOn ? sent : 0
      const request: SuggestRequest = {
        id: ++lastId,
        trial,
        directions,
        from,
        trials: trials.slice(from),
        pending,
      }
      worker.postMessage(request)
      sent = trials.length
      lastSent = trials.at(-1)
      return wait(request.id)
    },
    async close() {
      ended ??= new EspalierError('INTERNAL', 'the search was closed')
      await worker.terminate()
    },
  }
}

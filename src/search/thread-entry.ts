/** The thread of a searcher (thread.ts): holds the history and answers with suggestions, one question at a time. */
import { parentPort, workerData } from 'node:worker_threads'
import { EspalierError } from '../errors.js'
import { sobolSequence } from '../numeric/index.js'
import { createSpace, type Space } from '../space/index.js'
import { createSearcher } from './create.js'
import { parametersJson } from './parameters-json.js'
import type { SuggestRequest, ThreadAnswer, ThreadData } from './thread-messages.js'
import type { ObservedTrial, Searcher } from './types.js'

const port = parentPort!
const { parameters, settings } = workerData as ThreadData

/** The first suggestions by the model take ten times as long, while the machine learns the loops: on made-up values. */
async function warmUp(space: Space): Promise<void> {
  const sequence = sobolSequence(space.dimensions.length, 1)
  const trials = Array.from({ length: 12 }, (_, trial): ObservedTrial => {
    const params = space.decode(sequence.point(trial))
    return {
      trial,
      params,
      origin: { rule: 'initial', index: trial },
      outcome: 'finished',
      values: [Math.sin(trial)],
    }
  })
  const searcher = await createSearcher(space, { ...settings, enqueue: [], warmStart: [], replicates: 1 })
  for (let trial = 12; trial < 15; trial++) {
    const suggestion = await searcher.suggest(
      { directions: ['minimize'], trials: [...trials], pending: [] },
      trial,
    )
    if (suggestion === null) return
    trials.push({ trial, ...suggestion, outcome: 'finished', values: [Math.sin(trial)] })
  }
}

function say(answer: ThreadAnswer): void {
  port.postMessage(answer)
}

function sayError(id: number, error: unknown): void {
  if (error instanceof EspalierError) {
    say({ id, error: { code: error.code, message: error.message, problems: error.problems } })
    return
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  say({ id, error: { code: 'INTERNAL', message: `the search failed: ${message}`, problems: [] } })
}

async function start(): Promise<void> {
  let searcher: Searcher
  try {
    const space = createSpace(parametersJson(parameters))
    searcher = await createSearcher(space, settings)
    say({ id: 0, suggestion: null })
    await warmUp(space)
  } catch (error) {
    sayError(0, error)
    return
  }
  let known: ObservedTrial[] = []
  let turn: Promise<void> = Promise.resolve()
  const answer = async ({ id, trial, directions, from, trials, pending }: SuggestRequest) => {
    try {
      if (from !== known.length) known = known.slice(0, from)
      known.push(...trials)
      say({ id, suggestion: await searcher.suggest({ directions, trials: known, pending }, trial) })
    } catch (error) {
      sayError(id, error)
    }
  }
  port.on('message', (request: SuggestRequest) => {
    turn = turn.then(() => answer(request))
  })
}

await start()

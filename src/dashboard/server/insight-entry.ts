/**
 * The thread that works out what the records of sweeps tell, so that nobody who watches is held up by it. It is sent the table that
 * the server has read already: numbers in columns, which is a hundredth of what the trials are as objects, and nothing is read again.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { surfaceOf } from '../../analysis/index.js'
import { EspalierError } from '../../errors.js'
import { type AnalysedSweep, insightWith } from '../../launch/insight.js'
import { openStore } from '../../tracking/index.js'
import { TrialTable } from '../data/index.js'
import { searchedParameters } from '../gather/parameters.js'
import { analysedTrials } from '../gather/rows.js'
import type { Answer, Asked, SentSweep } from './insight-messages.js'

const port = parentPort!
const { directory } = workerData as { readonly directory: string }

/** The sweep that was sent last: more is asked about it. */
let last: Promise<AnalysedSweep> | null = null

async function received({ run, judging, table }: SentSweep): Promise<AnalysedSweep> {
  const trials =
    table === null
      ? await (await openStore(directory)).trials(run.id)
      : analysedTrials(TrialTable.decode(table), searchedParameters(run.spec), run.objective.metric)
  return { run, judging, trials }
}

async function resultOf({ question, sweep: sent }: Asked) {
  if (sent !== null) last = received(sent)
  const sweep = await last!
  const metric = question.metric ?? undefined
  return question.kind === 'insight'
    ? insightWith(sweep, { metric })
    : surfaceOf(sweep.run, sweep.trials, question.x, question.y, metric)
}

async function answerTo(asked: Asked): Promise<Answer> {
  const { id } = asked
  try {
    return { id, result: await resultOf(asked) }
  } catch (error) {
    const { code, message, problems } =
      error instanceof EspalierError
        ? error
        : new EspalierError('INTERNAL', `the sweep could not be analysed: ${(error as Error).message}`)
    return { id, error: { code, message, problems } }
  }
}

let turn: Promise<unknown> = Promise.resolve()
port.on('message', (asked: Asked) => {
  turn = turn.then(async () => port.postMessage(await answerTo(asked)))
})

/**
 * The side of requests that asks: through the process that holds the sweep where there is one, else by itself, as far as
 * that is possible.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isEspalierError } from '../errors.js'
import { type Act, type AnsweredRequest, type AskedRequest, labelsOf, type RequestAnswer } from './acts.js'
import { writeFailed } from './failures.js'
import type { Holder } from './lock.js'
import type { RequestFolder } from './requests.js'
import type { SweepRecorder } from './sweep-writer.js'

/** ms between two looks for the answer. */
const every = 60

export interface Asking {
  readonly sweep: string
  readonly request: Omit<AskedRequest, 'id'>
  readonly folder: RequestFolder
  readonly signal: AbortSignal | undefined
  /** ms that the holder has to take it up. */
  readonly patience: number
  /** Who holds the sweep and lives; null where nobody does. */
  holder(): Holder | null
  /** @throws SWEEP_LOCKED where somebody holds it after all. */
  hold(): Promise<SweepRecorder>
  /** What is on the sweep's record. */
  recorded(): Promise<readonly AnsweredRequest[]>
}

export async function ask(asking: Asking): Promise<RequestAnswer> {
  for (;;) {
    const holder = asking.holder()
    const answer = holder === null ? await askNobody(asking) : await askHolder(asking, holder)
    // Whoever held it is gone, or somebody holds it now.
    if (answer !== null) return answer
  }
}

async function askHolder(asking: Asking, holder: Holder): Promise<RequestAnswer | null> {
  const { folder, request, signal, patience, sweep } = asking
  const id = await folder.ask(request).catch((error) => {
    throw writeFailed(folder.path, error)
  })
  const began = performance.now()
  let seen = holder
  for (;;) {
    await sleep(every, undefined, { signal }).catch(() => {})
    const state = await folder.state(id)
    const now = asking.holder()
    if (state === 'gone') {
      const found = (await asking.recorded()).find((one) => one.id === id)
      if (found !== undefined) return answerOf(found)
      return unanswered(
        id,
        'the process that runs the sweep did not understand it: is it of another version?',
      )
    }
    if (now !== null) seen = now
    if (state === 'taken') {
      if (now !== null) continue
      // It may have been answered between the two looks.
      if ((await folder.state(id)) === 'gone') continue
      return unanswered(
        id,
        `the process that ran the sweep took it up and ended before it answered; it is answered when the sweep goes on: espalier resume ${sweep}`,
      )
    }
    const waited = performance.now() - began
    if (now !== null && signal?.aborted !== true && waited < patience) continue
    if (!(await folder.takeBack(id))) continue
    if (now === null) return null
    const why = signal?.aborted
      ? 'it was taken back'
      : `process ${seen.pid} on ${seen.host} holds the sweep and has not taken it up in ${patience / 1000} s: it is busy, or of a version that takes no requests; it was taken back`
    return unanswered(id, why)
  }
}

/** Labels are put on at once; all else needs somebody who runs the sweep. null where somebody holds it now. */
async function askNobody({ hold, request, sweep }: Asking): Promise<RequestAnswer | null> {
  if (labelsOf(request.act) === null)
    return { id: '', outcome: 'refused', message: refusalOf(request.act, sweep), trial: null }
  let recorder: SweepRecorder
  try {
    recorder = await hold()
  } catch (error) {
    if (isEspalierError(error) && error.code === 'SWEEP_LOCKED') return null
    throw error
  }
  try {
    return answerOf(await recorder.answerLabel(request))
  } finally {
    await recorder.close()
  }
}

function refusalOf({ kind }: Act, sweep: string): string {
  switch (kind) {
    case 'stop':
      return 'the sweep does not run: there is nothing to stop'
    case 'end-trial':
      return 'the sweep does not run: no trial of it does'
    default:
      return `the sweep does not run; it goes on, and to more trials, with: espalier resume ${sweep} --trials N`
  }
}

function answerOf({ id, outcome, message, trial }: AnsweredRequest): RequestAnswer {
  return { id, outcome, message, trial }
}

function unanswered(id: string, message: string): RequestAnswer {
  return { id, outcome: 'unanswered', message, trial: null }
}

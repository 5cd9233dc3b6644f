/** `runs ask`: what a running sweep is asked to do, and what becomes of it. */
import { EspalierError } from '../../errors.js'
import type { Act, RequestAnswer } from '../../tracking/index.js'
import { isJsonObject, type Params } from '../../values.js'
import { plain, print, printJson } from '../output.js'
import { findSweep, openStoreOf } from './common.js'

type Askable = 'stop' | 'extend' | 'enqueue' | 'end-trial'

export async function askSweep(
  id: string,
  kind: Askable,
  given: readonly string[],
  options: { store?: string; json?: boolean },
): Promise<void> {
  const act = actOf(kind, given)
  const store = await openStoreOf(options)
  const sweep = await findSweep(store, id)
  const answer = await store.ask(sweep.id, act)
  if (options.json) printJson(answer)
  else print(`sweep ${sweep.id}: ${inWords(answer)}`)
  process.exitCode = exitCodes[answer.outcome]
}

/** What was asked could not be done, or nobody did it. */
const exitCodes = { done: 0, refused: 2, unanswered: 1 } as const

function inWords({ outcome, message }: RequestAnswer): string {
  return `${outcome === 'done' ? '' : `${outcome}: `}${plain(message)}`
}

function actOf(kind: Askable, given: readonly string[]): Act {
  const law = laws[kind]
  if (given.length !== (law === null ? 0 : 1)) {
    throw new EspalierError(
      'USAGE',
      `"${kind}" takes ${law === null ? 'nothing more' : law} (got ${given.length === 0 ? 'nothing' : given.join(' ')})`,
    )
  }
  switch (kind) {
    case 'stop':
      return { kind }
    case 'extend':
      return { kind, by: wholeNumber(kind, given[0]) }
    case 'end-trial':
      return { kind, trial: wholeNumber(kind, given[0]) }
    case 'enqueue':
      return { kind, params: paramsOf(given[0]) }
  }
}

const laws: Readonly<Record<Askable, string | null>> = {
  stop: null,
  extend: 'how many trials more',
  enqueue: 'the params as JSON: \'{"k": 3}\'',
  'end-trial': 'the number of a trial',
}

function wholeNumber(kind: Askable, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new EspalierError('USAGE', `"${kind}" takes ${laws[kind]} (got ${text})`)
}

function paramsOf(text: string): Params {
  let params: unknown
  try {
    params = JSON.parse(text)
  } catch {}
  if (isJsonObject(params)) return params as Params
  throw new EspalierError('USAGE', `"enqueue" takes ${laws.enqueue} (got ${text.slice(0, 80)})`)
}

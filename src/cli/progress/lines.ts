/**
 * Progress where there is no terminal: one line a trial. A sweep of very many trials gets a line a second at
 * most; a new best always gets its own.
 */
import * as format from '../format.js'
import { plain, reasonLine } from '../output.js'
import { askedLine, type Ended, headline, SweepState } from './state.js'
import type { Progress } from './types.js'

/** So many trials get a line each. */
const eachMs = 200
const interval = 1

/** @param now a clock, in ms. */
export function lines(write: (line: string) => void, now?: () => number): Progress {
  const state = new SweepState(now)
  let latest = Number.NEGATIVE_INFINITY
  const trialEnded = (event: Ended) => {
    if (event.best || state.started!.trials <= eachMs) return write(trialLine(event, state))
    if (state.seconds - latest < interval) return
    latest = state.seconds
    const best = state.best ? `, best ${format.number(state.best.value)} (trial ${state.best.trial})` : ''
    const failed = state.failed > 0 ? `, ${state.failed} failed` : ''
    const left = state.left === null ? '' : `, ${format.clock(state.left)} left`
    const { trials, budget } = state.started!
    const of = budget === null ? `${state.done} of ${trials} trials` : format.count(state.done, 'trial')
    write(`${of}${best}${failed}${left}`)
  }
  return {
    event(event) {
      const { closing } = state
      state.take(event)
      if (event.type === 'started') write(headline(event))
      else if (event.type === 'trial-ended') trialEnded(event)
      else if (event.type === 'attempt-failed')
        write(
          `trial ${event.trial} failed and is tried again: ${event.error.code}: ${reasonLine(event.error.message)}`,
        )
      else if (event.type === 'asked') write(askedLine(event))
      else if (event.type === 'warning') write(`warning: ${reasonLine(event.message)}`)
      else if (event.type === 'stopping' && closing === null) write(state.closing!)
    },
    line: write,
    end() {},
  }
}

function trialLine(event: Ended, state: SweepState): string {
  const metric = plain(state.started!.objective.metric)
  const took = `in ${format.seconds(event.seconds)}`
  const head = `trial ${event.trial} ${event.status}`
  if (event.error) return `${head} ${took}: ${event.error.code}: ${reasonLine(event.error.message)}`
  const value = event.value === null ? '' : `: ${metric} ${format.number(event.value)}`
  return `${head} ${took}${value}${event.best ? ', the best so far' : ''}`
}

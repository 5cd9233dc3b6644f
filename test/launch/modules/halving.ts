// An objective of one's own in TypeScript: the error halves at every step, towards a floor the params decide.
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { defineObjective } from 'espalier'

export default defineObjective({
  name: 'halving',
  async objective({ x, wait = 0, stopped = '' }, context) {
    let error = 1
    if (stopped) writeFileSync(`${stopped}${context.trial}`, 'running')
    try {
      for (let step = 0; step < 6; step++) {
        error = (error + (Number(x) - 0.3) ** 2) / 2
        const answer = await context.report(step, { error })
        if (answer === 'prune') break
        if (wait) await delay(Number(wait), undefined, { signal: context.signal })
      }
    } finally {
      if (stopped && context.signal.aborted) writeFileSync(`${stopped}${context.trial}`, 'asked to stop')
    }
    context.artifact('notes/trial.txt', `x = ${x}\n`)
    return { error, distance: Math.abs(Number(x) - 0.3) }
  },
})

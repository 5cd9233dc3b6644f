/** Progress on a terminal: a few lines on stderr, redrawn in place at most ten times a second. */
import { createLogUpdate } from 'log-update'
import { createColors } from 'picocolors'
import { reasonLine, wantsColour } from '../output.js'
import { Failures } from './failures.js'
import { frame } from './frame.js'
import { askedLine, headline, SweepState } from './state.js'
import type { Progress } from './types.js'

const interval = 100

export function bar(stream: NodeJS.WriteStream = process.stderr): Progress {
  const state = new SweepState()
  const failures = new Failures()
  const colours = createColors(wantsColour(stream))
  const update = createLogUpdate(stream)

  const draw = () => {
    if (state.started)
      update(frame(state, { columns: stream.columns || 80, rows: stream.rows || 24 }, colours))
  }
  // The clock moves on even where no trial ends.
  const timer = setInterval(draw, interval)

  /** Writes a line that stays, above the bar. */
  const line = (text: string) => {
    update.persist(text)
    draw()
  }
  const failed = (text: string | null) => {
    if (text !== null) line(`${colours.red('failed:')} ${text}`)
  }
  return {
    event(event) {
      state.take(event)
      if (event.type === 'started') line(headline(event))
      else if (event.type === 'trial-ended') failed(failures.ended(event))
      else if (event.type === 'attempt-failed') failed(failures.attempt(event))
      else if (event.type === 'warning') line(`${colours.yellow('warning:')} ${reasonLine(event.message)}`)
      else if (event.type === 'asked') line(askedLine(event))
      else if (event.type === 'stopping') draw()
    },
    line,
    end() {
      clearInterval(timer)
      failed(failures.rest())
      update.clear()
      update.done()
    },
  }
}

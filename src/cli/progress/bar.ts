/** Progress on a terminal: a few lines on stderr, redrawn in place at most ten times a second. */
import { createLogUpdate } from 'log-update'
import { createColors } from 'picocolors'
import * as format from '../format.js'
import { plain, wantsColour } from '../output.js'
import { askedLine, headline, SweepState } from './state.js'
import type { Progress } from './types.js'

const interval = 100
const longestBar = 40

export function bar(stream: NodeJS.WriteStream = process.stderr): Progress {
  const state = new SweepState()
  const colours = createColors(wantsColour(stream))
  const update = createLogUpdate(stream)

  const draw = () => {
    if (state.started) update(frame(state, stream.columns || 80, colours))
  }
  // The clock moves on even where no trial ends.
  const timer = setInterval(draw, interval)

  /** Writes a line that stays, above the bar. */
  const line = (text: string) => {
    update.persist(text)
    draw()
  }
  return {
    event(event) {
      state.take(event)
      if (event.type === 'started') line(headline(event))
      else if (event.type === 'warning') line(`${colours.yellow('warning:')} ${plain(event.message)}`)
      else if (event.type === 'asked') line(askedLine(event))
      else if (event.type === 'stopping') draw()
    },
    line,
    end() {
      clearInterval(timer)
      update.clear()
      update.done()
    },
  }
}

/** The lines, none longer than the terminal is wide. */
function frame(state: SweepState, columns: number, colours: ReturnType<typeof createColors>): string {
  const { closing } = state
  const { trials, budget, objective } = state.started!
  const width = columns - 1
  const rate = state.rate
  const left = state.left
  const figures = [
    budget === null ? `${state.done}/${trials}` : format.count(state.done, 'trial'),
    rate === null ? format.clock(state.seconds) : rateText(rate),
    ...(left === null || closing ? [] : [`${format.clock(left)} left`]),
  ].join('  ')
  const room = Math.min(longestBar, width - figures.length - 2)
  const filled = Math.max(0, Math.min(room, Math.floor(state.share * room)))
  const drawn =
    room < 5 ? '' : `${colours.green('█'.repeat(filled))}${colours.dim('░'.repeat(room - filled))}  `
  const best =
    state.best === null
      ? 'no finished trial yet'
      : `best ${plain(objective.metric)} ${format.number(state.best.value)} (trial ${state.best.trial})`
  const lost = [
    ...(state.failed > 0 ? [`${state.failed} failed`] : []),
    ...(state.pruned > 0 ? [`${state.pruned} pruned`] : []),
  ]
  const below = [[best, ...lost].join(', '), ...(closing ? [closing] : [])]
  return [`${drawn}${figures.slice(0, width)}`, ...below.map((line) => line.slice(0, width))].join('\n')
}

function rateText(rate: number): string {
  return rate >= 0.1 ? `${Number(rate.toPrecision(2))}/s` : `${Number((rate * 60).toPrecision(2))}/min`
}

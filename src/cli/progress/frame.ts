/** What is drawn of a running sweep on a terminal: its bar, a chart of the best so far, the trials that run. */
import type { createColors } from 'picocolors'
import { stepChart } from '../chart.js'
import * as format from '../format.js'
import { plain } from '../output.js'
import { cut } from '../room.js'
import type { RunningTrial, SweepState } from './state.js'

type Colours = ReturnType<typeof createColors>

/** Characters and lines of a terminal. */
export interface Screen {
  readonly columns: number
  readonly rows: number
}

const longestBar = 40
/** On smaller screens there is no chart; and lines for trials only as far as there is room beside those above. */
const chartNeeds: Screen = { columns: 50, rows: 16 }
const chart = { width: 40, height: 3, labels: 16 }
const mostTrials = 6
/** Lines that are left to what was there before. */
const linesKept = 8
/** Seconds that a trial has run when it gets a line: of shorter ones nobody could read any. */
const shownAfter = 1

/** The lines, none longer than the terminal is wide, and fewer than it is high. */
export function frame(state: SweepState, screen: Screen, colours: Colours): string {
  const width = screen.columns - 1
  const { closing } = state
  const below = [summary(state), ...(closing ? [closing] : [])]
  const fitting = (line: string) => cut(line, width)
  const above = [barLine(state, width, colours), ...below.map(fitting), ...bestLines(state, screen, colours)]
  const left = Math.min(mostTrials, screen.rows - linesKept - above.length)
  return [...above, ...trialLines(state, left).map((line) => colours.dim(fitting(line)))].join('\n')
}

function barLine(state: SweepState, width: number, colours: Colours): string {
  const { trials, budget } = state.started!
  const rate = state.rate
  const left = state.left
  const figures = [
    budget === null ? `${state.done}/${trials}` : format.count(state.done, 'trial'),
    rate === null ? format.clock(state.seconds) : rateText(rate),
    ...(left === null || state.closing ? [] : [`${format.clock(left)} left`]),
  ].join('  ')
  const room = Math.min(longestBar, width - figures.length - 2)
  const filled = Math.max(0, Math.min(room, Math.floor(state.share * room)))
  const drawn =
    room < 5 ? '' : `${colours.green('█'.repeat(filled))}${colours.dim('░'.repeat(room - filled))}  `
  return `${drawn}${figures.slice(0, width)}`
}

function summary(state: SweepState): string {
  const { metric } = state.started!.objective
  const best =
    state.best === null
      ? 'no finished trial yet'
      : `best ${plain(metric)} ${format.number(state.best.value)} (trial ${state.best.trial})`
  const lost = [
    ...(state.failed > 0 ? [`${state.failed} failed`] : []),
    ...(state.pruned > 0 ? [`${state.pruned} pruned`] : []),
  ]
  return [best, ...lost].join(', ')
}

/** The best so far, over all trials that the sweep comes to: the line grows as the bar does. */
function bestLines(state: SweepState, { columns, rows }: Screen, colours: Colours): string[] {
  if (columns < chartNeeds.columns || rows < chartNeeds.rows) return []
  const { trials, budget, objective, done } = state.started!
  const ended = state.done - done
  const all = budget === null ? Math.max(ended, trials - done) : ended
  const { direction } = objective
  const width = Math.min(chart.width, columns - 1 - chart.labels)
  const drawn = stepChart(
    state.improvements,
    { ended, trials: all, direction },
    { width, height: chart.height },
  )
  if (drawn === null) return []
  const labels = [format.number(drawn.high), `trials 0 … ${done + all - 1}`, format.number(drawn.low)]
  return drawn.lines.map((line, row) => `${colours.cyan(line)} ${cut(labels[row], chart.labels - 1)}`)
}

/** Trials that have run for a while, with what they reported last. */
function trialLines(state: SweepState, most: number): string[] {
  const shown = state.runningFor(shownAfter)
  if (most < 1 || shown.length === 0) return []
  const fits = shown.length <= most ? shown : shown.slice(0, most - 1)
  const left = shown.length - fits.length
  return [
    ...fits.map((trial) => trialLine(trial, state.started!.objective.metric)),
    ...(left === 0 ? [] : [`and ${left} more`]),
  ]
}

function trialLine({ trial, seconds, latest }: RunningTrial, metric: string): string {
  const head = `trial ${trial}  ${format.clock(seconds)}`
  if (latest === null) return head
  const { fold, step, metrics } = latest
  const name = Object.hasOwn(metrics, metric) ? metric : Object.keys(metrics)[0]
  const value = name === undefined ? '' : `  ${plain(name)} ${format.metric(name, metrics[name])}`
  return `${head}  ${fold === null ? '' : `fold ${fold}, `}step ${step}${value}`
}

function rateText(rate: number): string {
  return rate >= 0.1 ? `${Number(rate.toPrecision(2))}/s` : `${Number((rate * 60).toPrecision(2))}/min`
}

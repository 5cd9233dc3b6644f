/** Learning curves: a metric by step of several trials, training and validation together, with how each trial ended. */
import { line } from 'd3-shape'
import type { MetricHistory } from '../../../tracking/index.js'
import type { Direction } from '../../../values.js'
import type { TrialSteps } from '../../data/index.js'
import { drawBottomAxis, drawLeftAxis, fitted, leftRoom, numberAxis } from './axes.js'
import { goodness, rampOf } from './colours.js'
import { circle, cross, type Drawing, write, writeAbove } from './drawing.js'
import { markRoom, spread, writeNamed } from './labels.js'
import { emptyPicture, type Frame, type Picture } from './picture.js'
import { extentOf, quantile, smoothed, sorted } from './statistics.js'
import { type SweepData, trialHit } from './trial.js'

/** A metric, or one of training with its like of validation. */
export interface Curve {
  readonly main: string
  readonly training: string | null
}

export interface StepsOptions {
  readonly curve: Curve
  readonly logX: boolean
  readonly logY: boolean
  /** Weight of what came before, 0 … 1. */
  readonly smoothing: number
  /** What a step is called. */
  readonly step: string
}

/** Of more curves than this, lines of training are drawn only of the one that is pointed at. */
export const trainingUpTo = 24
/** Curves that are few enough to be told apart by colours of their own, and named at their ends. */
const nameable = 6

const validation = /^(val|valid|validation|test|eval|dev)(?=[_\-. /:A-Z])[_\-. /:]?/
const trainingWords = ['train', 'training', 'fit']

/** Metrics by step as they belong together: `val_loss` with `loss`, `validationError` with `trainError`. */
export function curvesOf(names: readonly string[]): Curve[] {
  const byStem = new Map(names.map((name) => [bare(name), name]))
  const taken = new Set<string>()
  const pairs = new Map<string, string>()
  for (const name of names) {
    const prefix = validation.exec(name)
    if (prefix === null) continue
    const stem = bare(name.slice(prefix[0].length))
    const like = [stem, ...trainingWords.map((word) => word + stem)].map((one) => byStem.get(one))
    const training = like.find((one) => one !== undefined && one !== name)
    if (training === undefined) continue
    pairs.set(name, training)
    taken.add(training)
  }
  return names.filter((name) => !taken.has(name)).map((main) => ({ main, training: pairs.get(main) ?? null }))
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[_\-. /:]/g, '')
}

interface Drawn {
  readonly trial: number
  readonly status: TrialSteps['status']
  readonly row: number
  readonly main: MetricHistory | null
  readonly training: MetricHistory | null
}

/** @param trials best first. */
export function stepsPicture(
  frame: Frame,
  data: SweepData,
  trials: readonly TrialSteps[],
  options: StepsOptions,
): Picture {
  const { theme, measure, width, height } = frame
  const { curve, step } = options
  const drawn = trials.flatMap(({ trial, status, history }): Drawn[] => {
    // A metric may be called as what every object has.
    const of = (name: string) => (Object.hasOwn(history, name) ? history[name] : null)
    const main = of(curve.main)
    const training = curve.training === null ? null : of(curve.training)
    const row = data.table.rowOf(trial)
    return row === undefined || (main === null && training === null)
      ? []
      : [{ trial, status, row, main, training }]
  })
  const histories = drawn.flatMap(({ main, training }) => [main, training]).filter((one) => one !== null)
  const steps = extentOf(...histories.map((one) => one.steps))
  const range = curveRange(histories)
  if (steps === null || range === null)
    return emptyPicture(frame, `None of these trials reported ${curve.main} by ${step}.`)
  const few = drawn.length <= nameable && width >= 520
  const [top, bottom] = [32, height - 44]
  const y = numberAxis({ ...range, log: options.logY && range.min > 0, integer: false }, bottom - 4, top, {
    gap: 50,
  })
  const left = leftRoom(y, measure)
  const right = width - (few ? 78 + markRoom : 12)
  const log = options.logX && steps.min >= 0
  // A log axis has no place for step 0: it begins a step later.
  const x = numberAxis(
    { min: log ? Math.max(1, steps.min) : steps.min, max: steps.max, log, integer: true },
    left + 4,
    right - 4,
  )
  const bound = (value: number) => Math.min(bottom, Math.max(top - 4, y.at(value)))
  const pointsOf = ({ steps: at, values }: MetricHistory) =>
    at.map((one, k): [number, number] => [x.at(one), bound(values[k])])
  const smooth = (history: MetricHistory) => ({
    ...history,
    values: smoothed(history.values, options.smoothing),
  })
  const colourOf = colours(frame, data, drawn, few)
  const ended = drawn.map((one) => {
    const history = one.main ?? one.training!
    const points = pointsOf(options.smoothing > 0 ? smooth(history) : history)
    return { one, points, end: points[points.length - 1] }
  })
  const trace = (on: Drawing, points: readonly [number, number][]) => {
    on.beginPath()
    line<[number, number]>()
      .defined(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
      .context(on as never)(points as [number, number][])
    on.stroke()
  }
  const alpha = Math.max(0.25, Math.min(1, 12 / drawn.length))
  const drawCurve = (
    on: Drawing,
    one: Drawn,
    colour: string,
    breadth: number,
    opacity: number,
    both: boolean,
  ) => {
    on.strokeStyle = colour
    on.lineJoin = 'round'
    for (const [history, isMain] of [
      [one.training, false],
      [one.main, true],
    ] as const) {
      if (history === null || (!isMain && !both && one.main !== null)) continue
      on.setLineDash(isMain || one.main === null ? [] : [4, 3])
      if (options.smoothing > 0) {
        on.globalAlpha = opacity * 0.22
        on.lineWidth = 1
        trace(on, pointsOf(history))
      }
      on.globalAlpha = opacity * (isMain ? 1 : 0.75)
      on.lineWidth = isMain ? breadth : breadth * 0.75
      trace(on, pointsOf(options.smoothing > 0 ? smooth(history) : history))
    }
    on.setLineDash([])
    on.globalAlpha = 1
  }
  const tell = (index: number, k: number) => {
    const { one, points } = ended[index]
    const history = one.main ?? one.training!
    const hit = trialHit(data, one.row, points[k][0], points[k][1])
    const lines: [string, string][] = [
      [`${step} ${history.steps[k]}`, String(Number(history.values[k].toPrecision(5)))],
    ]
    const beside = one.main === null ? -1 : (one.training?.steps.indexOf(history.steps[k]) ?? -1)
    if (beside >= 0)
      lines.push([curve.training!, String(Number(one.training!.values[beside].toPrecision(5)))])
    return { ...hit, lines: [...lines, ...hit.lines] }
  }
  return {
    draw(on) {
      drawLeftAxis(on, theme, y, left, right)
      drawBottomAxis(on, theme, { ...x, from: left, to: right }, bottom, measure, { label: step })
      write(on, theme, fitted(curve.main, width / 2, measure), 0, 14, { colour: theme.text })
      if (curve.training !== null) drawKinds(on, frame, curve, few ? width : right)
      // The best last, on top.
      for (const { one } of [...ended].reverse())
        drawCurve(on, one, colourOf(one), few ? 1.75 : 1.25, alpha, drawn.length <= trainingUpTo)
      for (const { one, end } of ended) drawEnd(on, frame, one, end, colourOf(one))
      if (!few) return
      const labels = ended.map(({ one, end }) => ({
        y: end[1],
        text: `trial ${one.trial}`,
        colour: colourOf(one),
      }))
      for (const { label, at } of spread(labels, 15, top, bottom)) writeNamed(on, theme, label, right + 6, at)
    },
    mark(on, trial) {
      const found = ended.find(({ one }) => one.trial === trial)
      if (found === undefined) return
      drawCurve(on, found.one, theme.surface, 5, 0.9, true)
      drawCurve(on, found.one, theme.highlight, 2.25, 1, true)
      const text = `trial ${trial}`
      if (!few)
        writeAbove(
          on,
          theme,
          text,
          Math.min(found.end[0], right - measure(text) - 4),
          found.end[1] - 12,
          measure(text),
          { colour: theme.text },
        )
    },
    hit(px, py) {
      let least = 18
      let found: [number, number] | null = null
      for (const [index, { points }] of ended.entries())
        for (const [k, [cx, cy]] of points.entries()) {
          const distance = Math.hypot(cx - px, cy - py)
          if (distance >= least) continue
          least = distance
          found = [index, k]
        }
      return found === null ? null : tell(...found)
    },
    hitOf(trial) {
      const index = ended.findIndex(({ one }) => one.trial === trial)
      return index < 0 ? null : tell(index, ended[index].points.length - 1)
    },
    order: () => drawn.map(({ trial }) => trial),
  }
}

/** All but what leaps far out of the picture: one step of a curve that diverged would flatten all others. */
function curveRange(histories: readonly MetricHistory[]) {
  const values = sorted(histories.flatMap((one) => one.values))
  if (values.length === 0) return null
  const [low, high] = [quantile(values, 0.01), quantile(values, 0.99)]
  const reach = (high - low) * 0.75
  return {
    min: Math.max(values[0], low - reach),
    max: Math.min(values[values.length - 1], high + reach),
  }
}

function colours(
  { theme }: Frame,
  { head, table }: SweepData,
  drawn: readonly Drawn[],
  few: boolean,
): (one: Drawn) => string {
  if (few || drawn.length <= nameable) {
    const places = new Map(drawn.map(({ trial }, place) => [trial, place]))
    return ({ trial }) => theme.kinds[(places.get(trial) ?? 0) % theme.kinds.length]
  }
  const direction: Direction = head.entry.objective.direction
  const values = table.numbers('value')
  const { of } = goodness(
    drawn.map(({ row }) => values[row]),
    direction,
  )
  const ramp = rampOf(theme)
  return ({ row }) =>
    Number.isFinite(values[row]) ? ramp[Math.round(of(values[row]) * (ramp.length - 1))] : theme.faint
}

/** Where a trial was stopped, or failed. */
function drawEnd(
  on: Drawing,
  { theme }: Frame,
  { status }: Drawn,
  end: readonly [number, number] | undefined,
  colour: string,
): void {
  if (end === undefined || !Number.isFinite(end[0]) || !Number.isFinite(end[1])) return
  on.lineWidth = 1.5
  if (status === 'failed') {
    on.strokeStyle = theme.failed
    cross(on, end[0], end[1], 3.5)
  } else if (status === 'pruned' || status === 'running') {
    circle(on, end[0], end[1], 3.5)
    on.fillStyle = theme.surface
    on.fill()
    on.strokeStyle = status === 'pruned' ? theme.pruned : theme.running
    on.stroke()
  } else {
    circle(on, end[0], end[1], 2)
    on.fillStyle = colour
    on.fill()
  }
}

/** Which line is which, in words. */
function drawKinds(
  on: Drawing,
  { theme, measure, width }: Frame,
  { main, training }: Curve,
  right: number,
): void {
  let x = right
  for (const [text, dash] of [
    [fitted(training ?? '', width / 5, measure), [4, 3]],
    [fitted(main, width / 5, measure), []],
  ] as const) {
    x -= measure(text)
    write(on, theme, text, x, 14)
    on.strokeStyle = theme.muted
    on.lineWidth = 1.5
    on.setLineDash([...dash])
    on.beginPath()
    on.moveTo(x - 24, 10)
    on.lineTo(x - 6, 10)
    on.stroke()
    on.setLineDash([])
    x -= 38
  }
}

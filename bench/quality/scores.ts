/**
 * From runs to figures.
 *
 * The value of a method after b trials is the true loss of the trial with the best told value. With clip = the median
 * of random search's values at b on that instance of the task, and best = the smallest loss that any run found there,
 * whatever its method, length and number in flight:
 *
 *   score = 100 · clip to [−1, 1] of 1 − (value − best)/(clip − best); where random search's median is the best
 *           already, 100 for the best and −100 for anything else
 *   area  = mean of the score after 1, 2 … b trials (clip and best as at b)
 *   rank  = by value among the methods of the table, ties shared
 *   reach = trials until the value is as good as the first peer's at b, over b (2 where it never is)
 *
 * Means are over seeds, then tasks; the standard error is that of the mean over tasks. A cell is a task and an instance.
 */
import { normalDistribution } from '../../src/numeric/index.js'
import { cellOf, type Run } from './runs.js'

export interface Figures {
  readonly method: string
  readonly score: number
  readonly scoreError: number
  readonly area: number
  readonly areaError: number
  readonly rank: number
  readonly reach: number
  readonly milliseconds: number
  /** Cells. */
  readonly runs: number
  readonly scoreByTask: ReadonlyMap<string, number>
}

/** How far `a` is ahead of `b`, task by task: mean difference of the scores, its standard error, and Wilcoxon's p. */
export function lead(a: Figures, b: Figures): { difference: number; error: number; p: number } {
  return leadOf([...a.scoreByTask].map(([task, score]) => score - b.scoreByTask.get(task)!))
}

const leadOf = (differences: readonly number[]) => ({
  difference: mean(differences),
  error: standardError(differences),
  p: signedRank(differences),
})

/** Two-sided p of Wilcoxon's signed-rank test, by the normal approximation with ties shared. */
export function signedRank(differences: readonly number[]): number {
  const sizes = differences.filter((v) => v !== 0).sort((x, y) => Math.abs(x) - Math.abs(y))
  const n = sizes.length
  if (n === 0) return 1
  const ranks = sizes.map((v) => {
    const below = sizes.filter((w) => Math.abs(w) < Math.abs(v)).length
    const equal = sizes.filter((w) => Math.abs(w) === Math.abs(v)).length
    return below + (equal + 1) / 2
  })
  const positive = ranks.reduce((sum, rank, i) => sum + (sizes[i] > 0 ? rank : 0), 0)
  const variance = ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4
  const z = Math.abs(positive - (n * (n + 1)) / 4) / Math.sqrt(variance)
  return 2 * normalDistribution(-z)
}

/** True loss of the trial with the best told value, after 1, 2 … trials. */
export function bestSoFar({ told, losses }: Run): number[] {
  let best = 0
  return losses.map((_, k) => {
    if (told[k] < told[best]) best = k
    return losses[best]
  })
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

function standardError(values: readonly number[]): number {
  const middle = mean(values)
  const squares = values.reduce((sum, v) => sum + (v - middle) ** 2, 0)
  return Math.sqrt(squares / Math.max(1, values.length - 1) / values.length)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** What the losses of a cell are measured by. */
export interface Scale {
  readonly best: number
  readonly random: readonly Run[]
}

/** The scales of all cells, from all runs that there are. */
export function scalesOf(runs: readonly Run[]): Map<string, Scale> {
  const scales = new Map<string, { best: number; random: Run[] }>()
  for (const run of runs) {
    const cell = cellOf(run)
    const scale = scales.get(cell) ?? { best: Number.POSITIVE_INFINITY, random: [] }
    scale.best = Math.min(scale.best, ...run.losses)
    if (run.method === 'random') scale.random.push(run)
    scales.set(cell, scale)
  }
  return scales
}

/** The score of a value after `budget` trials; null where random search has no such runs. */
function scoring({ best, random }: Scale, budget: number): ((value: number) => number) | null {
  const long = random.filter(({ losses }) => losses.length >= budget)
  if (long.length === 0) return null
  const clip = median(long.map((run) => bestSoFar(run)[budget - 1]))
  return (value) =>
    clip > best
      ? 100 * Math.max(-1, Math.min(1, 1 - (value - best) / (clip - best)))
      : value <= best
        ? 100
        : -100
}

/** The runs of each cell by method, of those that have `budget` trials the shortest: the one that was planned for the fewest. */
function cellsOf(runs: readonly Run[], budget: number): Map<string, Map<string, Run>> {
  const cells = new Map<string, Map<string, Run>>()
  for (const run of runs) {
    if (run.losses.length < budget) continue
    const cell = cellOf(run)
    if (!cells.has(cell)) cells.set(cell, new Map())
    const byMethod = cells.get(cell)!
    const known = byMethod.get(run.method)
    if (known === undefined || run.losses.length < known.losses.length) byMethod.set(run.method, run)
  }
  return cells
}

/** Two methods after `budget` trials, over the cells that both have played. */
export interface Comparison {
  readonly tasks: number
  readonly cells: number
  readonly scores: readonly [ours: number, its: number]
  /** Ours less its, task by task: mean, its standard error, and Wilcoxon's p over the tasks. */
  readonly difference: number
  readonly error: number
  readonly p: number
  /** Shares of the cells in which our value was the better one, the same, and the worse one. */
  readonly won: number
  readonly tied: number
  readonly lost: number
  /** Mean time of a suggestion. */
  readonly milliseconds: readonly [ours: number, its: number]
}

/** `ours` beside `peer`; null where they have no cell in common. */
export function compare(
  ours: string,
  peer: string,
  runs: readonly Run[],
  scales: ReadonlyMap<string, Scale>,
  budget: number,
): Comparison | null {
  const byTask = new Map<string, { ours: number[]; its: number[] }>()
  const times: [number[], number[]] = [[], []]
  let [won, tied, lost] = [0, 0, 0]
  for (const [cell, byMethod] of cellsOf(runs, budget)) {
    const pair = [byMethod.get(ours), byMethod.get(peer)]
    const score = scoring(scales.get(cell)!, budget)
    if (pair[0] === undefined || pair[1] === undefined || score === null) continue
    const [a, b] = pair.map((run) => bestSoFar(run!)[budget - 1])
    const { task } = pair[0]
    const scores = byTask.get(task) ?? { ours: [], its: [] }
    scores.ours.push(score(a))
    scores.its.push(score(b))
    byTask.set(task, scores)
    if (a < b) won++
    else if (a > b) lost++
    else tied++
    pair.forEach((run, i) => {
      times[i].push(mean(run!.milliseconds.slice(0, budget)))
    })
  }
  const cells = won + tied + lost
  if (cells === 0) return null
  const means = [...byTask.values()].map((scores) => [mean(scores.ours), mean(scores.its)])
  return {
    tasks: byTask.size,
    cells,
    scores: [mean(means.map(([a]) => a)), mean(means.map(([, b]) => b))],
    ...leadOf(means.map(([a, b]) => a - b)),
    won: won / cells,
    tied: tied / cells,
    lost: lost / cells,
    milliseconds: [mean(times[0]), mean(times[1])],
  }
}

/** Figures of `methods` after `budget` trials, over the cells that all of them have played. */
export function figures(
  methods: readonly string[],
  runs: readonly Run[],
  scales: ReadonlyMap<string, Scale>,
  budget: number,
  peer: string,
): Figures[] {
  const collected = methods.map(() => ({
    score: new Map<string, number[]>(),
    area: new Map<string, number[]>(),
    rank: new Map<string, number[]>(),
    reach: new Map<string, number[]>(),
    times: [] as number[],
  }))
  const push = (map: Map<string, number[]>, task: string, value: number) => {
    if (!map.has(task)) map.set(task, [])
    map.get(task)!.push(value)
  }
  let played = 0
  for (const [cell, byMethod] of cellsOf(runs, budget)) {
    const score = scoring(scales.get(cell)!, budget)
    if (methods.some((method) => !byMethod.has(method)) || score === null) continue
    played++
    const [task] = cell.split(' ')
    const curves = methods.map((method) => bestSoFar(byMethod.get(method)!).slice(0, budget))
    const ends = curves.map((curve) => curve[budget - 1])
    const target = methods.includes(peer) ? ends[methods.indexOf(peer)] : Number.NaN
    curves.forEach((curve, m) => {
      const { score: scores, area, rank, reach, times } = collected[m]
      push(scores, task, score(ends[m]))
      push(area, task, mean(curve.map(score)))
      const better = ends.filter((end) => end < ends[m]).length
      const equal = ends.filter((end) => end === ends[m]).length
      push(rank, task, better + (equal + 1) / 2)
      const reached = curve.findIndex((value) => value <= target)
      push(reach, task, Number.isNaN(target) ? target : reached < 0 ? 2 : (reached + 1) / budget)
      times.push(...byMethod.get(methods[m])!.milliseconds.slice(0, budget))
    })
  }
  return methods.map((method, m) => {
    const { score, area, rank, reach, times } = collected[m]
    const tasks = (map: Map<string, number[]>) => [...map.values()].map(mean)
    return {
      method,
      score: mean(tasks(score)),
      scoreError: standardError(tasks(score)),
      area: mean(tasks(area)),
      areaError: standardError(tasks(area)),
      rank: mean(tasks(rank)),
      reach: mean(tasks(reach)),
      milliseconds: times.length > 0 ? median(times) : Number.NaN,
      runs: played,
      scoreByTask: new Map([...score].map(([task, values]) => [task, mean(values)])),
    }
  })
}

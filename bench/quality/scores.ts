/**
 * From runs to figures.
 *
 * The value of a method after b trials is the true loss of the trial with the best told value. With clip = the median
 * of random search's values at b on that instance of the task, and best = the smallest loss anybody found there:
 *
 *   score = 100 · clip to [−1, 1] of 1 − (value − best)/(clip − best)
 *   area  = mean of the score after 1, 2 … b trials (clip and best as at b)
 *   rank  = by value among the methods of the table, ties shared
 *   reach = trials until the value is as good as the first peer's at b, over b (2 where it never is)
 *
 * Means are over seeds, then tasks; the standard error is that of the mean over tasks.
 */
import { normalDistribution } from '../../src/numeric/index.js'
import type { Run } from './runs.js'

export interface Figures {
  readonly method: string
  readonly score: number
  readonly scoreError: number
  readonly area: number
  readonly areaError: number
  readonly rank: number
  readonly reach: number
  readonly milliseconds: number
  /** Cells: tasks × seeds. */
  readonly runs: number
  readonly scoreByTask: ReadonlyMap<string, number>
}

/** How far `a` is ahead of `b`, task by task: mean difference of the scores, its standard error, and Wilcoxon's p. */
export function lead(a: Figures, b: Figures): { difference: number; error: number; p: number } {
  const differences = [...a.scoreByTask].map(([task, score]) => score - b.scoreByTask.get(task)!)
  return { difference: mean(differences), error: standardError(differences), p: signedRank(differences) }
}

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

/**
 * Figures of `methods` after `budget` trials, over the cells (task, seed) that all of them have played. `random` holds
 * the runs of random search by instance, `floor` all runs whose losses count as found by somebody.
 */
export function figures(
  methods: readonly string[],
  runs: readonly Run[],
  random: ReadonlyMap<string, readonly Run[]>,
  budget: number,
  peer: string,
): Figures[] {
  const cells = new Map<string, Map<string, Run>>()
  const floors = new Map<string, number>()
  for (const run of runs) {
    const cell = `${run.task} ${run.seed}`
    floors.set(cell, Math.min(floors.get(cell) ?? Number.POSITIVE_INFINITY, ...run.losses))
    if (!methods.includes(run.method) || run.losses.length < budget) continue
    if (!cells.has(cell)) cells.set(cell, new Map())
    cells.get(cell)!.set(run.method, run)
  }
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
  for (const [cell, byMethod] of cells) {
    if (byMethod.size < methods.length || !random.has(cell)) continue
    played++
    const [task] = cell.split(' ')
    const curves = methods.map((method) => bestSoFar(byMethod.get(method)!).slice(0, budget))
    const clip = median(random.get(cell)!.map((run) => bestSoFar(run)[budget - 1]))
    const best = floors.get(cell)!
    const score = (value: number) =>
      clip > best ? 100 * Math.max(-1, Math.min(1, 1 - (value - best) / (clip - best))) : 100
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

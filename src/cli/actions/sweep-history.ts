/** How the values of a sweep came about: drawn, or in words where a picture says nothing to whoever reads. */
import type { ChildRun, ParentRun } from '../../tracking/index.js'
import { historyChart, improvementsOf, type Point } from '../chart.js'
import * as format from '../format.js'
import { wantsWords } from '../output.js'
import { lineWidth, pairs } from '../table.js'

const widest = 72
const height = 8
/** Of more improvements, the last are listed. */
const mostListed = 12

/** A title and what stands below it; null of a sweep in which nothing has finished. */
export function historyOf(run: ParentRun, trials: readonly ChildRun[]): [title: string, body: string] | null {
  const { metric, direction } = run.objective
  const points: Point[] = trials.flatMap(({ trial, status, value }) =>
    status === 'finished' && value !== null ? [{ trial, value }] : [],
  )
  if (points.length === 0) return null
  const width = Math.min(widest, lineWidth()) - 2
  const drawn = wantsWords() ? [] : historyChart(points, direction, { width, height })
  if (drawn.length > 0) return [`${metric} by trial`, drawn.map((line) => `  ${line}`).join('\n')]
  const better = improvementsOf(points, direction)
  const listed = better.slice(-mostListed)
  const left = better.length - listed.length
  return [
    `best ${metric} so far${left === 0 ? '' : ` (the last ${listed.length} of ${better.length} times)`}`,
    pairs(listed.map(({ trial, value }) => [`trial ${trial}`, format.number(value)])),
  ]
}

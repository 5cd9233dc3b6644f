/** Places of numbers among rising ones, by halving, with as many steps for every number. */
import type { GraphBuilder, Tensor } from './types.js'

/**
 * The place of the last of the values that is not above x, as if the first never were, and the last but one of them at most: int64, in the
 * shape of x. At least two values.
 */
export function lastNotAbove(graph: GraphBuilder, values: readonly number[], x: Tensor): Tensor {
  const table = graph.constant('double', values)
  const last = values.length - 1
  let low = graph.scalar('int64', 0)
  let high = graph.scalar('int64', last)
  for (let width = last; width > 1; width = Math.ceil(width / 2)) {
    const middle = graph.node('Div', [graph.node('Add', [low, high]), graph.scalar('int64', 2)])
    // Where there is nothing left to halve, the middle is the lower end, and it stays.
    const isBelow = graph.node('LessOrEqual', [graph.node('Gather', [table, middle]), x])
    low = graph.node('Where', [isBelow, middle, low])
    high = graph.node('Where', [isBelow, high, middle])
  }
  return low
}

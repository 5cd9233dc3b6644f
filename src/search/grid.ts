/**
 * Grid search: the cells of the space's grid in their stated order (the first parameter of the file varies
 * slowest), without those proposed before or known from a warm start; exhausted after the last.
 *
 * origin: `{rule: 'grid', cell}`, the cell's index in that order, from which the next trial goes on.
 */
import type { Space } from '../space/index.js'
import type { Params } from '../values.js'
import type { Proposer } from './frame.js'
import type { Suggestion } from './types.js'

export function createGridProposer(space: Space): Proposer {
  // The walk through the grid is kept between calls: it can be walked again at any time.
  let walk = space.gridCells()
  let position = -1
  let current: Params | null = null

  function cellAt(index: number): Params | null {
    if (index < position) {
      walk = space.gridCells()
      position = -1
    }
    for (; position < index; position++) current = walk.next().value ?? null
    return current
  }

  return {
    completion(n) {
      const cell = cellAt(n)
      return cell === null ? space.encode(space.centre()) : space.encode(cell)
    },
    propose(_history, _trial, seen, latest): Suggestion | null {
      const from = latest?.rule === 'grid' ? Number(latest.cell) + 1 : 0
      for (let cell = from; ; cell++) {
        const params = cellAt(cell)
        if (params === null) return null
        if (!seen.has(params)) return { params, origin: { rule: 'grid', cell } }
      }
    },
  }
}

/**
 * The params of a space one after another, for when drawing points finds little that is new.
 *
 * The params are walked through as a tree: parents before what depends on them, the levels of a dimension in
 * value order, inactive dimensions passed over. So the walk meets every params once, and its cost is the number
 * of params met, not the product of the levels.
 */
import { randomStream } from '../numeric/index.js'
import { parametersParentsFirst, type Space } from '../space/index.js'
import type { Params } from '../values.js'
import type { SeenParams } from './seen.js'

/** Up to this size the order is shuffled, which takes a list of all params; beyond it is the walk's own. */
const shuffledUpTo = 2 ** 14

/** Finds what is left of a finite space. */
export interface Remainder {
  /** The first params, in an order fixed by the seed, that are not in `seen`; null when none are left. */
  next(seen: SeenParams): Params | null
}

export function createRemainder(space: Space, seed: number): Remainder {
  // All before `current` is known to be seen, as long as `seen` has only grown.
  let order: Iterator<Params> | null = null
  let current: Params | null = null
  let generation = -1

  function start(): Iterator<Params> {
    if (space.size > shuffledUpTo) return walkSpace(space)
    return randomStream(seed, 'enumeration')
      .shuffle([...walkSpace(space)])
      [Symbol.iterator]()
  }

  return {
    next(seen) {
      if (order === null || generation !== seen.generation) {
        order = start()
        generation = seen.generation
        current = order.next().value ?? null
      }
      while (current !== null && seen.has(current)) current = order.next().value ?? null
      return current
    },
  }
}

/**
 * Every params of the space, lazily. `fill` gives the coordinates of continuous dimensions, which have no
 * levels to walk through; without it they stay in the middle of their scale.
 */
export function* walkSpace(space: Space, fill?: ArrayLike<number>): IterableIterator<Params> {
  const { parameters, dimensions } = space
  const dimensionOf = new Map(dimensions.map(({ parameter }, i) => [parameter.name, i]))
  const order = parametersParentsFirst(parameters).flatMap((p) => dimensionOf.get(parameters[p].name) ?? [])
  const named = new Set(parameters.flatMap(({ when }) => when.map(({ parent }) => parent)))
  const isParent = dimensions.map(({ parameter }) => named.has(parameter.name))
  const point = new Float64Array(dimensions.length).fill(0.5)
  const active = new Uint8Array(dimensions.length)
  /** By depth in the tree: the level we are at, and the number of levels there. */
  const level = new Int32Array(order.length)
  const levels = new Float64Array(order.length)

  function place(depth: number) {
    const i = order[depth]
    const dimension = dimensions[i]
    if (levels[depth] === 0) point[i] = 0.5
    else if (dimension.kind === 'continuous') point[i] = fill?.[i] ?? 0.5
    else point[i] = dimension.levelToUnit(level[depth])
  }

  let depth = 0
  let isKnown = false
  for (;;) {
    for (; depth < order.length; depth++) {
      const i = order[depth]
      // Only what is above in the tree decides whether a dimension is active, and of that only active parents.
      if (!isKnown) space.activeInto(point, active)
      level[depth] = 0
      levels[depth] = active[i] === 0 ? 0 : dimensions[i].kind === 'continuous' ? 1 : dimensions[i].levels
      place(depth)
      isKnown = !(isParent[i] && active[i] === 1)
    }
    yield space.decode(point)
    do depth--
    while (depth >= 0 && level[depth] + 1 >= levels[depth])
    if (depth < 0) return
    level[depth]++
    place(depth)
    isKnown = false
    depth++
  }
}

/**
 * How many different params a space has when conditions make some parameters come and go.
 *
 * Dimensions that do not depend on each other multiply. Where they do, we branch on a dimension that depends on
 * nothing: its levels fall into classes that satisfy the same conditions, and each class leaves a smaller problem,
 * which may fall apart into independent ones. Subproblems are remembered, so that a tree of conditions, however
 * deep, costs about as much as it has branches.
 */
import type { LevelCondition } from './conditions.js'

/** A dimension that may still be active, and the dimensions its activity hangs on that are not decided yet. */
interface Open {
  readonly dimension: number
  readonly pending: readonly LevelCondition[]
}

/**
 * `levels[i]` is the number of levels of dimension i, `conditions[i]` what it needs to be active: closed under
 * ancestors, naming only levels that are counted.
 */
export function countParams(
  levels: readonly number[],
  conditions: readonly (readonly LevelCondition[])[],
): bigint {
  const remembered = new Map<string, bigint>()

  function countAll(open: readonly Open[]): bigint {
    return components(open).reduce((product, component) => product * countConnected(component), 1n)
  }

  function countConnected(open: readonly Open[]): bigint {
    if (open.length === 1) return BigInt(levels[open[0].dimension])
    const key = open.map((o) => `${o.dimension}:${o.pending.map((c) => c.dimension)}`).join(' ')
    const known = remembered.get(key)
    if (known !== undefined) return known

    const root = open.find(({ pending }) => pending.length === 0)!.dimension
    const rest = open.filter(({ dimension }) => dimension !== root)
    const needs = rest.map(({ pending }) => pending.find(({ dimension }) => dimension === root)?.levels)
    const named = new Set(needs.flatMap((need) => (need ? [...need] : [])))
    const classes = new Map<string, { level: number; size: number }>()
    for (const level of [...named, -1]) {
      const size = level === -1 ? levels[root] - named.size : 1
      const signature = needs.map((need) => (need === undefined || need.has(level) ? 1 : 0)).join('')
      const found = classes.get(signature)
      if (found) found.size += size
      else classes.set(signature, { level, size })
    }
    let total = 0n
    for (const { level, size } of classes.values()) {
      if (size === 0) continue
      const left = rest
        .filter((_, j) => needs[j]?.has(level) ?? true)
        .map(({ dimension, pending }) => ({
          dimension,
          pending: pending.filter((condition) => condition.dimension !== root),
        }))
      total += BigInt(size) * countAll(left)
    }
    remembered.set(key, total)
    return total
  }

  return countAll(levels.map((_, dimension) => ({ dimension, pending: conditions[dimension] })))
}

/** Groups of dimensions that hang together by pending conditions, each in the given order. */
function components(open: readonly Open[]): Open[][] {
  const group = new Map<number, number>()
  for (const { dimension } of open) group.set(dimension, dimension)
  const find = (i: number): number => {
    const above = group.get(i)!
    if (above === i) return i
    const top = find(above)
    group.set(i, top)
    return top
  }
  for (const { dimension, pending } of open) {
    for (const condition of pending) group.set(find(dimension), find(condition.dimension))
  }
  const groups = new Map<number, Open[]>()
  for (const one of open) {
    const top = find(one.dimension)
    const members = groups.get(top)
    if (members) members.push(one)
    else groups.set(top, [one])
  }
  return [...groups.values()]
}

/** A count as a number: the nearest one, never Infinity, which is kept for continuous spaces. */
export function countToNumber(count: bigint): number {
  const value = Number(count)
  return Number.isFinite(value) ? value : Number.MAX_VALUE
}

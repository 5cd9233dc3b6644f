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
  const { weights, core } = foldLeaves(levels, conditions)
  /** Of one dimension that is active, with everything that hangs on it alone. */
  const total = (i: number) =>
    [...weights[i].values()].reduce((sum, one) => sum + one, BigInt(levels[i] - weights[i].size))

  function countAll(open: readonly Open[]): bigint {
    return components(open).reduce((product, component) => product * countConnected(component), 1n)
  }

  function countConnected(open: readonly Open[]): bigint {
    if (open.length === 1) return total(open[0].dimension)
    const key = open.map((o) => `${o.dimension}:${o.pending.map((c) => c.dimension)}`).join(' ')
    const known = remembered.get(key)
    if (known !== undefined) return known

    const root = open.find(({ pending }) => pending.length === 0)!.dimension
    const rest = open.filter(({ dimension }) => dimension !== root)
    const needs = rest.map(({ pending }) => pending.find(({ dimension }) => dimension === root)?.levels)
    const named = new Set([...needs.flatMap((need) => (need ? [...need] : [])), ...weights[root].keys()])
    const classes = new Map<string, { level: number; size: bigint }>()
    for (const level of [...named, -1]) {
      const size = level === -1 ? BigInt(levels[root] - named.size) : (weights[root].get(level) ?? 1n)
      const signature = needs.map((need) => (need === undefined || need.has(level) ? 1 : 0)).join('')
      const found = classes.get(signature)
      if (found) found.size += size
      else classes.set(signature, { level, size })
    }
    let sum = 0n
    for (const { level, size } of classes.values()) {
      if (size === 0n) continue
      const left = rest
        .filter((_, j) => needs[j]?.has(level) ?? true)
        .map(({ dimension, pending }) => ({
          dimension,
          pending: pending.filter((condition) => condition.dimension !== root),
        }))
      sum += size * countAll(left)
    }
    remembered.set(key, sum)
    return sum
  }

  return countAll(core.map((dimension) => ({ dimension, pending: conditions[dimension] })))
}

/**
 * Takes away, from below, each dimension that nothing else looks at and that hangs on one other alone: it multiplies
 * what the levels it needs of that one stand for. What is left is the `core`; `weights[i]` says what levels of
 * dimension i stand for, where that is more than one. A tree of conditions is folded whole.
 */
function foldLeaves(levels: readonly number[], conditions: readonly (readonly LevelCondition[])[]) {
  const weights = levels.map(() => new Map<number, bigint>())
  const core = new Set(levels.keys())
  const isLookedAt = new Set<number>()
  // What looks at a dimension has more conditions than that one, as they are closed under ancestors.
  const order = [...levels.keys()].sort((a, b) => conditions[b].length - conditions[a].length)
  for (const i of order) {
    const needs = conditions[i]
    const parent = isLookedAt.has(i) ? undefined : onlyParent(needs, conditions)
    if (parent === undefined) {
      for (const { dimension } of needs) isLookedAt.add(dimension)
      continue
    }
    core.delete(i)
    const total = [...weights[i].values()].reduce(
      (sum, one) => sum + one,
      BigInt(levels[i] - weights[i].size),
    )
    const above = weights[parent.dimension]
    for (const level of parent.levels) above.set(level, (above.get(level) ?? 1n) * total)
  }
  return { weights, core: [...core] }
}

/** The condition that, with its dimension's own conditions, is all of these; undefined where there is none. */
function onlyParent(
  needs: readonly LevelCondition[],
  conditions: readonly (readonly LevelCondition[])[],
): LevelCondition | undefined {
  const parent = needs.find(({ dimension }) => conditions[dimension].length === needs.length - 1)
  if (parent === undefined) return undefined
  const own = new Map(needs.map(({ dimension, levels }) => [dimension, levels]))
  const isOnly = conditions[parent.dimension].every(({ dimension, levels }) => {
    const same = own.get(dimension)
    return (
      same !== undefined &&
      (same === levels || (same.size === levels.size && [...levels].every((one) => same.has(one))))
    )
  })
  return isOnly ? parent : undefined
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

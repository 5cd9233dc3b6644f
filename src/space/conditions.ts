/**
 * `when`, worked out once: which parameters another one looks at, and at which of their levels it exists.
 *
 * A condition is a conjunction: every parent active and at one of the listed values. Only these direct conditions are
 * kept, and what is active is found parents first, in one pass; what depends on what in the end, ancestors and all,
 * would be n² of a chain of n.
 */

/** The parameter `parent` must be active, and its level one of these (its only one being 0 where it is a constant). */
export interface LevelCondition {
  readonly parent: number
  readonly levels: ReadonlySet<number>
}

/** `parents[i]` are the indices of the parameters that parameter i looks at. */
export type ParentGraph = readonly (readonly number[])[]

/**
 * The graph by depth: `entered` when a parameter is come to, `left` once all of its parents have been left. Without
 * recursion, so that a chain may be as long as it likes. A parent that is still open is not entered again.
 */
function walk(
  parents: ParentGraph,
  roots: Iterable<number>,
  entered: (i: number) => void,
  left: (i: number) => void,
  met: (i: number) => void,
) {
  const state = new Uint8Array(parents.length)
  const [isOpen, isDone] = [1, 2]
  for (const root of roots) {
    if (state[root] === isDone) continue
    const path = [{ i: root, next: 0 }]
    state[root] = isOpen
    entered(root)
    while (path.length > 0) {
      const top = path[path.length - 1]
      if (top.next === parents[top.i].length) {
        path.pop()
        state[top.i] = isDone
        left(top.i)
        continue
      }
      const parent = parents[top.i][top.next++]
      if (state[parent] === isOpen) met(parent)
      if (state[parent] !== 0) continue
      state[parent] = isOpen
      entered(parent)
      path.push({ i: parent, next: 0 })
    }
  }
}

/**
 * Parents before children, otherwise in the given order: that of the indices, or of `roots` with what they look at.
 * Needs a graph without circles.
 */
export function parentsFirst(parents: ParentGraph, roots: Iterable<number> = parents.keys()): number[] {
  const order: number[] = []
  walk(
    parents,
    roots,
    () => {},
    (i) => order.push(i),
    () => {},
  )
  return order
}

/** Every circle once, as the parameters along it, beginning with the first one in the given order. */
export function findCircles(parents: ParentGraph): number[][] {
  const circles: number[][] = []
  const path: number[] = []
  const circleTo = (i: number) => {
    const circle = path.slice(path.indexOf(i))
    const first = circle.reduce((least, one, at) => (one < circle[least] ? at : least), 0)
    circles.push([...circle.slice(first), ...circle.slice(0, first)])
  }
  walk(
    parents,
    parents.keys(),
    (i) => path.push(i),
    () => path.pop(),
    circleTo,
  )
  return circles
}

/** The parents of each parameter. */
export function parentsOf(conditions: readonly (readonly LevelCondition[])[]): ParentGraph {
  return conditions.map((needs) => needs.map(({ parent }) => parent))
}

/** All conditions that have to hold for a parameter to be active, its own and those on the way to the top, each once. */
export function conditionsAbove(
  conditions: readonly (readonly LevelCondition[])[],
  parameter: number,
): LevelCondition[] {
  const all: LevelCondition[] = []
  const met = new Set<number>()
  const open = conditions[parameter].toReversed()
  while (open.length > 0) {
    const one = open.pop()!
    all.push(one)
    if (met.has(one.parent)) continue
    met.add(one.parent)
    for (let j = conditions[one.parent].length - 1; j >= 0; j--) open.push(conditions[one.parent][j])
  }
  return all
}

/** The levels that are in both. */
export function commonLevels(
  known: ReadonlySet<number> | undefined,
  levels: ReadonlySet<number>,
): ReadonlySet<number> {
  if (known === undefined || known === levels) return levels
  return new Set([...levels].filter((level) => known.has(level)))
}

/**
 * Which parameters are active, 1 or 0 in `active`, where `levelOf` gives the level of one that is. `conditional` lists
 * those that have conditions, parents first.
 */
export function markActive(
  conditions: readonly (readonly LevelCondition[])[],
  conditional: readonly number[],
  levelOf: (parameter: number) => number,
  active: Uint8Array,
): void {
  active.fill(1)
  for (let k = 0; k < conditional.length; k++) {
    const needs = conditions[conditional[k]]
    for (let j = 0; j < needs.length; j++) {
      const { parent, levels } = needs[j]
      if (active[parent] === 1 && levels.has(levelOf(parent))) continue
      active[conditional[k]] = 0
      break
    }
  }
}

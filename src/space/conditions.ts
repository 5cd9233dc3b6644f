/**
 * `when`, worked out once: on which levels of which dimensions a parameter's existence depends, ancestors and all.
 *
 * A condition is a conjunction (every parent active and at one of the listed values), so a chain of them is one
 * conjunction too: for each ancestor, the levels all conditions along the way allow. Constants drop out, as they
 * have one value. What is left is read off the point directly, in any order, and a parameter can be active at all
 * exactly when none of its sets is empty.
 */

/** The dimension's level must be one of these. */
export interface LevelCondition {
  readonly dimension: number
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
  entered: (i: number) => void,
  left: (i: number) => void,
  met: (i: number) => void,
) {
  const state = new Uint8Array(parents.length)
  const [isOpen, isDone] = [1, 2]
  for (let root = 0; root < parents.length; root++) {
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

/** Parents before children, otherwise in the given order. Needs a graph without circles. */
export function parentsFirst(parents: ParentGraph): number[] {
  const order: number[] = []
  walk(
    parents,
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
    (i) => path.push(i),
    () => path.pop(),
    circleTo,
  )
  return circles
}

/** Parameter `parent` must be at one of these levels (its only one being 0 where it is a constant). */
export interface ParentCondition {
  readonly parent: number
  readonly levels: readonly number[]
}

/**
 * For each parameter the levels allowed of each of its ancestors, itself left out. An empty set means that the
 * parameter can never be active. Needs a graph without circles.
 */
export function closeConditions(
  when: readonly (readonly ParentCondition[])[],
): Map<number, ReadonlySet<number>>[] {
  const closed: Map<number, ReadonlySet<number>>[] = []
  for (const i of parentsFirst(when.map((conditions) => conditions.map(({ parent }) => parent)))) {
    const allowed = new Map<number, ReadonlySet<number>>()
    const narrow = (parameter: number, levels: ReadonlySet<number>) => {
      const known = allowed.get(parameter)
      // Shared where nothing is taken away: in a long chain everything depends on everything before.
      allowed.set(parameter, known ? new Set([...levels].filter((level) => known.has(level))) : levels)
    }
    for (const { parent, levels } of when[i]) {
      narrow(parent, new Set(levels))
      for (const [ancestor, needed] of closed[parent]) narrow(ancestor, needed)
    }
    closed[i] = allowed
  }
  return closed
}

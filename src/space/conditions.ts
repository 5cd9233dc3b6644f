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

/** Parents before children, otherwise in the given order. Needs a graph without circles. */
export function parentsFirst(parents: ParentGraph): number[] {
  const order = new Set<number>()
  const place = (i: number) => {
    if (order.has(i)) return
    for (const parent of parents[i]) place(parent)
    order.add(i)
  }
  for (let i = 0; i < parents.length; i++) place(i)
  return [...order]
}

/** Every circle once, as the parameters along it, beginning with the first one in the given order. */
export function findCircles(parents: ParentGraph): number[][] {
  const circles: number[][] = []
  const state = new Array<'new' | 'open' | 'done'>(parents.length).fill('new')
  const path: number[] = []
  const visit = (i: number) => {
    if (state[i] === 'open') {
      const circle = path.slice(path.indexOf(i))
      const first = circle.indexOf(Math.min(...circle))
      circles.push([...circle.slice(first), ...circle.slice(0, first)])
    }
    if (state[i] !== 'new') return
    state[i] = 'open'
    path.push(i)
    for (const parent of parents[i]) visit(parent)
    path.pop()
    state[i] = 'done'
  }
  for (let i = 0; i < parents.length; i++) visit(i)
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
export function closeConditions(when: readonly (readonly ParentCondition[])[]): Map<number, Set<number>>[] {
  const closed: Map<number, Set<number>>[] = []
  for (const i of parentsFirst(when.map((conditions) => conditions.map(({ parent }) => parent)))) {
    const allowed = new Map<number, Set<number>>()
    const narrow = (parameter: number, levels: Iterable<number>) => {
      const known = allowed.get(parameter)
      allowed.set(parameter, new Set(known ? [...levels].filter((level) => known.has(level)) : levels))
    }
    for (const { parent, levels } of when[i]) {
      narrow(parent, levels)
      for (const [ancestor, needed] of closed[parent]) narrow(ancestor, needed)
    }
    closed[i] = allowed
  }
  return closed
}

/**
 * How many different params a space has when conditions make some parameters come and go.
 *
 * Parameters that do not depend on each other multiply. One that looks at a single other one, and that nothing looks at,
 * multiplies what the levels of that one stand for: so a tree of conditions is folded from its leaves up. Of what is
 * left, where parameters look at several others, one parameter after another is summed out, always the one whose
 * neighbours have the fewest combinations; the sum is a table over these neighbours. That costs about as much as the
 * conditions are entangled, and nothing here is recursive.
 */
import { type LevelCondition, parentsFirst, parentsOf } from './conditions.js'

/** Entries of tables that are worked out before we give up. */
const mostWork = 2 ** 21
/** Of one variable: too many to look through each time that one of them changes. */
const manyTables = 32

/**
 * `levels[p]` is the number of levels of parameter p (1 of a constant), `conditions[p]` what it needs to be active,
 * naming only levels that are counted. Exact; an upper bound where that would take more than `mostWork`.
 */
export function countParams(
  levels: readonly number[],
  conditions: readonly (readonly LevelCondition[])[],
): bigint {
  const { weights, core } = foldLeaves(levels, conditions)
  /** Of one parameter that is active, with everything that hangs on it alone. */
  const total = (p: number) => totalOf(levels[p], weights[p])
  const isLookedAt = new Set(core.flatMap((p) => conditions[p].map(({ parent }) => parent)))
  const isAlone = (p: number) => conditions[p].length === 0 && !isLookedAt.has(p)
  const entangled = core.filter((p) => !isAlone(p))
  const alone = core.filter(isAlone).reduce((product, p) => product * total(p), 1n)
  if (entangled.length === 0) return alone
  return (
    alone *
    (sumOut(tablesOf(entangled, levels, weights, conditions)) ??
      entangled.reduce((product, p) => product * total(p), 1n))
  )
}

type Weights = ReadonlyMap<number, bigint>

function totalOf(levels: number, weights: Weights): bigint {
  return [...weights.values()].reduce((sum, one) => sum + one, BigInt(levels - weights.size))
}

/**
 * Takes away, from below, each parameter that nothing else looks at and that looks at one other alone. What is left is
 * the `core`; `weights[p]` says what levels of parameter p stand for, where that is more than one.
 */
function foldLeaves(levels: readonly number[], conditions: readonly (readonly LevelCondition[])[]) {
  const weights = levels.map(() => new Map<number, bigint>())
  const isLookedAt = new Uint8Array(levels.length)
  const core: number[] = []
  for (const p of parentsFirst(parentsOf(conditions)).reverse()) {
    const needs = conditions[p]
    if (isLookedAt[p] === 1 || needs.length !== 1) {
      for (const { parent } of needs) isLookedAt[parent] = 1
      core.push(p)
      continue
    }
    const total = totalOf(levels[p], weights[p])
    const above = weights[needs[0].parent]
    for (const level of needs[0].levels) above.set(level, (above.get(level) ?? 1n) * total)
  }
  return { weights, core: core.reverse() }
}

/** A function of some variables: the first of `scope` varies fastest in `entries`. */
interface Table {
  readonly scope: readonly number[]
  readonly entries: readonly bigint[]
}

/** Variables, by how many states each has, and the functions of them whose product is to be summed over all states. */
interface Tables {
  readonly states: readonly number[]
  readonly tables: readonly Table[]
}

/**
 * The count as a sum. A parameter's states are 0, inactive, and from 1 the classes of its levels: those that satisfy
 * the same conditions of others. One that looks at several gets a variable for each but the last: whether all up to
 * there are as they have to be.
 */
function tablesOf(
  core: readonly number[],
  levels: readonly number[],
  weights: readonly Weights[],
  conditions: readonly (readonly LevelCondition[])[],
): Tables {
  const variableOf = new Map(core.map((p, v) => [p, v]))
  const states: number[] = []
  const sizes: (readonly bigint[])[] = []
  const classOf: ReadonlyMap<number, number>[] = []
  const lookers = classesOf(core, weights, conditions)
  for (const p of core) {
    const found = new Map<string, number>()
    const classes = new Map<number, number>()
    const size: bigint[] = [0n]
    for (const [level, satisfied] of lookers.get(p)!) {
      const text = satisfied.join()
      const state = found.get(text) ?? size.push(0n) - 1
      found.set(text, state)
      classes.set(level, state)
      size[state] += weights[p].get(level) ?? 1n
    }
    const others = BigInt(levels[p] - classes.size)
    const none = found.get('')
    if (none !== undefined) size[none] += others
    else if (others > 0n) size.push(others)
    states.push(size.length)
    sizes.push(size)
    classOf.push(classes)
  }

  const tables: Table[] = []
  const add = (scope: number[], value: (state: readonly number[]) => bigint) => {
    tables.push({ scope, entries: Array.from(combinations(scope.map((v) => states[v])), value) })
  }
  for (const p of core) {
    const v = variableOf.get(p)!
    const size = sizes[v]
    /** What an active or an inactive parameter's state counts. */
    const counts = (state: number, active: boolean) => (active ? size[state] : state === 0 ? 1n : 0n)
    const gates = conditions[p].map(({ parent, levels: allowed }) => {
      const gate = variableOf.get(parent)!
      const good = new Set([...allowed].map((level) => classOf[gate].get(level)))
      return { variable: gate, isGood: (state: number) => good.has(state) }
    })
    if (gates.length === 0) {
      add([v], ([state]) => counts(state, true))
      continue
    }
    let gate = gates[0]
    for (const next of gates.slice(1)) {
      const both = states.push(2) - 1
      const first = gate
      add([both, first.variable, next.variable], ([isBoth, one, two]) =>
        (first.isGood(one) && next.isGood(two)) === (isBoth === 1) ? 1n : 0n,
      )
      gate = { variable: both, isGood: (state) => state === 1 }
    }
    const last = gate
    add([v, last.variable], ([state, above]) => counts(state, last.isGood(above)))
  }
  return { states, tables }
}

/** For each parameter of the core the levels that matter, and which of the core's conditions each satisfies. */
function classesOf(
  core: readonly number[],
  weights: readonly Weights[],
  conditions: readonly (readonly LevelCondition[])[],
): Map<number, Map<number, number[]>> {
  const found = new Map(core.map((p) => [p, new Map([...weights[p].keys()].map((level) => [level, []]))]))
  for (const child of core) {
    for (const { parent, levels } of conditions[child]) {
      const satisfied: Map<number, number[]> = found.get(parent)!
      for (const level of levels) {
        const list = satisfied.get(level)
        if (list) list.push(child)
        else satisfied.set(level, [child])
      }
    }
  }
  return found
}

/** The sum over all states of the product of all tables; null where it takes too much. */
function sumOut({ states, tables }: Tables): bigint | null {
  const tablesAt = states.map(() => new Set<Table>())
  const put = (table: Table) => {
    for (const v of table.scope) tablesAt[v].add(table)
  }
  tables.forEach(put)
  const neighboursOf = (v: number) => {
    const all = new Set([...tablesAt[v]].flatMap(({ scope }) => scope))
    all.delete(v)
    return [...all]
  }
  const workOf = (v: number, neighbours: readonly number[]) =>
    neighbours.reduce((product, other) => product * states[other], states[v])

  /** The variables by the power of two their work is below; one that has moved stands in its old place too. */
  const waiting: number[][] = []
  const placeOf = new Int32Array(states.length).fill(-1)
  const [isDone, isTooMuch] = [-2, Math.log2(mostWork) + 1]
  const place = (v: number) => {
    const at = Math.min(isTooMuch, Math.ceil(Math.log2(workOf(v, neighboursOf(v)))))
    if (placeOf[v] === at) return
    placeOf[v] = at
    waiting[at] ??= []
    waiting[at].push(v)
  }
  for (let v = states.length - 1; v >= 0; v--) place(v)

  function next(): number {
    for (let at = 0; ; at++) {
      while (waiting[at]?.length > 0) {
        const v = waiting[at].pop()!
        if (placeOf[v] !== at) continue
        // Where many tables meet, what has become of the others is looked at only now.
        place(v)
        if (placeOf[v] === at) return v
        at = Math.min(at, placeOf[v])
      }
    }
  }

  let product = 1n
  let work = 0
  for (let left = states.length; left > 0; left--) {
    const v = next()
    const neighbours = neighboursOf(v)
    work += workOf(v, neighbours)
    if (work > mostWork) return null
    const summed = sumOver(v, neighbours, [...tablesAt[v]], states)
    placeOf[v] = isDone
    for (const table of tablesAt[v]) for (const other of table.scope) tablesAt[other].delete(table)
    if (neighbours.length === 0) product *= summed.entries[0]
    else put(summed)
    for (const other of neighbours) if (tablesAt[other].size <= manyTables) place(other)
  }
  return product
}

/** The product of the tables, summed over one variable: a table of its neighbours. */
function sumOver(
  variable: number,
  neighbours: readonly number[],
  tables: readonly Table[],
  states: readonly number[],
): Table {
  const stateOf = new Map<number, number>()
  const look = ({ scope, entries }: Table) => {
    let index = 0
    for (let k = scope.length - 1; k >= 0; k--) index = index * states[scope[k]] + stateOf.get(scope[k])!
    return entries[index]
  }
  const entries: bigint[] = []
  for (const combination of combinations(neighbours.map((v) => states[v]))) {
    for (const [k, v] of neighbours.entries()) stateOf.set(v, combination[k])
    let sum = 0n
    for (let state = 0; state < states[variable]; state++) {
      stateOf.set(variable, state)
      let product = 1n
      for (let k = 0; k < tables.length && product > 0n; k++) product *= look(tables[k])
      sum += product
    }
    entries.push(sum)
  }
  return { scope: neighbours, entries }
}

/** Every combination of states, the first varying fastest, in an array that is overwritten for the next one. */
function* combinations(states: readonly number[]): Generator<readonly number[], void> {
  const current = states.map(() => 0)
  for (;;) {
    yield current
    let k = 0
    while (k < states.length && current[k] === states[k] - 1) current[k++] = 0
    if (k === states.length) return
    current[k]++
  }
}

/** A count as a number: the nearest one, never Infinity, which is kept for continuous spaces. */
export function countToNumber(count: bigint): number {
  const value = Number(count)
  return Number.isFinite(value) ? value : Number.MAX_VALUE
}

/**
 * When a parameter exists, from trials alone: where only some trials have it, a tool whose space is written as the trials run (Optuna's
 * define-by-run, a table with empty cells) does not say why. If it is there in exactly those trials in which other parameters have
 * certain values, that is its condition.
 */
import { canonicalJson, type Params, type ParamValue } from '../../values.js'

/** More different values than this do not make a condition. */
const mostValues = 32

/** By parameter: what it needs of others, or null where the trials show no rule. Those that every trial has are left out. */
export type FoundConditions = ReadonlyMap<string, Readonly<Record<string, readonly ParamValue[]>> | null>

/**
 * Looks for them.
 * @param trials those that came to their end: one that was cut off may not have come to all of its parameters.
 * @param parents parameters whose single values can be a condition, in the order in which they are tried.
 */
export function findConditions(
  names: readonly string[],
  trials: readonly Params[],
  parents: readonly string[],
): FoundConditions {
  const found = new Map<string, Readonly<Record<string, readonly ParamValue[]>> | null>()
  const columns = new Map(parents.map((name) => [name, columnOf(name, trials)]))
  for (const name of names) {
    const has = trials.map((params) => Object.hasOwn(params, name))
    const count = has.filter(Boolean).length
    if (count === trials.length || count === 0) continue
    found.set(name, conditionOf(name, has, columns))
  }
  // Where two parameters each exist by the other's values, neither comes first.
  for (const [name, condition] of found) {
    const turns = Object.keys(condition ?? {}).some((parent) => leadsTo(parent, name, found))
    if (turns) found.set(name, null)
  }
  return found
}

interface ParentColumn {
  /** By trial: the value's place among `values`; -1 where the trial has none. */
  readonly codes: Int32Array
  readonly values: readonly ParamValue[]
}

/** null where it has too many values. */
function columnOf(name: string, trials: readonly Params[]): ParentColumn | null {
  const places = new Map<string, number>()
  const values: ParamValue[] = []
  const codes = new Int32Array(trials.length).fill(-1)
  for (const [i, params] of trials.entries()) {
    if (!Object.hasOwn(params, name)) continue
    const key = canonicalJson(params[name])!
    let place = places.get(key)
    if (place === undefined) {
      if (values.length === mostValues) return null
      place = values.length
      places.set(key, place)
      values.push(params[name])
    }
    codes[i] = place
  }
  return { codes, values }
}

function conditionOf(
  name: string,
  has: readonly boolean[],
  columns: ReadonlyMap<string, ParentColumn | null>,
) {
  const candidates: { parent: string; allowed: Uint8Array; column: ParentColumn }[] = []
  for (const [parent, column] of columns) {
    if (column === null || parent === name) continue
    const allowed = new Uint8Array(column.values.length)
    let isAlwaysThere = true
    for (const [i, is] of has.entries()) {
      if (!is) continue
      if (column.codes[i] < 0) isAlwaysThere = false
      else allowed[column.codes[i]] = 1
    }
    if (isAlwaysThere) candidates.push({ parent, allowed, column })
  }
  const tells = (some: typeof candidates) =>
    has.every(
      (is, i) =>
        is === some.every(({ allowed, column: { codes } }) => codes[i] >= 0 && allowed[codes[i]] === 1),
    )
  const alone = candidates.find((one) => tells([one]))
  let left = alone === undefined ? candidates.filter(({ allowed }) => allowed.includes(0)) : [alone]
  if (left.length === 0 || !tells(left)) return null
  // Those that are not needed go, the last ones first.
  for (const one of left.toReversed()) {
    const without = left.filter((other) => other !== one)
    if (without.length > 0 && tells(without)) left = without
  }
  return Object.fromEntries(
    left.map(({ parent, allowed, column }) => [parent, column.values.filter((_, i) => allowed[i] === 1)]),
  )
}

function leadsTo(from: string, to: string, found: FoundConditions, seen = new Set<string>()): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return Object.keys(found.get(from) ?? {}).some((parent) => leadsTo(parent, to, found, seen))
}

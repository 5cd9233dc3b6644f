/**
 * Checks the state of a model that comes from a file: whoever wrote it, nothing is handed to a learner that is not what the
 * learner itself gave once. Each check takes a value and where it stands in the file, and gives the value with its type, or throws
 * MODEL_INVALID with the law, the place, and what was found there.
 *
 * Only what is there is looked at: a number in the file never decides how much is allocated or how long is searched.
 */
import { EspalierError } from '../errors.js'
import { isJsonObject } from '../values.js'

/** Throws MODEL_INVALID. */
export function broken(where: string, law: string, found?: unknown): never {
  const got = found === undefined ? '' : ` (got ${shown(found)})`
  throw new EspalierError(
    'MODEL_INVALID',
    `${where} must be ${law}${got}; the model file is not as it was written`,
  )
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

export function object(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value)) broken(where, 'an object', value ?? null)
  return value
}

/** `length`: that many; null for any. */
export function list(value: unknown, where: string, length: number | null = null): readonly unknown[] {
  if (!Array.isArray(value)) broken(where, 'a list', value ?? null)
  if (length !== null && value.length !== length) broken(where, `a list of ${length}`, value)
  return value
}

/** A finite number, `least` or more. */
export function finite(value: unknown, where: string, least = -Infinity, most = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most)
    broken(where, `a finite number${ranged(least, most)}`, value ?? null)
  return value
}

export function positive(value: unknown, where: string): number {
  if (!(finite(value, where) > 0)) broken(where, 'a number above 0', value)
  return value as number
}

export function whole(value: unknown, where: string, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    broken(where, `a whole number${ranged(least, most)}`, value ?? null)
  return value as number
}

export function oneOf<T extends string>(value: unknown, where: string, choices: readonly T[]): T {
  if (!choices.includes(value as T))
    broken(where, `one of ${choices.map((one) => JSON.stringify(one)).join(', ')}`, value ?? null)
  return value as T
}

/** Finite numbers. */
export function numbers(
  value: unknown,
  where: string,
  length: number | null = null,
  least = -Infinity,
  most = Infinity,
): number[] {
  const found = list(value, where, length)
  for (let i = 0; i < found.length; i++) {
    const one = found[i]
    if (typeof one !== 'number' || !Number.isFinite(one) || one < least || one > most)
      finite(one, `${where}[${i}]`, least, most)
  }
  return found as number[]
}

/** Whole numbers. */
export function wholes(
  value: unknown,
  where: string,
  length: number | null,
  least: number,
  most: number,
): number[] {
  const found = list(value, where, length)
  for (let i = 0; i < found.length; i++) whole(found[i], `${where}[${i}]`, least, most)
  return found as number[]
}

/** Texts, no two of them the same; null among them where `orNull`. */
export function differentTexts(value: unknown, where: string, orNull?: false): string[]
export function differentTexts(value: unknown, where: string, orNull: true): (string | null)[]
export function differentTexts(value: unknown, where: string, orNull = false): (string | null)[] {
  const found = list(value, where)
  for (let i = 0; i < found.length; i++) {
    if (typeof found[i] !== 'string' && !(orNull && found[i] === null))
      broken(`${where}[${i}]`, orNull ? 'a text or null' : 'a text', found[i] ?? null)
  }
  if (new Set(found).size !== found.length) broken(where, 'a list without repeats', found)
  return found as (string | null)[]
}

function ranged(least: number, most: number): string {
  if (least !== -Infinity && most !== Infinity) return ` from ${least} to ${most}`
  if (least !== -Infinity) return `, ${least} or more`
  return most === Infinity ? '' : `, ${most} or less`
}

/**
 * Trees one after the other in preorder: the left child of node i is node i + 1, its right child is behind all of the left
 * one's. `isLeaf(i)`; `roots`: where trees begin. Every walk then goes forward and ends in a leaf of its own tree.
 */
export function preorder(
  right: readonly number[],
  isLeaf: (node: number) => boolean,
  roots: readonly number[],
  where: string,
): void {
  const nodes = right.length
  // Behind the last node of the part below each node, from the back to the front.
  const end = new Float64Array(nodes + 1)
  for (let node = nodes - 1; node >= 0; node--) {
    if (isLeaf(node)) end[node] = node + 1
    else {
      const there = right[node]
      if (node + 1 >= nodes || there >= nodes || end[node + 1] !== there)
        broken(`${where}[${node}]`, 'the node behind the left part of the tree', there)
      end[node] = end[there]
    }
  }
  let at = 0
  roots.forEach((root, tree) => {
    if (root !== at || root >= nodes) broken(`the beginning of tree ${tree}`, `node ${at} of ${nodes}`, root)
    at = end[root]
  })
  if (at !== nodes) broken(where, `no longer than its trees (${at} nodes)`, right)
}

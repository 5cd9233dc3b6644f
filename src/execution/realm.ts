/**
 * Whether a fit has changed what all later fits of its thread are built on. A thread where it has is given no other
 * fit: what a trial comes to must not depend on which trials its thread has had before.
 *
 * Looked at without anything that could have been changed: no iterators, no methods.
 */
import { compileFunction } from 'node:vm'

const holders: readonly object[] = [
  globalThis,
  Object,
  Object.prototype,
  Function.prototype,
  Array,
  Array.prototype,
  Number,
  Number.prototype,
  String.prototype,
  RegExp.prototype,
  Math,
  JSON,
  Map.prototype,
  Set.prototype,
  Promise,
  Promise.prototype,
  Date,
  Date.prototype,
  Reflect,
  Float64Array.prototype,
  Object.getPrototypeOf(Float64Array.prototype),
  performance,
  process,
]
const { getOwnPropertyNames, getOwnPropertySymbols, getOwnPropertyDescriptor, getPrototypeOf } = Object

type Holder = Readonly<Record<PropertyKey, unknown>>
type Compare = (
  holders: readonly Holder[],
  keys: readonly PropertyKey[],
  values: readonly unknown[],
) => boolean

/** What is there now; asked later, whether it is still so. */
export class Realm {
  readonly #holders: Holder[] = []
  readonly #keys: PropertyKey[] = []
  readonly #values: unknown[] = []
  readonly #compare: Compare

  constructor() {
    const lines: string[] = []
    for (const holder of holders as readonly Holder[]) {
      const differences: string[] = []
      // It has its methods from its prototype, and looks them up there until it is given one of its own.
      const named = holder === (performance as unknown) ? getPrototypeOf(holder) : holder
      for (const key of [...getOwnPropertyNames(named), ...getOwnPropertySymbols(named)]) {
        const found = getOwnPropertyDescriptor(named, key)
        // Getters may do anything, and process.env and the like are the thread's own.
        if (typeof found?.value !== 'function') continue
        const name = typeof key === 'string' ? JSON.stringify(key) : `keys[${this.#keys.length}]`
        differences.push(`holder[${name}] !== values[${this.#values.length}]`)
        this.#keys.push(key)
        this.#values.push(found.value)
      }
      if (differences.length === 0) continue
      lines.push(`holder = holders[${this.#holders.length}]`, `if (${differences.join(' || ')}) return true`)
      this.#holders.push(holder)
    }
    // Written out, each name at a place of its own: in a loop over the names every one of the hundreds is looked up
    // anew after each fit, which costs several times as much.
    const body = ['let holder', ...lines, 'return false'].join('\n')
    this.#compare = compileFunction(body, ['holders', 'keys', 'values']) as unknown as Compare
  }

  get changed(): boolean {
    return this.#compare(this.#holders, this.#keys, this.#values)
  }
}

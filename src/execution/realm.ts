/**
 * Whether a fit has changed what all later fits of its thread are built on. A thread where it has is given no other
 * fit: what a trial comes to must not depend on which trials its thread has had before.
 *
 * Looked at without anything that could have been changed: no iterators, no methods.
 */

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

/** What is there now; asked later, whether it is still so. */
export class Realm {
  readonly #holders: Readonly<Record<PropertyKey, unknown>>[] = []
  readonly #keys: PropertyKey[] = []
  readonly #values: unknown[] = []

  constructor() {
    for (const holder of holders) {
      // It has its methods from its prototype, and looks them up there until it is given one of its own.
      const named = holder === performance ? getPrototypeOf(holder) : holder
      for (const key of [...getOwnPropertyNames(named), ...getOwnPropertySymbols(named)]) {
        const found = getOwnPropertyDescriptor(named, key)
        // Getters may do anything, and process.env and the like are the thread's own.
        if (typeof found?.value !== 'function') continue
        this.#holders.push(holder as Readonly<Record<PropertyKey, unknown>>)
        this.#keys.push(key)
        this.#values.push(found.value)
      }
    }
  }

  get changed(): boolean {
    const holders = this.#holders
    const keys = this.#keys
    const values = this.#values
    for (let i = 0; i < keys.length; i++) if (holders[i][keys[i]] !== values[i]) return true
    return false
  }
}

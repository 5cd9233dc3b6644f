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
  Object.getPrototypeOf(performance),
  process,
]
const { getOwnPropertyNames, getOwnPropertySymbols, getOwnPropertyDescriptor } = Object

interface Entry {
  readonly holder: Readonly<Record<PropertyKey, unknown>>
  readonly key: PropertyKey
  readonly value: unknown
}

/** What is there now; asked later, whether it is still so. */
export class Realm {
  readonly #entries: Entry[] = []

  constructor() {
    for (const holder of holders) {
      for (const key of [...getOwnPropertyNames(holder), ...getOwnPropertySymbols(holder)]) {
        const found = getOwnPropertyDescriptor(holder, key)
        // Getters may do anything, and process.env and the like are the thread's own.
        if (typeof found?.value === 'function')
          this.#entries.push({ holder: holder as Entry['holder'], key, value: found.value })
      }
    }
  }

  get changed(): boolean {
    const entries = this.#entries
    for (let i = 0; i < entries.length; i++) {
      const { holder, key, value } = entries[i]
      if (holder[key] !== value) return true
    }
    return false
  }
}

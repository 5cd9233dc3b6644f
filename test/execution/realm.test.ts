import { expect, test } from 'vitest'
import { Realm } from '../../src/execution/realm.js'

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, ownKeys } = Reflect

/** Whether it is seen that a property is another one; it is put back before anything else can miss it. */
function seen(realm: Realm, holder: object, key: PropertyKey): boolean {
  const own = getOwnPropertyDescriptor(holder, key)
  defineProperty(holder, key, { value: () => Number.NaN, configurable: true, writable: true })
  const changed = realm.changed
  if (own) defineProperty(holder, key, own)
  else deleteProperty(holder, key)
  return changed
}

test('a built-in function that a fit has put another in the place of is seen, whichever it is', () => {
  const realm = new Realm()
  const unseen: string[] = []
  let looked = 0
  for (const name of [
    'Object',
    'Function',
    'Array',
    'Number',
    'String',
    'RegExp',
    'Map',
    'Set',
    'Promise',
    'Date',
  ]) {
    const { prototype } = (globalThis as unknown as Record<string, { prototype: object }>)[name]
    for (const key of ownKeys(prototype)) {
      const own = getOwnPropertyDescriptor(prototype, key)!
      if (typeof own.value !== 'function' || !own.configurable) continue
      looked++
      if (!seen(realm, prototype, key)) unseen.push(`${name}.prototype.${String(key)}`)
    }
    if (!seen(realm, globalThis, name)) unseen.push(name)
  }
  for (const [holder, key] of [
    [Number, 'isFinite'],
    [Math, 'max'],
    [JSON, 'stringify'],
    [Reflect, 'get'],
    [Array, 'from'],
    [performance, 'now'],
    [Object.getPrototypeOf(performance), 'now'],
    [process, 'nextTick'],
    [Object.getPrototypeOf(Float64Array.prototype), Symbol.iterator],
    [globalThis, 'structuredClone'],
  ] as const)
    if (!seen(realm, holder, key)) unseen.push(String(key))
  expect(unseen).toEqual([])
  expect(looked).toBeGreaterThan(150)
  expect(realm.changed).toBe(false)
})

/** What the compiled libraries must not do to the process that uses them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadEmscripten } from '../../../src/training/trainers/emscripten.js'
import type { Params } from '../../../src/values.js'
import { fitted, halves } from './support.js'

const events = ['unhandledRejection', 'uncaughtException', 'exit'] as const
const state = () => ({
  listeners: events.map((event) => process.listenerCount(event)),
  own: Object.getOwnPropertyNames(process).includes('on'),
  on: process.on,
  streaming: Reflect.get(Reflect.get(globalThis, 'WebAssembly') as object, 'instantiateStreaming'),
  log: console.log,
  warn: console.warn,
})

describe('the compiled libraries', () => {
  let written = ''
  beforeEach(() => {
    written = ''
    const keep = (chunk: unknown) => {
      written += String(chunk)
      return true
    }
    vi.spyOn(process.stdout, 'write').mockImplementation(keep)
    vi.spyOn(process.stderr, 'write').mockImplementation(keep)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([
    ['svm-classifier', 'wine', 'cultivar'],
    ['svm-regressor', 'diabetes', 'progression'],
    ['boosted-trees-classifier', 'wine', 'cultivar'],
    ['boosted-trees-regressor', 'diabetes', 'progression'],
    ['forest-classifier', 'wine', 'cultivar'],
  ])('print nothing and leave no handlers behind: %s', async (name, file, target) => {
    const [data] = await halves(file, target)
    const before = state()
    const params: Params = name.startsWith('svm')
      ? { engine: 'libsvm' }
      : name.startsWith('boosted')
        ? { engine: 'ml-xgboost', rounds: 3 }
        : name.startsWith('forest')
          ? { trees: 2 }
          : {}
    const model = await fitted(name, data, params)
    model.predict(data)
    expect(state()).toEqual(before)
    expect(written).toBe('')
  })

  it('put everything back where a library cannot be loaded', async () => {
    const before = state()
    await expect(loadEmscripten('ml-xgboost/no-such-file.js', async () => {})).rejects.toThrow()
    expect(state()).toEqual(before)
  })
})

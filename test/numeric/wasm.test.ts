import { describe, expect, it } from 'vitest'
import { openWasm } from '../../src/numeric/index.js'

const name = '#training-kernels/products'

describe('an instance that was closed', () => {
  it('is the next one of its module, with its memory, and nobody gets it twice', () => {
    const first = openWasm(name)
    const at = first.reserve(1 << 20)
    first.f64(at, 1)[0] = 7
    first.close()
    const second = openWasm(name)
    expect(second.bytes).toBe(first.bytes)
    expect(second.reserve(8)).toBe(at)
    expect(second.f64(at, 1)[0]).toBe(7)
    const third = openWasm(name)
    expect(third.f64(third.reserve(8), 1)[0]).toBe(0)
  })

  it('is let go of where spare ones take more than 64 MB', () => {
    const large = [1, 2, 3].map(() => openWasm(name))
    for (const one of large) one.reserve(40 << 20)
    for (const one of large) one.close()
    expect(openWasm(name).bytes).toBeGreaterThan(40 << 20)
    expect(openWasm(name).bytes).toBeLessThan(1 << 20)
  })

  it('is not another module', () => {
    const closed = openWasm(name)
    closed.reserve(1 << 20)
    closed.close()
    expect(openWasm('#training-kernels/exponentials').bytes).toBeLessThan(1 << 20)
    expect(openWasm(name).bytes).toBeGreaterThan(1 << 20)
  })
})

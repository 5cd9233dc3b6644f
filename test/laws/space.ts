/**
 * The laws every space keeps, whatever its parameters.
 *
 * `laws` holds them one by one, each taking a space, so that they can be run over spaces made at random;
 * `spaceLaws` runs them all over one. They look at a few hundred points: corners, edges, and a seeded stream.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'vitest'
import { isEspalierError } from '../../src/errors.js'
import { randomStream } from '../../src/numeric/index.js'
import type { Space } from '../../src/space/index.js'
import { canonicalJson, type Params } from '../../src/values.js'

export function spaceLaws(name: string, make: () => Space): void {
  describe(`the laws of a space: ${name}`, () => {
    for (const [law, holds] of Object.entries(laws)) it(law, () => holds(make()))
  })
}

/** Up to how many cells or combinations of levels are counted one by one. */
const countable = 3000

export const laws: Readonly<Record<string, (space: Space) => void>> = {
  'every point decodes to params without a mistake, in the order of the file, as plain JSON'(space) {
    const order = space.parameters.map(({ name }) => name)
    for (const point of points(space)) {
      const params = space.decode(point)
      assert.deepEqual(space.check(params), [])
      assert.deepEqual(space.checkPartial(params), [])
      const told = JSON.parse(JSON.stringify(params))
      assert.deepEqual(told, params)
      assert.deepEqual(space.encode(told), space.encode(params))
      assert.ok(Object.values(params).every(isFrozen))
      const names = Object.keys(params)
      assert.deepEqual(
        names,
        order.filter((name) => names.includes(name)),
      )
    }
  },

  'decoding and encoding are inverses, bit for bit'(space) {
    for (const point of points(space)) {
      const params = space.decode(point)
      const encoded = space.encode(params)
      assert.deepEqual(space.decode(encoded), params)
      const snapped = Float64Array.from(point)
      space.snapInto(snapped)
      assert.deepEqual(encoded, snapped)
      assert.deepEqual(space.decode(snapped), params)
      const again = Float64Array.from(snapped)
      space.snapInto(again)
      assert.deepEqual(again, snapped)
      const into = new Float64Array(space.dimensions.length).fill(Number.NaN)
      space.encodeInto(params, into)
      assert.deepEqual(into, encoded)
      for (const u of encoded) assert.ok(u >= 0 && u <= 1)
    }
  },

  'a dimension is active exactly where its parameter is in the params, and 0.5 where it is not'(space) {
    const active = new Uint8Array(space.dimensions.length)
    for (const point of points(space)) {
      const params = space.decode(point)
      const encoded = space.encode(params)
      space.activeInto(point, active)
      space.dimensions.forEach(({ parameter }, i) => {
        assert.equal(active[i] === 1, Object.hasOwn(params, parameter.name))
        if (active[i] === 0) assert.equal(encoded[i], 0.5)
      })
    }
  },

  'parameters exist exactly while their conditions hold'(space) {
    for (const point of points(space)) {
      const params = space.decode(point)
      for (const { name, when } of space.parameters) {
        const holds = when.every(
          ({ parent, values }) =>
            Object.hasOwn(params, parent) &&
            values.some((one) => canonicalJson(one) === canonicalJson(params[parent])),
        )
        assert.equal(Object.hasOwn(params, name), holds, name)
      }
    }
  },

  'keys are equal exactly when params are'(space) {
    const texts = new Map<string, string>()
    const keys = new Map<string, string>()
    for (const point of points(space)) {
      const params = space.decode(point)
      const text = canonical(params)
      const key = space.key(params)
      assert.equal(texts.get(key) ?? text, text)
      assert.equal(keys.get(text) ?? key, key)
      texts.set(key, text)
      keys.set(text, key)
      assert.equal(space.key(Object.fromEntries(Object.entries(params).reverse())), key)
    }
  },

  'levels and coordinates are inverses, in the order of the values'(space) {
    for (const dimension of space.dimensions) {
      if (dimension.kind === 'continuous') continue
      const { levels } = dimension
      const some = Array.from({ length: Math.min(levels, 500) }, (_, i) =>
        levels <= 500 ? i : Math.floor((i / 499) * (levels - 1)),
      )
      let before = -1
      for (const level of some) {
        const u = dimension.levelToUnit(level)
        assert.equal(dimension.unitToLevel(u), level)
        assert.ok(u > before && u <= 1)
        before = u
      }
      assert.equal(dimension.unitToLevel(0), 0)
      assert.equal(dimension.unitToLevel(-1), 0)
      assert.equal(dimension.unitToLevel(Number.NaN), 0)
      assert.equal(dimension.unitToLevel(1), levels - 1)
      assert.equal(dimension.unitToLevel(7), levels - 1)
    }
  },

  'both ends of every range are within reach'(space) {
    for (const [i, { parameter }] of space.dimensions.entries()) {
      if (parameter.type !== 'float' && parameter.type !== 'int') continue
      for (const [u, end] of [
        [0, parameter.min],
        [1, parameter.max],
      ]) {
        for (const point of points(space)) {
          point[i] = u
          const value = space.decode(point)[parameter.name]
          if (value === undefined) continue
          const missing = Math.abs((value as number) - end)
          // The last point of a stepped range may lie below max, by less than a step.
          assert.ok(u === 1 && parameter.step ? missing < parameter.step : missing === 0)
          break
        }
      }
    }
  },

  'what is wrong with params is told, and they are not encoded'(space) {
    const some = points(space).slice(0, Math.max(4, Math.ceil(200 / space.parameters.length)))
    for (const point of some) {
      const params = space.decode(point)
      const wrong: Params[] = [{ ...params, 'no such parameter': 1 }]
      for (const parameter of space.parameters) {
        const { name, type } = parameter
        if (!Object.hasOwn(params, name)) {
          wrong.push({ ...params, [name]: anyValue(space, name) })
          continue
        }
        wrong.push({ ...params, [name]: 'no such value' })
        const { [name]: _, ...rest } = params
        if (type !== 'constant') wrong.push(rest)
        if (type === 'float' || type === 'int') {
          const above = parameter.max + Math.max(1, Math.abs(parameter.max))
          wrong.push({ ...params, [name]: above }, { ...params, [name]: Number.NaN })
        }
      }
      for (const one of wrong) {
        assert.ok(space.check(one).length > 0, JSON.stringify(one))
        assert.throws(
          () => space.encode(one),
          (error) => isEspalierError(error) && error.code === 'SPACE_INVALID' && error.problems.length > 0,
        )
      }
    }
  },

  'partial params are completed: what is given stays, what is not comes from the point'(space) {
    const stream = randomStream(1, 'partial')
    const all = points(space)
    for (const [n, point] of all.entries()) {
      assert.deepEqual(space.complete({}, point), space.decode(point))
      const other = all[(n * 7 + 3) % all.length]
      const full = space.decode(other)
      assert.deepEqual(space.complete(full, point), full)
      assert.deepEqual(space.own(JSON.parse(JSON.stringify(full))), full)
      const partial = Object.fromEntries(Object.entries(full).filter(() => stream.next() < 0.4))
      assert.deepEqual(space.checkPartial(partial), [])
      const completed = space.complete(partial, point)
      assert.deepEqual(space.check(completed), [])
      for (const name of Object.keys(partial)) assert.equal(completed[name], partial[name])
    }
  },

  'the centre is feasible and holds the stated defaults'(space) {
    const centre = space.centre()
    assert.deepEqual(space.check(centre), [])
    for (const parameter of space.parameters) {
      if (parameter.default === undefined || !Object.hasOwn(centre, parameter.name)) continue
      assert.equal(centre[parameter.name], parameter.default)
    }
  },

  'the grid has as many cells as it says, none twice, none infeasible'(space) {
    const keys = new Set<string>()
    let cells = 0
    for (const cell of space.gridCells()) {
      assert.deepEqual(space.check(cell), [])
      assert.deepEqual(space.decode(space.encode(cell)), cell)
      keys.add(canonical(cell))
      if (++cells === countable) break
    }
    assert.equal(keys.size, cells)
    assert.equal(cells, Math.min(space.gridSize, countable))
  },

  'the size counts the different params'(space) {
    if (space.dimensions.some(({ kind }) => kind === 'continuous')) {
      assert.equal(space.size, Number.POSITIVE_INFINITY)
      return
    }
    const combinations = space.dimensions.reduce((product, { levels }) => product * levels, 1)
    assert.ok(space.size >= 1 && space.size <= combinations * (1 + 1e-12))
    if (combinations > countable) return
    const found = new Set<string>()
    const point = new Float64Array(space.dimensions.length)
    for (let n = 0; n < combinations; n++) {
      let rest = n
      space.dimensions.forEach(({ levels, levelToUnit }, i) => {
        point[i] = levelToUnit(rest % levels)
        rest = Math.floor(rest / levels)
      })
      found.add(canonical(space.decode(point)))
    }
    assert.equal(space.size, found.size)
  },
}

/** Corners and edges of the unit cube, a little beyond, and points at random. */
function points(space: Space): Float64Array[] {
  const d = space.dimensions.length
  const stream = randomStream(0, 'points of the laws')
  const filled = [0, 1, 0.5, -0.1, 1.1, Number.NaN, 1 - 2 ** -53, 2 ** -60].map((u) =>
    new Float64Array(d).fill(u),
  )
  const edges = Array.from({ length: 60 }, () =>
    Float64Array.from({ length: d }, () => [0, 1, stream.next()][stream.integer(3)]),
  )
  const inside = Array.from({ length: 120 }, () => Float64Array.from({ length: d }, () => stream.next()))
  return [...filled, ...edges, ...inside]
}

/** Nothing in it can be changed. */
function isFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen))
  )
}

function anyValue(space: Space, name: string) {
  const parameter = space.parameters.find((one) => one.name === name)!
  if (parameter.type === 'constant') return parameter.value
  return 'values' in parameter ? parameter.values[0] : parameter.min
}

function canonical(params: Params): string {
  return JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * A space in which some params are fixed: a view of the whole one, with the same dimensions, so that a searcher's points
 * and models hold in both. Whatever point it is given, it decodes to params with the fixed values; a parameter that has
 * to be at certain values for a fixed one to exist moves to the nearest of them.
 */
import { EspalierError } from '../errors.js'
import type { Space } from '../space/index.js'
import type { Params } from '../values.js'

/** Throws USAGE, with every mistake, where the params are not possible in the space. */
export function fixedSpace(space: Space, fixed: Params): Space {
  const problems = space.checkPartial(fixed).map(({ path, message }) => ({
    path: path === '' ? 'fixed' : `fixed.${path}`,
    message,
  }))
  if (problems.length > 0) {
    const all = problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
    throw new EspalierError('USAGE', `fixed params must be possible in the space: ${all}`, { problems })
  }
  const d = space.dimensions.length
  const isFixed = space.dimensions.map(({ parameter }) => Object.hasOwn(fixed, parameter.name))
  const decode = (point: ArrayLike<number>): Params => space.complete(fixed, point)
  const snapInto = (point: Float64Array) => space.encodeInto(decode(point), point)
  const snapped = new Float64Array(d)

  return {
    parameters: space.parameters,
    dimensions: space.dimensions,
    encode: space.encode,
    encodeInto: space.encodeInto,
    key: space.key,
    own: space.own,
    check: space.check,
    checkPartial: space.checkPartial,
    complete: space.complete,
    // Upper bounds: of a space that is not finite a part may be, which those who draw from it find out.
    get size() {
      return space.size
    },
    get gridSize() {
      return space.gridSize
    },
    decode,
    snapInto,
    /** What is fixed counts as inactive: nothing moves it. */
    activeInto(point, out) {
      for (let i = 0; i < d; i++) snapped[i] = point[i]
      snapInto(snapped)
      space.activeInto(snapped, out)
      for (let i = 0; i < d; i++) if (isFixed[i]) out[i] = 0
    },
    centre: () => decode(space.encode(space.centre())),
    *gridCells() {
      const met = new Set<string>()
      for (const cell of space.gridCells()) {
        const params = decode(space.encode(cell))
        const key = space.key(params)
        if (met.has(key)) continue
        met.add(key)
        yield params
      }
    },
  }
}

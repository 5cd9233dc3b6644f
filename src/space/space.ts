/**
 * A Space from its parameters: everything that is asked thousands of times a suggestion is worked out here once.
 *
 * Notation: d = number of dimensions, u = a point of [0, 1]^d, i = a dimension, p = a parameter.
 */
import type { Params, ParamValue } from '../values.js'
import { checkParams } from './check.js'
import { markActive } from './conditions.js'
import { countParams, countToNumber } from './count.js'
import { codecOf, conditionsOf, parametersParentsFirst } from './derive.js'
import { gridAxis, walkGrid } from './grid.js'
import type { Dimension, Parameter, Space } from './types.js'
import { spaceError } from './wording.js'

/** `parameters` must have passed the checks of parameters.ts. */
export function buildSpace(parameters: readonly Parameter[]): Space {
  const codecs = parameters.map(codecOf)
  const conditions = conditionsOf(parameters, codecs)
  const order = parametersParentsFirst(parameters)
  const conditional = order.filter((p) => conditions[p].length > 0)
  const checkable = { parameters, codecs, conditions }
  const names = parameters.map(({ name }) => name)
  const indexOf = new Map(names.map((name, p) => [name, p]))

  /** Parameter → dimension, −1 for a constant; dimension → parameter. */
  let d = 0
  const dimensionOf = parameters.map(({ type }) => (type === 'constant' ? -1 : d++))
  const searched = [...parameters.keys()].filter((p) => dimensionOf[p] >= 0)
  const dimensions = searched.map((p): Dimension => {
    const { kind, levels, log, levelToUnit, unitToLevel, fromUnit } = codecs[p]
    const parameter = parameters[p] as Dimension['parameter']
    return { parameter, kind, levels, log, levelToUnit, unitToLevel, unitToValue: fromUnit }
  })

  /** Scratch: 1 where a parameter is active, as last asked. */
  const active = new Uint8Array(parameters.length)
  function markAt(point: ArrayLike<number>): void {
    markActive(
      conditions,
      conditional,
      (p) => (dimensionOf[p] < 0 ? 0 : codecs[p].unitToLevel(point[dimensionOf[p]])),
      active,
    )
  }
  function markAmong(levels: ArrayLike<number>): void {
    markActive(conditions, conditional, (p) => levels[p], active)
  }

  /** Scratch: the level of each parameter's given value, NaN where none is given or it has no levels. */
  const givenLevels = new Float64Array(parameters.length)

  /** False where the params are not feasible; `out` is then half written. */
  function tryEncode(params: Params, out: Float64Array): boolean {
    let given = 0
    for (let p = 0; p < parameters.length; p++) {
      const i = dimensionOf[p]
      const has = Object.hasOwn(params, names[p])
      if (has) given++
      if (i < 0) {
        givenLevels[p] = 0
        if (has && !(codecs[p].levelOf(params[names[p]]) === 0)) return false
        continue
      }
      const codec = codecs[p]
      out[i] = 0.5
      givenLevels[p] = Number.NaN
      if (!has) continue
      const u = codec.toUnit(params[names[p]])
      if (!(u >= 0)) return false
      out[i] = u
      if (codec.kind !== 'continuous') givenLevels[p] = codec.unitToLevel(u)
    }
    markAmong(givenLevels)
    for (let p = 0; p < parameters.length; p++) {
      const has = Object.hasOwn(params, names[p])
      // Constants may be left out.
      if (has ? active[p] === 0 : active[p] === 1 && dimensionOf[p] >= 0) return false
    }
    return Object.keys(params).length === given
  }

  function encodeInto(params: Params, out: Float64Array): void {
    if (tryEncode(params, out)) return
    throw spaceError(checkParams(checkable, params, false))
  }

  /** Params in the order of the file, of the parameters marked active; `pick(p)` is asked for those searched. */
  function assemble(pick: (p: number) => ParamValue): Record<string, ParamValue> {
    const params: Record<string, ParamValue> = {}
    for (let p = 0; p < parameters.length; p++) {
      if (active[p] === 0) continue
      const parameter = parameters[p]
      params[parameter.name] = parameter.type === 'constant' ? parameter.value : pick(p)
    }
    return params
  }

  function decode(point: ArrayLike<number>): Params {
    markAt(point)
    return assemble((p) => codecs[p].fromUnit(point[dimensionOf[p]]))
  }

  function own(params: Params): Params {
    return Object.fromEntries(
      Object.entries(params).map(([name, value]) => {
        const p = indexOf.get(name)
        return [name, (p === undefined ? undefined : codecs[p].own(value)) ?? value]
      }),
    )
  }

  /**
   * What the given parameters need of their ancestors that are not given: the levels that are left, by the ancestor.
   * Children first, so that each ancestor is come to when all that needs it is known.
   */
  function neededFor(has: readonly boolean[]): Map<number, readonly number[]> {
    const needed = new Map<number, readonly number[]>()
    const isNeeded = Uint8Array.from(has, Number)
    for (let k = conditional.length - 1; k >= 0; k--) {
      const p = conditional[k]
      if (isNeeded[p] === 0) continue
      for (const { parent, levels: allowed } of conditions[p]) {
        isNeeded[parent] = 1
        if (has[parent] || dimensionOf[parent] < 0) continue
        const both = (needed.get(parent) ?? [...allowed]).filter((level) => allowed.has(level))
        if (both.length > 0) needed.set(parent, both)
      }
    }
    return needed
  }

  function complete(partial: Params, point: ArrayLike<number>): Params {
    const given = own(partial)
    const has = names.map((name) => Object.hasOwn(given, name))
    const levels = codecs.map((codec, p) => {
      if (dimensionOf[p] < 0) return 0
      if (has[p]) return codec.levelOf(given[names[p]])
      return codec.kind === 'continuous' ? Number.NaN : codec.unitToLevel(point[dimensionOf[p]])
    })
    // What is given needs its ancestors at certain levels: those not given move to the nearest such level.
    for (const [p, allowed] of neededFor(has)) {
      const wish = levels[p]
      levels[p] = allowed.reduce((best, level) => {
        const gain = Math.abs(best - wish) - Math.abs(level - wish)
        return gain > 0 || (gain === 0 && level < best) ? level : best
      })
    }
    markAmong(levels)
    const params = assemble((p) => {
      if (has[p] && !(levels[p] >= 0)) return given[names[p]]
      return codecs[p].kind === 'continuous'
        ? codecs[p].fromUnit(point[dimensionOf[p]])
        : codecs[p].valueAt(levels[p])
    })
    for (const [name, value] of Object.entries(given)) {
      const p = indexOf.get(name)
      const isConstant = p !== undefined && dimensionOf[p] < 0
      if (isConstant || !Object.hasOwn(params, name)) params[name] = value
    }
    return params
  }

  const axes = lazy(() =>
    parameters.map((parameter, p) => gridAxis(codecs[p], 'grid' in parameter ? parameter.grid : null)),
  )
  const size = lazy(() =>
    codecs.some(({ kind }) => kind === 'continuous')
      ? Number.POSITIVE_INFINITY
      : countToNumber(
          countParams(
            codecs.map((codec) => codec.levels),
            conditions,
          ),
        ),
  )
  const gridSize = lazy(() => {
    const onGrid = conditions.map((needs) =>
      needs.map(({ parent, levels }) => ({ parent, levels: axes()[parent].among(levels) })),
    )
    return countToNumber(
      countParams(
        axes().map(({ points }) => points),
        onGrid,
      ),
    )
  })

  return {
    parameters,
    dimensions,
    get size() {
      return size()
    },
    get gridSize() {
      return gridSize()
    },
    encodeInto,
    encode(params) {
      const out = new Float64Array(d)
      encodeInto(params, out)
      return out
    },
    decode,
    own,
    snapInto(point) {
      markAt(point)
      for (let i = 0; i < d; i++) {
        const p = searched[i]
        point[i] = active[p] === 1 ? codecs[p].snap(point[i]) : 0.5
      }
    },
    activeInto(point, out) {
      markAt(point)
      for (let i = 0; i < d; i++) out[i] = active[searched[i]]
    },
    key(params) {
      let text = ''
      for (let i = 0; i < d; i++) {
        if (i > 0) text += '|'
        const p = searched[i]
        if (!Object.hasOwn(params, names[p])) continue
        const value = params[names[p]]
        const level = codecs[p].levelOf(value)
        text += level >= 0 ? level : `=${JSON.stringify(codecs[p].own(value) ?? value)}`
      }
      return text
    },
    check: (params) => checkParams(checkable, params, false),
    checkPartial: (partial) => checkParams(checkable, partial, true),
    complete,
    centre() {
      const defaults = dimensions.map(({ parameter }) => parameter.default)
      const point = searched.map((p, i) => {
        if (defaults[i] !== undefined) return codecs[p].toUnit(defaults[i])
        // A categorical has no middle: the value listed first.
        return codecs[p].kind === 'categorical' ? codecs[p].levelToUnit(0) : 0.5
      })
      markAt(point)
      return assemble((p) => defaults[dimensionOf[p]] ?? codecs[p].fromUnit(point[dimensionOf[p]]))
    },
    *gridCells() {
      for (const points of walkGrid(axes(), order, conditions)) {
        for (let p = 0; p < parameters.length; p++) active[p] = points[p] >= 0 ? 1 : 0
        yield assemble((p) => axes()[p].valueAt(points[p]))
      }
    },
  }
}

/** Worked out when first asked for. */
function lazy<T>(make: () => T): () => T {
  let value: { readonly made: T } | undefined
  return () => {
    value ??= { made: make() }
    return value.made
  }
}

/**
 * A Space from its parameters: everything that is asked thousands of times a suggestion is worked out here once.
 *
 * Notation: d = number of dimensions, u = a point of [0, 1]^d, i = a dimension, p = a parameter.
 */
import type { Params, ParamValue } from '../values.js'
import { checkParams } from './check.js'
import type { Codec } from './codec.js'
import { type LevelCondition, parentsFirst } from './conditions.js'
import { countParams, countToNumber } from './count.js'
import { codecOf, conditionsOf } from './derive.js'
import { type GridAxis, gridAxis, walkGrid } from './grid.js'
import type { Dimension, Parameter, Space } from './types.js'
import { spaceError } from './wording.js'

/** `parameters` must have passed the checks of parameters.ts. */
export function buildSpace(parameters: readonly Parameter[]): Space {
  const allCodecs = parameters.map(codecOf)
  // Constants drop out of the conditions: they have one value, and the checks saw to it that it fits.
  const allConditions = conditionsOf(parameters, allCodecs).map((needs) =>
    needs.filter(({ dimension }) => parameters[dimension].type !== 'constant'),
  )
  const checkable = { parameters, codecs: allCodecs, conditions: allConditions }
  const allParameters = new Map(
    parameters.map((parameter, p) => [parameter.name, { parameter, codec: allCodecs[p] }]),
  )

  /** Parameter → dimension, −1 for a constant. */
  let d = 0
  const dimensionOf = parameters.map(({ type }) => (type === 'constant' ? -1 : d++))
  const names: string[] = []
  const codecs: Codec[] = []
  const conditions: LevelCondition[][] = []
  const dimensions: Dimension[] = []
  /** By parameter, but in terms of dimensions. */
  const activeWhen = allConditions.map((needs) =>
    needs.map(({ dimension, levels }) => ({ dimension: dimensionOf[dimension], levels })),
  )
  parameters.forEach((parameter, p) => {
    if (parameter.type === 'constant') return
    const codec = allCodecs[p]
    names.push(parameter.name)
    codecs.push(codec)
    conditions.push(activeWhen[p])
    const { kind, levels, log, levelToUnit, unitToLevel } = codec
    dimensions.push({ parameter, kind, levels, log, levelToUnit, unitToLevel })
  })
  const order = parentsFirst(conditions.map((needs) => needs.map(({ dimension }) => dimension)))

  function activeAt(point: ArrayLike<number>, needs: readonly LevelCondition[]): boolean {
    for (let j = 0; j < needs.length; j++) {
      const { dimension, levels } = needs[j]
      if (!levels.has(codecs[dimension].unitToLevel(point[dimension]))) return false
    }
    return true
  }

  /** Scratch: the level of each dimension's given value, NaN where none is given or it has no levels. */
  const givenLevels = new Float64Array(d)
  function activeAmong(levelOf: ArrayLike<number>, needs: readonly LevelCondition[]): boolean {
    for (let j = 0; j < needs.length; j++) {
      if (!needs[j].levels.has(levelOf[needs[j].dimension])) return false
    }
    return true
  }

  /** False where the params are not feasible; `out` is then half written. */
  function tryEncode(params: Params, out: Float64Array): boolean {
    let given = 0
    for (let i = 0; i < d; i++) {
      const has = Object.hasOwn(params, names[i])
      const codec = codecs[i]
      out[i] = 0.5
      givenLevels[i] = Number.NaN
      if (!has) continue
      const u = codec.toUnit(params[names[i]])
      if (!(u >= 0)) return false
      out[i] = u
      if (codec.kind !== 'continuous') givenLevels[i] = codec.unitToLevel(u)
      given++
    }
    for (let i = 0; i < d; i++) {
      if (activeAmong(givenLevels, conditions[i]) !== Object.hasOwn(params, names[i])) return false
    }
    for (let p = 0; p < parameters.length; p++) {
      if (dimensionOf[p] >= 0 || !Object.hasOwn(params, parameters[p].name)) continue
      if (!(allCodecs[p].levelOf(params[parameters[p].name]) === 0)) return false
      if (!activeAmong(givenLevels, activeWhen[p])) return false
      given++
    }
    return Object.keys(params).length === given
  }

  function encodeInto(params: Params, out: Float64Array): void {
    if (tryEncode(params, out)) return
    throw spaceError(checkParams(checkable, params, false))
  }

  /** Params in the order of the file; `pick(i)` is asked for the dimensions that are active. */
  function assemble(
    isActive: (p: number) => boolean,
    pick: (i: number) => ParamValue,
  ): Record<string, ParamValue> {
    const params: Record<string, ParamValue> = {}
    for (let p = 0; p < parameters.length; p++) {
      if (!isActive(p)) continue
      const parameter = parameters[p]
      params[parameter.name] = parameter.type === 'constant' ? parameter.value : pick(dimensionOf[p])
    }
    return params
  }

  function decode(point: ArrayLike<number>): Params {
    return assemble(
      (p) => activeAt(point, activeWhen[p]),
      (i) => codecs[i].fromUnit(point[i]),
    )
  }

  function own(params: Params): Params {
    return Object.fromEntries(
      Object.entries(params).map(([name, value]) => {
        return [name, allParameters.get(name)?.codec.own(value) ?? value]
      }),
    )
  }

  function complete(partial: Params, point: ArrayLike<number>): Params {
    const given = own(partial)
    const has = names.map((name) => Object.hasOwn(given, name))
    const levels = codecs.map((codec, i) =>
      has[i]
        ? codec.levelOf(given[names[i]])
        : codec.kind === 'continuous'
          ? Number.NaN
          : codec.unitToLevel(point[i]),
    )
    // What is given needs its ancestors at certain levels: those not given move to the nearest such level.
    const needed = new Map<number, number[]>()
    parameters.forEach(({ name }, p) => {
      if (!Object.hasOwn(given, name)) return
      for (const { dimension, levels: allowed } of activeWhen[p]) {
        if (has[dimension]) continue
        const both = (needed.get(dimension) ?? [...allowed]).filter((level) => allowed.has(level))
        if (both.length > 0) needed.set(dimension, both)
      }
    })
    for (const [i, allowed] of needed) {
      const wish = levels[i]
      levels[i] = allowed.reduce((best, level) => {
        const gain = Math.abs(best - wish) - Math.abs(level - wish)
        return gain > 0 || (gain === 0 && level < best) ? level : best
      })
    }
    const params = assemble(
      (p) => activeAmong(levels, activeWhen[p]),
      (i) => {
        if (has[i] && !(levels[i] >= 0)) return given[names[i]]
        return codecs[i].kind === 'continuous' ? codecs[i].fromUnit(point[i]) : codecs[i].valueAt(levels[i])
      },
    )
    for (const [name, value] of Object.entries(given)) {
      const isConstant = allParameters.get(name)?.parameter.type === 'constant'
      if (isConstant || !Object.hasOwn(params, name)) params[name] = value
    }
    return params
  }

  const axes = lazy(() =>
    dimensions.map(
      ({ parameter }, i): GridAxis => gridAxis(codecs[i], 'grid' in parameter ? parameter.grid : null),
    ),
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
      needs.map(({ dimension, levels }) => ({ dimension, levels: axes()[dimension].among(levels) })),
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
      // In any order: a set of conditions holds the ancestors' own, and the uppermost that fails is not moved.
      for (let i = 0; i < d; i++) {
        point[i] = activeAt(point, conditions[i]) ? codecs[i].snap(point[i]) : 0.5
      }
    },
    activeInto(point, out) {
      for (let i = 0; i < d; i++) out[i] = activeAt(point, conditions[i]) ? 1 : 0
    },
    key(params) {
      let text = ''
      for (let i = 0; i < d; i++) {
        if (i > 0) text += '|'
        if (!Object.hasOwn(params, names[i])) continue
        const value = params[names[i]]
        const level = codecs[i].levelOf(value)
        text += level >= 0 ? level : `=${JSON.stringify(codecs[i].own(value) ?? value)}`
      }
      return text
    },
    check: (params) => checkParams(checkable, params, false),
    checkPartial: (partial) => checkParams(checkable, partial, true),
    complete,
    centre() {
      const defaults = dimensions.map(({ parameter }) => parameter.default)
      const point = codecs.map((codec, i) => {
        if (defaults[i] !== undefined) return codec.toUnit(defaults[i])
        // A categorical has no middle: the value listed first.
        return codec.kind === 'categorical' ? codec.levelToUnit(0) : 0.5
      })
      return assemble(
        (p) => activeAt(point, activeWhen[p]),
        (i) => defaults[i] ?? codecs[i].fromUnit(point[i]),
      )
    },
    *gridCells() {
      for (const points of walkGrid(axes(), order, conditions)) {
        yield assemble(
          (p) => (dimensionOf[p] >= 0 ? points[dimensionOf[p]] >= 0 : constantActive(points, p)),
          (i) => axes()[i].valueAt(points[i]),
        )
      }
    },
  }

  function constantActive(points: ArrayLike<number>, p: number): boolean {
    return activeWhen[p].every(({ dimension, levels }) =>
      levels.has(axes()[dimension].levelAt(points[dimension])),
    )
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

/**
 * The parameters of a sweep with their ranges narrowed to where it was good: what the next search looks at.
 *
 * A range keeps its scale, step and conditions. It is no narrower than a tenth of what it was, on its own scale, for the
 * best of a few trials lie closer together than the good values do, and its ends are rounded outwards to what can be read.
 * A parameter that was never active stays as it was; one that can no longer be active goes.
 */
import {
  createSpace,
  type ParameterJson,
  type ParametersJson,
  recordedParameters,
  type Space,
} from '../space/index.js'
import type { ParentRun } from '../tracking/index.js'
import { isJsonObject, type ParamValue } from '../values.js'
import type { Insight, ParameterRange } from './types.js'

export interface NarrowedParameters {
  readonly parameters: ParametersJson
  /** What is not as it was, beside the ranges, in sentences. */
  readonly notes: readonly string[]
}

/** Of the range as it was, in unit coordinates. */
const narrowest = 0.1

export function narrowedParameters(
  sweep: Pick<ParentRun, 'spec'>,
  { parameters: told }: Pick<Insight, 'parameters'>,
): NarrowedParameters {
  const written = Object.entries(recordedParameters(sweep.spec))
  const good = new Map(told.map((one) => [one.name, one.good]))
  const notes: string[] = []
  const ranges = new Map(
    written.map(([name, entry]) => {
      const range = good.get(name) ?? null
      return [name, range === null ? entry : narrowed(name, entry, range, notes)]
    }),
  )
  return { parameters: withoutImpossible(ranges, notes), notes }
}

function narrowed(name: string, entry: ParameterJson, range: ParameterRange, notes: string[]): ParameterJson {
  const kept: Record<string, unknown> = { ...(entry as object) }
  if (range.kind === 'values') kept.values = range.values
  else Object.assign(kept, endsOf(alone(name, entry), name, range))
  const { default: stated, ...withoutDefault } = kept
  if (stated === undefined || holds(name, withoutDefault, stated as ParamValue)) {
    return kept as unknown as ParameterJson
  }
  notes.push(`the default of ${name}, ${JSON.stringify(stated)}, is outside its new range and left out`)
  return withoutDefault as unknown as ParameterJson
}

/** A space of this parameter, always active. */
function alone(name: string, entry: unknown): Space {
  const { when: _, ...always } = entry as Readonly<Record<string, unknown>>
  return createSpace({ [name]: isJsonObject(entry) ? always : entry } as ParametersJson)
}

function holds(name: string, entry: unknown, value: ParamValue): boolean {
  return alone(name, entry).check({ [name]: value }).length === 0
}

function endsOf(
  space: Space,
  name: string,
  { min, max }: ParameterRange & { kind: 'range' },
): { readonly min: ParamValue; readonly max: ParamValue } {
  const { kind, levels, log, unitToLevel, levelToUnit, unitToValue } = space.dimensions[0]
  const [low, high] = widened([min, max].map((value) => space.encode({ [name]: value })[0]))
  if (kind === 'ordered') {
    const [least, most] = [unitToLevel(low), unitToLevel(high)]
    const spare = least === most ? 1 : 0
    return {
      min: unitToValue(levelToUnit(Math.max(0, least - spare))),
      max: unitToValue(levelToUnit(Math.min(levels - 1, most + spare))),
    }
  }
  const [least, most, lowest, highest] = [low, high, 0, 1].map((u) => unitToValue(u) as number)
  // Read as a decimal: powers differ from one version of Node to the next.
  const digit = (value: number) => Number(`1e${Math.floor(Math.log10(log ? value : most - least)) - 2}`)
  return {
    min: Math.max(lowest, rounded(Math.floor, least, digit(least))),
    max: Math.min(highest, rounded(Math.ceil, most, digit(most))),
  }
}

function widened([low, high]: readonly number[]): [number, number] {
  const spare = Math.max(0, narrowest - (high - low)) / 2
  const from = Math.min(Math.max(0, low - spare), 1 - Math.min(1, high - low + 2 * spare))
  return [from, Math.min(1, from + high - low + 2 * spare)]
}

function rounded(towards: (value: number) => number, value: number, digit: number): number {
  return Number((towards(value / digit) * digit).toPrecision(12))
}

/** Conditions with the values that their parents still have, without the parameters that are then never active. */
function withoutImpossible(entries: Map<string, ParameterJson>, notes: string[]): ParametersJson {
  for (;;) {
    let gone = false
    for (const [name, entry] of entries) {
      const when = isJsonObject(entry)
        ? (entry.when as Readonly<Record<string, readonly ParamValue[]>>)
        : undefined
      if (when === undefined) continue
      const left = Object.entries(when).map(([parent, values]) => {
        const of = entries.get(parent)
        return [parent, of === undefined ? [] : values.filter((value) => holds(parent, of, value))] as const
      })
      if (left.some(([, values]) => values.length === 0)) {
        notes.push(`${name} is left out: nothing in the new ranges makes it active`)
        entries.delete(name)
        gone = true
      } else
        entries.set(name, {
          ...(entry as object),
          when: Object.fromEntries(left),
        } as unknown as ParameterJson)
    }
    if (!gone) return Object.fromEntries(entries)
  }
}

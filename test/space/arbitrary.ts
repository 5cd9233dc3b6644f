/** Spaces at random: every type, scale and step, conditions with several parents, nested, in any order. */
import fc from 'fast-check'
import type { ParameterJson } from '../../src/space/index.js'
import { canonicalJson, type ParamValue } from '../../src/values.js'

type Parameters = Record<string, ParameterJson>

const scalar = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
)
const value: fc.Arbitrary<ParamValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.string({ maxLength: 3 }).filter((key) => key !== '__proto__'),
      fc.array(scalar, { maxLength: 2 }),
      { maxKeys: 2, noNullPrototype: true },
    ),
  },
)
const distinct = fc.uniqueArray(value, { minLength: 1, maxLength: 4, selector: canonicalJson })
const grid = fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined })

/** A decimal as people write it: 0.05, 300, 1e-7. */
const decimal = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: -9, max: 3 }))
  .map(([digits, exponent]) => Number(`${digits}e${exponent}`))
const signed = fc.tuple(decimal, fc.constantFrom(-1, 0, 1)).map(([x, sign]) => x * sign)

const linearFloat = fc
  .tuple(signed, decimal, grid)
  .map(([min, range, points]) => ({ type: 'float', min, max: min + range, grid: points }) as const)
const logFloat = fc
  .tuple(decimal, fc.double({ min: 1.001, max: 1e9, noNaN: true }), grid)
  .map(
    ([min, ratio, points]) => ({ type: 'float', min, max: min * ratio, scale: 'log', grid: points }) as const,
  )
const steppedFloat = fc
  .tuple(signed, decimal, fc.double({ min: 1, max: 60, noNaN: true }), grid)
  .map(([min, step, steps, points]) => {
    const scale = min > 0 ? ('log' as const) : ('linear' as const)
    return { type: 'float', min, max: min + step * (steps + 1e-6), step, scale, grid: points } as const
  })
const int = fc
  .tuple(
    fc.integer({ min: -50, max: 50 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 5 }),
    grid,
  )
  .map(([min, range, step, points]) => {
    const scale = min > 0 ? ('log' as const) : ('linear' as const)
    return { type: 'int', min, max: min + range, step: Math.min(step, range), scale, grid: points } as const
  })
const listed = fc
  .tuple(fc.constantFrom('categorical', 'ordinal'), distinct)
  .map(([type, values]) => ({ type, values }) as const)
const constant = fc.oneof(
  scalar,
  value.map((fixed) => ({ type: 'constant', value: fixed }) as const),
)

/** Values a parameter can have, for those that depend on it. */
function possible(parameter: ParameterJson): readonly ParamValue[] {
  if (typeof parameter !== 'object' || parameter === null) return [parameter]
  if (parameter.type === 'constant') return [parameter.value]
  if (parameter.type === 'categorical' || parameter.type === 'ordinal') return parameter.values
  if (parameter.type === 'int') {
    const { min, max, step = 1 } = parameter
    return Array.from({ length: Math.floor((max - min) / step) + 1 }, (_, i) => min + i * step)
  }
  return []
}

/** `finite`: without continuous parameters. */
export function arbitraryParameters({ finite = false } = {}): fc.Arbitrary<Parameters> {
  const one = finite
    ? fc.oneof(int, listed, listed, constant)
    : fc.oneof(linearFloat, logFloat, steppedFloat, int, listed, listed, constant)
  const conditions = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 2 })
  return fc
    .array(fc.tuple(one, conditions), { minLength: 1, maxLength: 7 })
    .chain((entries) =>
      fc.tuple(
        fc.constant(entries),
        fc.shuffledSubarray(
          entries.map((_, i) => i),
          { minLength: entries.length },
        ),
      ),
    )
    .map(([entries, order]) => {
      // Parameter i looks at some of those before it; the file lists them in another order.
      const named: [string, ParameterJson][] = []
      entries.forEach(([parameter, wanted], i) => {
        const when: Record<string, ParamValue[]> = {}
        for (const [which, from, count] of i === 0 ? [] : wanted) {
          const [parent, definition] = named[which % i]
          const values = possible(definition)
          if (values.length === 0) continue
          const start = from % values.length
          when[parent] = values.slice(start, start + 1 + (count % 3))
        }
        const asObject =
          typeof parameter === 'object' && parameter !== null
            ? parameter
            : ({ type: 'constant', value: parameter } as const)
        named.push([`p${i}`, Object.keys(when).length > 0 ? { ...asObject, when } : parameter])
      })
      return Object.fromEntries(order.map((i) => named[i]))
    })
}

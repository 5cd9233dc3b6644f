/** Functions of the runtime, and what they are asked. */
import { runtimeFor } from '../../../src/exchange/python/parts.js'
import { randomStream } from '../../../src/numeric/index.js'
import { asked, bitsOf } from './support.js'

/** Python with a function of the runtime. */
export const functionSource = (name: string) => {
  const { imports, bodies } = runtimeFor([name])
  return [imports.join('\n'), ...bodies].join('\n\n\n')
}

const edges = [
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  Number.NaN,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1e-320,
]
const near = (value: number) => [value, -value].flatMap((one) => [one, one * (1 + 2e-16), one * (1 - 2e-16)])
const turns = [
  ...near(0.34657359027997264),
  ...near(1.0397207708399179),
  ...near(709.782712893384),
  ...near(745.1332191019411),
  ...near(2 ** -28),
  ...near(2 ** -54),
  ...near(22),
  ...near(708.3964185322641),
]
/** So that every branch for every multiple of ln 2 is met. */
const multiples = Array.from({ length: 2200 }, (_, i) => (i - 1100) * Math.LN2)

/** Edges, and random ones: of any bits, and where functions turn. */
export function functionInputs(seed: number, size: number): number[] {
  const random = randomStream(seed, 'functions')
  const some = (count: number, make: () => number) => Array.from({ length: count * size }, make)
  const view = new DataView(new ArrayBuffer(8))
  const anyDouble = () => {
    view.setUint32(0, Math.floor(random.next() * 2 ** 32))
    view.setUint32(4, Math.floor(random.next() * 2 ** 32))
    return view.getFloat64(0)
  }
  return [
    ...edges,
    ...turns,
    ...multiples,
    ...some(4, anyDouble),
    ...some(6, () => random.normal()),
    ...some(6, () => 800 * (2 * random.next() - 1)),
    ...some(2, () => 30 * (2 * random.next() - 1)),
    ...some(2, () => 1 + 0.01 * (2 * random.next() - 1)),
  ]
}

/** What is held to JavaScript, bit by bit. */
export const functions: readonly [string, (x: number) => number | string][] = [
  ['_exp', Math.exp],
  ['_log', Math.log],
  ['_tanh', Math.tanh],
  ['_number_text', String],
  ['_single', Math.fround],
]

/** The inputs for which Python gives other bits; NaN has many. */
export function wrongInputs(program: string, name: string, inputs: readonly number[]): unknown[] {
  const ours = functions.find(([one]) => one === name)![1]
  const [theirs] = asked<(string | number)[]>(program, [
    { source: functionSource(name), function: name, values: inputs.map(bitsOf) },
  ])
  return inputs.flatMap((x, i) => {
    const expected = ours(x)
    if (typeof expected === 'string') return expected === theirs[i] ? [] : [[x, theirs[i]]]
    const same = Number.isNaN(expected)
      ? /^[7f]ff[89a-f]/.test(`${theirs[i]}`)
      : theirs[i] === bitsOf(expected)
    return same ? [] : [[x, theirs[i]]]
  })
}

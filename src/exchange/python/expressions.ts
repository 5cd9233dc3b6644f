/** Python written from values: what stands in the file, and which names of the runtime it uses. */

export interface Expression {
  readonly text: string
  /** Names that parts of the runtime define. */
  readonly uses: ReadonlySet<string>
}

const longest = 100

/** A text without line ends, or several lines. */
const plain = (text: string): Expression => ({ text, uses: new Set() })

function group(
  open: string,
  parts: readonly Expression[],
  close: string,
  names: readonly string[],
): Expression {
  const texts = parts.map(({ text }) => text)
  const short = `${open}${texts.join(', ')}${close}`
  const uses = new Set([...names, ...parts.flatMap((part) => [...part.uses])])
  if (short.length <= longest || parts.length === 0) return { text: short, uses }
  return { text: `${open}\n${texts.map((text) => `${indented(text)},\n`).join('')}${close}`, uses }
}

const indented = (text: string) => text.replace(/^/gm, '    ')

/** A name that a part of the runtime defines. */
export const named = (name: string): Expression => ({ text: name, uses: new Set([name]) })

/** A call of a function of the runtime. */
export function call(name: string, ...args: readonly (Expression | null)[]): Expression {
  return group(
    `${name}(`,
    args.map((one) => one ?? none),
    ')',
    [name],
  )
}

/** An argument by its name. */
export const keyword = (name: string, { text, uses }: Expression): Expression => ({
  text: `${name}=${text}`,
  uses,
})

export const none = plain('None')

export const truth = (value: boolean): Expression => plain(value ? 'True' : 'False')

export const list = (parts: readonly Expression[]): Expression => group('[', parts, ']', [])

export const tuple = (...parts: readonly Expression[]): Expression => group('(', parts, ')', [])

export function dictionary(entries: readonly (readonly [string, Expression])[]): Expression {
  return group(
    '{',
    entries.map(([name, { text, uses }]) => ({ text: `${text_(name)}: ${text}`, uses })),
    '}',
    [],
  )
}

export const text = (value: string): Expression => plain(text_(value))

export const texts = (values: readonly (string | null)[]): Expression =>
  list(values.map((value) => (value === null ? none : text(value))))

/** In ASCII. Halves of a pair of code units stand for themselves, pairs for the character that they are. */
function text_(value: string): string {
  let written = ''
  for (const character of value) {
    const code = character.codePointAt(0)!
    if (character === '"' || character === '\\') written += `\\${character}`
    else if (code >= 0x20 && code < 0x7f) written += character
    else if (code < 0x1_0000) written += `\\u${code.toString(16).padStart(4, '0')}`
    else written += `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `"${written}"`
}

/** A whole number. */
export const whole = (value: number): Expression => plain(String(value))

/** A double: the shortest text that is read as the same one. */
export function double(value: number): Expression {
  if (Object.is(value, -0)) return plain('-0.0')
  const written = String(value)
  return plain(/^-?\d+$/.test(written) ? `${written}.0` : written)
}

/** Of more numbers than these the bytes are written. */
const mostWritten = 8

export function doubles(values: readonly number[]): Expression {
  if (values.length <= mostWritten && values.every(Number.isFinite)) return list(values.map(double))
  return packed('d', 8, values, (view, at, value) => view.setFloat64(at, value, true))
}

/** Numbers of single precision. */
export function singles(values: readonly number[]): Expression {
  return packed('f', 4, values, (view, at, value) => view.setFloat32(at, value, true))
}

/** Whole numbers of 32 bits, with a sign or without. */
export function wholes(values: readonly number[]): Expression {
  if (values.length <= mostWritten) return list(values.map(whole))
  let [least, most] = [0, 0]
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  if (least >= -128 && most < 128) return packed('b', 1, values, (view, at, value) => view.setInt8(at, value))
  if (least >= -32_768 && most < 32_768)
    return packed('h', 2, values, (view, at, value) => view.setInt16(at, value, true))
  if (least >= 0) return packed('I', 4, values, (view, at, value) => view.setUint32(at, value, true))
  return packed('i', 4, values, (view, at, value) => view.setInt32(at, value, true))
}

/** As base64 of little-endian bytes; `code` is that of Python's module `array`. */
function packed(
  code: string,
  size: number,
  values: readonly number[],
  set: (view: DataView, at: number, value: number) => void,
): Expression {
  const bytes = Buffer.alloc(size * values.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  values.forEach((value, i) => {
    set(view, size * i, value)
  })
  return call('_array', text(code), text(bytes.toString('base64')))
}

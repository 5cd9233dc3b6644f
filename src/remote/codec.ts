/**
 * Values as text, exactly: JSON, with numbers that JSON has not (NaN, infinities, −0), undefined, and typed arrays, which come back on a
 * SharedArrayBuffer where they were on one. Large arrays are parts of their own, known by their digest.
 *
 * What JSON has not is an object with the one key `$`: {"$":"NaN"}, {"$":"f64","data":…}. An object that has this key itself is wrapped.
 */
import { createHash } from 'node:crypto'
import { EspalierError } from '../errors.js'
import { isJsonObject } from '../values.js'

type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

const arrays = {
  i8: Int8Array,
  u8: Uint8Array,
  c8: Uint8ClampedArray,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
} as const

type ArrayName = keyof typeof arrays

const numbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
}

/** Bytes from which on an array is a part of its own. */
const smallestPart = 64 * 1024

export interface Parts {
  readonly text: string
  /** By SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/** Throws MESSAGE_INVALID for a function, a symbol, and the like. */
export function encode(value: unknown): string {
  return JSON.stringify(plain(value, null))
}

/** As `encode`, but for large arrays, which are parts of their own and are not copied. */
export function encodeParts(value: unknown): Parts {
  const blobs = new Map<string, Uint8Array>()
  return { text: JSON.stringify(plain(value, blobs)), blobs }
}

/** Throws MESSAGE_INVALID for what `encode` did not write. */
export function decode(text: string): unknown {
  return revive(parse(text), missingPart)
}

/** @param get a part by its digest; what it throws is passed on. */
export async function decodeParts(
  text: string,
  get: (digest: string) => Promise<Uint8Array>,
): Promise<unknown> {
  const parsed = parse(text)
  const blobs = new Map<string, Uint8Array>()
  for (const digest of partsIn(parsed, new Set())) blobs.set(digest, await get(digest))
  return revive(parsed, (digest) => blobs.get(digest)!)
}

function plain(value: unknown, blobs: Map<string, Uint8Array> | null): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value
      return { $: Object.is(value, -0) ? '-0' : String(value) }
    case 'bigint':
      return { $: 'bigint', data: String(value) }
    case 'undefined':
      return { $: 'undefined' }
    case 'object':
      break
    default:
      throw invalid(`a ${typeof value} has no text`)
  }
  if (value === null) return null
  if (Array.isArray(value)) return value.map((one) => plain(one, blobs))
  if (ArrayBuffer.isView(value)) return plainArray(value as TypedArray, blobs)
  const entries = Object.entries(value).map(([key, one]) => [key, plain(one, blobs)])
  const object = Object.fromEntries(entries)
  return Object.hasOwn(object, '$') ? { $: 'object', data: entries } : object
}

function plainArray(array: TypedArray, blobs: Map<string, Uint8Array> | null): unknown {
  const name = (Object.keys(arrays) as ArrayName[]).find((one) => array instanceof arrays[one])
  if (name === undefined) throw invalid(`a ${Object.prototype.toString.call(array)} has no text`)
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  const shared = array.buffer instanceof SharedArrayBuffer && { shared: true }
  if (blobs === null || bytes.length < smallestPart)
    return { $: name, data: Buffer.from(bytes).toString('base64'), ...shared }
  const digest = createHash('sha256').update(bytes).digest('hex')
  blobs.set(digest, bytes)
  return { $: name, part: digest, ...shared }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(`a message is JSON (${(error as Error).message})`)
  }
}

function partsIn(value: unknown, found: Set<string>): Set<string> {
  if (Array.isArray(value)) for (const one of value) partsIn(one, found)
  else if (isJsonObject(value)) {
    if (typeof value.$ === 'string' && typeof value.part === 'string') found.add(value.part)
    else for (const one of Object.values(value)) partsIn(one, found)
  }
  return found
}

function revive(value: unknown, part: (digest: string) => Uint8Array): unknown {
  if (Array.isArray(value)) return value.map((one) => revive(one, part))
  if (!isJsonObject(value)) return value
  const { $: tag } = value
  if (tag === undefined)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revive(one, part)]))
  if (typeof tag !== 'string') throw invalid('what JSON has not is named by a text')
  if (Object.hasOwn(numbers, tag)) return numbers[tag]
  const { data } = value
  if (tag === 'undefined') return undefined
  if (tag === 'bigint' && typeof data === 'string' && /^-?\d+$/.test(data)) return BigInt(data)
  if (tag === 'object' && Array.isArray(data))
    return Object.fromEntries(
      (data as unknown as [string, unknown][]).map(([key, one]) => [key, revive(one, part)]),
    )
  if (Object.hasOwn(arrays, tag)) return reviveArray(tag as ArrayName, value, part)
  throw invalid(`nothing is called ${JSON.stringify(tag)}`)
}

function reviveArray(
  name: ArrayName,
  { data, part: digest, shared }: Readonly<Record<string, unknown>>,
  part: (digest: string) => Uint8Array,
): TypedArray {
  const bytes =
    typeof digest === 'string' ? part(digest) : typeof data === 'string' ? Buffer.from(data, 'base64') : null
  const kind = arrays[name]
  if (bytes === null || bytes.length % kind.BYTES_PER_ELEMENT !== 0)
    throw invalid(`an array of ${name} has as many bytes as its numbers take`)
  const buffer = shared === true ? new SharedArrayBuffer(bytes.length) : new ArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  return new kind(buffer as ArrayBuffer)
}

function missingPart(): never {
  throw invalid('a message holds all of itself (a part of it lies elsewhere)')
}

function invalid(law: string): EspalierError {
  return new EspalierError(
    'MESSAGE_INVALID',
    `${law}; was it written by Espalier, and by this version of it?`,
  )
}

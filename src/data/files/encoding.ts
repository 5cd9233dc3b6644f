/**
 * The bytes of a text file as UTF-8, whatever they are in: a byte order mark says it; else bytes of 0 in every second place
 * are UTF-16; what is no valid UTF-8 is Windows-1252, as programs of Western Europe write it (of which Latin-1 is a part, but for
 * control characters that no table holds).
 *
 * The table of Windows-1252 stands here because the TextDecoder of some Node versions reads it as Latin-1. Source: WHATWG
 * Encoding Standard, index-windows-1252.
 */
import { isUtf8 } from 'node:buffer'
import { basename } from 'node:path'
import type { Encoding } from '../../values.js'
import { ProblemList } from '../problems.js'

export interface DecodedText {
  /** UTF-8 without a byte order mark. */
  readonly text: Buffer
  readonly encoding: Encoding
  /** How it is known. */
  readonly why: string
  readonly isStated: boolean
}

/** Bytes 0x80 … 0x9f; 0 where there is no character. */
const windows1252 = Uint16Array.of(
  ...[0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0],
  ...[0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a],
  ...[0x153, 0, 0x17e, 0x178],
)

/**
 * Throws DATA_INVALID where the file is empty, is no text, or is not in the encoding that is stated.
 * @param content what such a file has, in words, for the message where it is empty.
 */
export function decodeText(bytes: Buffer, file: string, content: string, stated?: Encoding): DecodedText {
  const name = basename(file)
  const problems = new ProblemList()
  const refuse = (message: string): never => {
    problems.add(name, message)
    problems.throwIfAny('DATA_INVALID')
    throw new Error(message)
  }
  if (bytes.length === 0) refuse(`a data file has ${content}, and this file is empty`)
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1')
    refuse('a data file in text has no binary parts, and this is a Parquet file; say "format": "parquet"')
  const { encoding, why } = stated === undefined ? encodingOf(bytes) : { encoding: stated, why: 'as stated' }
  const isStated = stated !== undefined
  switch (encoding) {
    case 'utf-8': {
      if (!isUtf8(bytes)) refuse('"encoding" says UTF-8, and this file is not; leave it out, or say which')
      const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
      return { text: marked ? bytes.subarray(3) : bytes, encoding, why, isStated }
    }
    case 'latin1':
    case 'windows-1252': {
      const table = encoding === 'latin1' ? null : windows1252
      const wrong = table === null ? -1 : bytes.findIndex((byte) => isOutside(byte, table))
      if (wrong !== -1)
        refuse(
          `a data file is text in UTF-8, UTF-16 or Windows-1252, and byte ${wrong + 1} of this one (0x${bytes[wrong].toString(16)}) is in none of them; save it in UTF-8, or say "encoding": "latin1"`,
        )
      return { text: fromSingleBytes(bytes, table), encoding, why, isStated }
    }
    default: {
      if (bytes.length % 2 === 1)
        refuse('a file in UTF-16 has an even number of bytes, and this one has not; it was cut off')
      return { text: fromUtf16(bytes, encoding === 'utf-16be'), encoding, why, isStated }
    }
  }
}

/** Bytes of the beginning that are looked at for zeros. */
const looked = 4096

function encodingOf(bytes: Buffer): { encoding: Encoding; why: string } {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', why: 'by its byte order mark' }
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', why: 'by its byte order mark' }
  const start = bytes.subarray(0, looked)
  const zeros = [0, 0]
  for (let i = 0; i < start.length; i++) if (start[i] === 0) zeros[i & 1]++
  const half = start.length / 2
  // A fifth: texts in Latin letters have nearly all, a table with some Greek or Cyrillic still has digits and separators.
  if (zeros[1] > half / 5 && zeros[0] === 0)
    return { encoding: 'utf-16le', why: 'every second byte is 0, as in UTF-16' }
  if (zeros[0] > half / 5 && zeros[1] === 0)
    return { encoding: 'utf-16be', why: 'every second byte is 0, as in UTF-16' }
  if (isUtf8(bytes)) return { encoding: 'utf-8', why: 'it is valid UTF-8' }
  const at = firstWrong(bytes)
  return {
    encoding: 'windows-1252',
    why: `it is no valid UTF-8 (first at byte ${at + 1}, 0x${bytes[at].toString(16)})`,
  }
}

/** The first byte that is no part of valid UTF-8, or one shortly before it. */
function firstWrong(bytes: Buffer): number {
  for (let low = 0, high = bytes.length; ; ) {
    // Valid beginnings can end within a character: up to three bytes are given to it.
    const middle = (low + high) >> 1
    const valid = [0, 1, 2, 3].some((cut) => middle - cut >= 0 && isUtf8(bytes.subarray(0, middle - cut)))
    if (valid) low = middle
    else high = middle
    if (high - low <= 1) {
      for (let at = Math.max(0, low - 4); at < bytes.length; at++) if (bytes[at] >= 0x80) return at
      return low
    }
  }
}

function isOutside(byte: number, table: Uint16Array): boolean {
  return byte >= 0x80 && byte < 0xa0 && table[byte - 0x80] === 0
}

/** Each byte is a character: below 0x100 as in Latin-1, but for what a table says of 0x80 … 0x9f. */
function fromSingleBytes(bytes: Buffer, table: Uint16Array | null): Buffer {
  const characterOf = (byte: number) => (table !== null && byte < 0xa0 ? table[byte - 0x80] : byte)
  let length = bytes.length
  for (const byte of bytes) if (byte >= 0x80) length += characterOf(byte) < 0x800 ? 1 : 2
  if (length === bytes.length) return bytes
  const text = Buffer.allocUnsafeSlow(length)
  let at = 0
  for (const byte of bytes) {
    if (byte < 0x80) text[at++] = byte
    else {
      const character = characterOf(byte)
      if (character < 0x800) text[at++] = 0xc0 | (character >> 6)
      else {
        text[at++] = 0xe0 | (character >> 12)
        text[at++] = 0x80 | ((character >> 6) & 0x3f)
      }
      text[at++] = 0x80 | (character & 0x3f)
    }
  }
  return text
}

/** In pieces, because a whole file may be longer than a string can be. */
function fromUtf16(bytes: Buffer, bigEndian: boolean): Buffer {
  const pieces: Buffer[] = []
  const step = 1 << 20
  const marked = bigEndian ? bytes[0] === 0xfe && bytes[1] === 0xff : bytes[0] === 0xff && bytes[1] === 0xfe
  for (let from = marked ? 2 : 0; from < bytes.length; ) {
    let to = Math.min(from + step, bytes.length)
    // A pair of surrogates is not divided.
    const last = bigEndian ? bytes[to - 2] : bytes[to - 1]
    if (to < bytes.length && last >= 0xd8 && last < 0xdc) to -= 2
    const piece = bytes.subarray(from, to)
    const little = bigEndian ? Buffer.from(piece).swap16() : piece
    pieces.push(Buffer.from(little.toString('utf16le'), 'utf8'))
    from = to
  }
  return Buffer.concat(pieces)
}

/**
 * A JSON document and bytes that go with it, as one piece: how a table of trials travels, alone or in a report.
 *
 *     4 bytes   the length of the text, little-endian
 *     text      {"document": …, "parts": [bytes of each part]} as UTF-8
 *     parts     one behind the other, each at a multiple of 8 bytes
 */

interface Contents {
  readonly document: unknown
  readonly parts: readonly number[]
}

/** One piece of a document and parts. */
export function encodeParcel(document: unknown, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const contents: Contents = { document, parts: parts.map(({ length }) => length) }
  const text = new TextEncoder().encode(JSON.stringify(contents))
  let size = aligned(4 + text.length)
  for (const part of parts) size += aligned(part.length)
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, 4)
  let at = aligned(4 + text.length)
  for (const part of parts) {
    bytes.set(part, at)
    at += aligned(part.length)
  }
  return bytes
}

/**
 * What `encodeParcel` was given; the parts are views of the bytes.
 * @throws Error where the bytes are no whole parcel.
 */
export function decodeParcel<D>(bytes: Uint8Array): { document: D; parts: Uint8Array[] } {
  const length = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  if (length === 0 || 4 + length > bytes.length) throw cutShort(bytes)
  const contents: Contents = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  let at = aligned(4 + length)
  const parts = contents.parts.map((size) => {
    const part = bytes.subarray(at, at + size)
    if (part.length < size) throw cutShort(bytes)
    at += aligned(size)
    return part
  })
  return { document: contents.document as D, parts }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

function cutShort(bytes: Uint8Array): Error {
  return new Error(
    `the data of the page must be whole, but ends after ${bytes.length} bytes; load the page again`,
  )
}

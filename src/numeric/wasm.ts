/**
 * WebAssembly loops and the memory they work on. One instance has one linear memory: its user lays out arrays with `reserve`,
 * whose result is a byte offset, and looks at them through views, which must be asked for again after memory may have grown.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** What is used here of the global of this name, for which Node 20's types have no declarations. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The memory of one instance. Offsets and lengths of arrays: bytes and elements. */
export interface LinearMemory {
  /** Byte offset of new room for this many bytes, a multiple of 64. What is there is zero only where nobody had it before (see `close`). */
  reserve(bytes: number): number
  /** How far room is taken: for `release`. */
  mark(): number
  /** Gives back all that was reserved since `mark` gave this. */
  release(mark: number): void
  /** Bytes that the memory takes; it never shrinks. */
  readonly bytes: number
  /**
   * Says that nobody needs the instance any more: who opens the same module next may get it, with whatever is in its memory. Memory
   * that is not new saves its first touch, 0.4 ms a megabyte.
   */
  close(): void
  f64(offset: number, length: number): Float64Array
  f32(offset: number, length: number): Float32Array
  i32(offset: number, length: number): Int32Array
  u32(offset: number, length: number): Uint32Array
  u16(offset: number, length: number): Uint16Array
  u8(offset: number, length: number): Uint8Array
}

const compiled = new Map<string, object>()
/** Instances that were closed, the last one last. */
const spare: { readonly name: string; readonly exports: object; readonly memory: Memory }[] = []
/** What they may take together. */
const mostSpareBytes = 2 ** 26
const page = 65536
/** Below it lie the constants of a module. */
const firstFree = page
const mostBytes = 2 ** 32 - page

/**
 * An instance of the module that package.json names so under `imports`, with a memory of its own: a fresh one, or one that was closed. The first call in a
 * thread reads and compiles it (a few milliseconds). `Loops`: its exported functions.
 */
export function openWasm<Loops>(name: `#${string}`): Loops & LinearMemory {
  const { exports, memory } = takeSpare(name) ?? instantiate(name)
  let used = firstFree
  return {
    ...(exports as Loops),
    reserve(bytes) {
      const offset = used
      const end = offset + Math.ceil(bytes / 64) * 64
      // As V8 says it of an array that is too long.
      if (!(end <= mostBytes)) throw new RangeError(`Array buffer allocation failed (${end} bytes)`)
      const missing = end - memory.buffer.byteLength
      if (missing > 0) memory.grow(Math.ceil(missing / page))
      used = end
      return offset
    },
    mark: () => used,
    release(mark) {
      used = mark
    },
    get bytes() {
      return memory.buffer.byteLength
    },
    close() {
      spare.push({ name, exports, memory })
      let bytes = spare.reduce((sum, one) => sum + one.memory.buffer.byteLength, 0)
      while (bytes > mostSpareBytes) bytes -= spare.shift()!.memory.buffer.byteLength
    },
    f64: (offset, length) => new Float64Array(memory.buffer, offset, length),
    f32: (offset, length) => new Float32Array(memory.buffer, offset, length),
    i32: (offset, length) => new Int32Array(memory.buffer, offset, length),
    u32: (offset, length) => new Uint32Array(memory.buffer, offset, length),
    u16: (offset, length) => new Uint16Array(memory.buffer, offset, length),
    u8: (offset, length) => new Uint8Array(memory.buffer, offset, length),
  }
}

function takeSpare(name: string) {
  const at = spare.findLastIndex((one) => one.name === name)
  return at < 0 ? undefined : spare.splice(at, 1)[0]
}

function instantiate(name: `#${string}`) {
  let module = compiled.get(name)
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve(name)))
    compiled.set(name, module)
  }
  const abort = () => {
    throw new Error(`the loops of ${name} stopped`)
  }
  const exports = new WebAssembly.Instance(module, { env: { abort } }).exports as object
  return { exports, memory: (exports as { readonly memory: Memory }).memory }
}

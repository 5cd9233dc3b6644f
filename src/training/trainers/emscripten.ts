/**
 * Loads a C++ library that Emscripten compiled to WebAssembly, without what such a library does to the process that
 * loads it: a handler of unhandled rejections (or uncaught exceptions) that ends the process, a message on stderr
 * because fetch cannot read files, and a console of its own.
 *
 * Every call gives an instance of its own, with a memory of its own. So nothing of one fit reaches the next (libsvm's
 * random numbers go on from fit to fit within an instance, and a failed allocation breaks an instance for good), and
 * the memory is given back as a whole with the instance, whatever the library itself frees.
 */
import { createRequire } from 'node:module'

/** What is used of an Emscripten module. Views of the heap are replaced when it grows: read them anew each time. */
export interface EmscriptenModule {
  readonly HEAPU8: Uint8Array
  readonly HEAP32: Int32Array
  readonly HEAPF32: Float32Array
  readonly HEAPF64: Float64Array
  /** Bytes → address. */
  _malloc(bytes: number): number
  _free(address: number): void
  /** A function of the library's as one of JavaScript: 'string' arguments are copied in. */
  cwrap(
    name: string,
    returns: 'number' | null,
    takes: readonly ('number' | 'string')[],
  ): (...args: unknown[]) => number
}

export interface Loaded<M> {
  readonly module: M
  /** What the library has printed so far. */
  readonly printed: readonly string[]
}

/**
 * A fresh instance. `file`: of the package, where the compiled module is; `ready`: what its export has to be waited for.
 */
export async function loadEmscripten<M extends EmscriptenModule>(
  file: string,
  ready: (exported: M) => Promise<unknown>,
): Promise<Loaded<M>> {
  const printed: string[] = []
  const print = (...words: unknown[]) => {
    if (printed.length < mostPrinted) printed.push(words.join(' '))
  }
  const require = createRequire(import.meta.url)
  const path = require.resolve(file)
  // Synchronously, up to the last of them put back: nobody else's code runs meanwhile.
  const restore = [
    replace(Reflect.get(globalThis, 'WebAssembly'), 'instantiateStreaming', undefined),
    replace(process, 'on', () => process),
    replace(console, 'log', print),
    replace(console, 'warn', print),
  ]
  let exported: M
  try {
    exported = require(path)
  } finally {
    for (const putBack of restore) putBack()
    delete require.cache[path]
  }
  await ready(exported)
  return { module: exported, printed }
}

/** Lines kept of what a library prints. */
const mostPrinted = 100

/** Sets a property, and gives the function that makes it what it was. */
function replace(object: object, key: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(object, key)
  Object.defineProperty(object, key, { value, configurable: true, writable: true })
  return () => {
    if (before === undefined) Reflect.deleteProperty(object, key)
    else Object.defineProperty(object, key, before)
  }
}

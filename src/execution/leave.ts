/**
 * Ends the process at once.
 *
 * `process.exit` waits for every thread to end, and one that is inside a call of the system or of the engine (a child
 * that is waited for, a pipe that nobody writes to, a huge `fill`) cannot be ended before that call returns: minutes
 * later, or never. WASI's `proc_exit` does not wait: with `returnOnExit: false` it is the C library's `exit`.
 */
import { createRequire } from 'node:module'

/** The types of Node.js leave WebAssembly out. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => object
}

/** Ends this process with the exit code (0 … 255), whatever its threads are doing. `exit` listeners are not called. */
export function leave(code: number): never {
  // Loaded only here: it warns, in a later turn that does not come, of being experimental.
  const { WASI } = createRequire(import.meta.url)('node:wasi') as typeof import('node:wasi')
  const wasi = new WASI({ version: 'preview1', returnOnExit: false })
  const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyApi
  wasi.start(new Instance(new Module(moduleThatExits(code)), wasi.getImportObject()))
  // Not reached.
  process.abort()
}

/**
 * (module
 *   (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
 *   (memory (export "memory") 1)
 *   (func (export "_start") (call $exit (i32.const CODE))))
 */
function moduleThatExits(code: number): Uint8Array {
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content]
  const text = (name: string) => [name.length, ...Buffer.from(name)]
  const body = [0, 0x41, (code & 0x7f) | 0x80, (code >> 7) & 0x7f, 0x10, 0, 0x0b]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 1, 0x7f, 0, 0x60, 0, 0]),
    ...section(2, [1, ...text('wasi_snapshot_preview1'), ...text('proc_exit'), 0, 0]),
    ...section(3, [1, 1]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text('memory'), 2, 0, ...text('_start'), 0, 1]),
    ...section(10, [1, body.length, ...body]),
  ])
}

/**
 * What somebody's code prints in a thread: the main thread's stdout belongs to the program (`--json`). What belongs to
 * a fit goes to its log; what a module prints while it is imported goes to stderr, bounded like a fit's.
 */

/** Characters of stderr that all of a thread's imports may fill. */
const mostImported = 64 * 1024

/** @param log where what is printed now belongs; null: to stderr. */
export function captureOutput(log: () => { print(text: string): void } | null): void {
  const stderr = process.stderr.write.bind(process.stderr)
  let left = mostImported
  const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    const output = log()
    if (output !== null) output.print(text)
    else if (left > 0) {
      stderr(text.slice(0, left))
      left -= text.length
    }
    const done = typeof encoding === 'function' ? encoding : callback
    if (typeof done === 'function') queueMicrotask(() => done())
    return true
  }
  process.stdout.write = write as typeof process.stdout.write
  process.stderr.write = write as typeof process.stderr.write
}

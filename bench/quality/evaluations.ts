/**
 * Losses that were measured before, kept in files of JSON lines, a file for each task and revision: a bench pays once for what
 * several methods, or several runs, come back to. Processes may share a file: each reads what others have added.
 */
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(
  new URL('../../node_modules/.cache/espalier-bench/evaluations/', import.meta.url),
)

/** The losses of the folds by a key: opened when it is first asked. */
export class Evaluations {
  readonly #file: string
  readonly #known = new Map<string, readonly number[]>()
  /** Bytes read so far, always whole lines. */
  #read = 0

  constructor(task: string, revision: number) {
    this.#file = `${folder}${task}-${revision}.jsonl`
  }

  get(key: string): readonly number[] | undefined {
    const found = this.#known.get(key)
    if (found !== undefined) return found
    this.#readOn()
    return this.#known.get(key)
  }

  /** One line in one write: lines of several processes do not mix. */
  keep(key: string, folds: readonly number[]): void {
    this.#known.set(key, folds)
    mkdirSync(dirname(this.#file), { recursive: true })
    appendFileSync(this.#file, `${JSON.stringify({ key, folds })}\n`)
  }

  #readOn(): void {
    if (!existsSync(this.#file)) return
    const added = statSync(this.#file).size - this.#read
    if (added <= 0) return
    const bytes = Buffer.alloc(added)
    const file = openSync(this.#file, 'r')
    const count = readSync(file, bytes, 0, added, this.#read)
    closeSync(file)
    const end = bytes.subarray(0, count).lastIndexOf(10) + 1
    this.#read += end
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      const evaluation = parsed(line)
      if (evaluation !== null) this.#known.set(evaluation.key, evaluation.folds)
    }
  }
}

/** null for what a process that was killed left of a line. */
function parsed(line: string): { key: string; folds: readonly number[] } | null {
  try {
    return line === '' ? null : JSON.parse(line)
  } catch {
    return null
  }
}

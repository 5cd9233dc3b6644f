/** What is to be told of another tool's file: mistakes, all at once, and what is not carried over as it is. */
import { EspalierError, type Problem } from '../../errors.js'
import { pathOf } from '../../space/index.js'
import { isJsonObject, type JsonValue } from '../../values.js'

export type Path = readonly (string | number)[]

export interface Told {
  readonly warnings: readonly string[]
  /** Something at a place is not carried over as it is: what, and what was done instead. */
  warn(path: Path, what: string): void
  /** The same of a key that is not known: told of too where the file is refused, since a slip of it may be why. */
  unknown(path: Path, what: string): void
  /** Something at a place is wrong: the law, what was found, the remedy. */
  wrong(path: Path, message: string): void
  /** Throws IMPORT_INVALID where anything was wrong. */
  refuse(): void
}

/** @param what the file is to be: `a sweep file of W&B`. */
export function telling(file: string, what: string): Told {
  const warnings: string[] = []
  const problems: Problem[] = []
  const strange: Problem[] = []
  const warn: Told['warn'] = (path, text) =>
    void warnings.push(path.length === 0 ? text : `${pathOf(...path)}: ${text}`)
  return {
    warnings,
    warn,
    unknown(path, text) {
      warn(path, text)
      strange.push({ path: pathOf(...path), message: text })
    },
    wrong: (path, message) => void problems.push({ path: pathOf(...path), message }),
    refuse() {
      if (problems.length > 0)
        throw new EspalierError('IMPORT_INVALID', `${file} must be ${what}`, {
          problems: [...problems, ...strange],
        })
    },
  }
}

/** What was found, short. */
export function found(value: unknown): string {
  if (value === undefined) return 'got nothing'
  const text = JSON.stringify(value)
  return `got ${text.length > 60 ? `${text.slice(0, 57)}…` : text}`
}

/** The file's whole value. Throws where it is no object. */
export function objectIn(value: JsonValue, told: Told): Readonly<Record<string, unknown>> {
  if (isJsonObject(value)) return value
  told.wrong([], `the whole must be an object (${found(value)})`)
  told.refuse()
  return {}
}

/** A program as a sweep names it: plain data, the same in every process. */

export interface CommandReference {
  readonly kind: 'command'
  /** The program and its arguments, as written in the sweep file. */
  readonly command: string[]
  /** Where it runs, and where relative names start: an absolute path. */
  readonly directory: string
  /** Variables of its environment, beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>
  /** What it is made of beside the files its command names, from its directory: names and patterns. */
  readonly files?: readonly string[]
  /** Seconds between asking it to end (SIGTERM) and making it (SIGKILL); 2 unless given. */
  readonly grace?: number
  /** Patterns that read metrics from the lines it prints, by the metrics' names. */
  readonly metrics?: Readonly<Record<string, string>>
  /** Where its result is, if it does not report it: the last line of JSON on stdout, or a file, with placeholders. */
  readonly result?: ProgramResult
}

export type ProgramResult = 'json' | { readonly file: string }

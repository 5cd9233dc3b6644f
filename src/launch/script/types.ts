/** What the help of a script says, whatever it was made by. */

/** How an option takes values: a flag takes none. */
export type Takes = 'nothing' | 'one' | 'several'

export type OptionType = 'int' | 'float' | 'number' | 'bool' | 'text' | 'path' | 'folder'

/** What the source of a script says of an option, beside its help. */
export interface OptionSource {
  /** Whether the option's `default` is from there, and not from the help. */
  readonly gaveDefault: boolean
  /** What the help says instead, in its author's hand and no longer true; null: nothing else. */
  readonly contradicts: string | null
  /** Nothing is set unless it is given. */
  readonly isUnset: boolean
  /** What it is for is done only where it is given: `if args.output_dir:`. */
  readonly isOnlyIfGiven: boolean
  /** It has `type=bool`, which in Python makes every word true. */
  readonly takesWordsForTrue: boolean
}

export interface ScriptOption {
  /** As it is passed: `--batch-size`; of Hydra a key: `optimizer.lr`. */
  readonly flag: string
  /** All its names. */
  readonly names: readonly string[]
  /** What turns it off, where it has a name for that: `--no-amp`. */
  readonly off: string | null
  readonly takes: Takes
  /** null: not told. */
  readonly type: OptionType | null
  readonly choices: readonly string[] | null
  /** null: none told. */
  readonly min: number | null
  readonly max: number | null
  /** Whether `min` itself is refused. */
  readonly above: boolean
  /** Its default as written, `None` too; null where none is told. */
  readonly default: string | null
  readonly required: boolean
  /** In the author's words, on one line. */
  readonly says: string
  /** null: it was not looked up, or not found. */
  readonly source: OptionSource | null
}

export interface ScriptHelp {
  /** `--lr 0.1`, or `lr=0.1`. */
  readonly style: 'options' | 'overrides'
  readonly options: readonly ScriptOption[]
  /** Arguments without a name that must be given, in their order. */
  readonly positionals: readonly string[]
  /** Commands of its own, one of which must be named first. */
  readonly commands: readonly string[]
  /** Configuration groups of Hydra with their options. */
  readonly groups: Readonly<Record<string, readonly string[]>>
}

/** What the source of a script in Python says of its options: defaults that its help does not tell. It is parsed, and never run. */
import { createRequire } from 'node:module'
import { basename, extname } from 'node:path'
import { isOnPath, runOnce } from '../../training/index.js'
import { isJsonObject, type JsonObject } from '../../values.js'
import type { ScriptHelp, ScriptOption } from './types.js'

/** As python/option_defaults.py tells of an option. */
interface Told {
  /** As a help writes it; null: it can't be told. */
  readonly default: string | null
  /** Whether one is written down; else it is the library's. */
  readonly given: boolean
  readonly type: 'int' | 'float' | 'bool' | null
  /** Of argparse. */
  readonly action: string | null
  /** The help of the option names a default in words of its author. */
  readonly byHand: boolean
  readonly onlyIfGiven: boolean
}

export interface SourceReading {
  /** Where its command runs. */
  readonly directory: string
  /** ms that it may take. */
  readonly timeLimit: number
}

const mostBytes = 2 ** 20

/**
 * A help with what the source adds to it; as it is where that can't be read.
 * @param runs the script's command: what runs it, and the script.
 * @param path where the script is.
 */
export async function withSource(
  help: ScriptHelp,
  runs: readonly string[],
  path: string,
  { directory, timeLimit }: SourceReading,
): Promise<ScriptHelp> {
  if (help.style !== 'options') return help
  const python = await pythonOf(runs, path)
  if (python === null) return help
  const reader = createRequire(import.meta.url).resolve('#option-defaults.py')
  // Isolated: nothing beside the script is imported under the name of a module of Python, and no site's code is run.
  const command = [...python, '-I', '-S', reader, path]
  const ran = await runOnce(command, { directory, environment: {}, timeLimit, mostBytes }).catch(() => null)
  const told = ran === null ? null : toldIn(ran.stdout)
  return told === null ? help : { ...help, options: help.options.map((option) => withTold(option, told)) }
}

/** What runs Python, of `uv run python train.py` the first three; null: it is no script in Python, or there is none. */
async function pythonOf(runs: readonly string[], path: string): Promise<string[] | null> {
  const at = runs.findIndex((word) => /^(python|pypy)[\d.]*(\.exe)?$/i.test(basename(word)))
  if (at >= 0) return runs.slice(0, at + 1)
  if (extname(path).toLowerCase() !== '.py') return null
  for (const program of ['python3', 'python']) if (await isOnPath(program)) return [program]
  return null
}

function toldIn(printed: string): JsonObject | null {
  try {
    const told: unknown = JSON.parse(printed)
    return isJsonObject(told) ? (told as JsonObject) : null
  } catch {
    return null
  }
}

function withTold(option: ScriptOption, all: JsonObject): ScriptOption {
  const found = option.names.filter((name) => Object.hasOwn(all, name)).map((name) => all[name])
  if (found.length === 0 || found.some((one) => JSON.stringify(one) !== JSON.stringify(found[0])))
    return option
  const told = found[0] as unknown as Told
  const isFlag = option.takes === 'nothing' && option.off === null
  const isNone = told.default === 'None' || told.default === ''
  // A flag that is off until it is given, whatever it is stored as; `store_false` is true until then.
  const isPlainFlag = isFlag && (told.default !== 'True' || told.action === 'store_false')
  const isNews =
    told.given &&
    told.default !== null &&
    told.default !== '' &&
    (option.default === null || (told.byHand && !areSame(told.default, option.default)))
  const gaveDefault = isNews && !isPlainFlag
  return {
    ...option,
    type: option.type ?? (told.type === 'bool' ? null : told.type),
    default: gaveDefault ? told.default : isFlag && told.action === 'store_false' ? null : option.default,
    source: {
      gaveDefault,
      contradicts: gaveDefault ? option.default : null,
      isUnset: isNone,
      isOnlyIfGiven: told.onlyIfGiven,
      takesWordsForTrue: told.type === 'bool' && told.action === null,
    },
  }
}

/** `1e-3` is 0.001. */
function areSame(one: string, other: string): boolean {
  return one === other || (one.trim() !== '' && Number(one) === Number(other))
}

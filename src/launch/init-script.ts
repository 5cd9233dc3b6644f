/** From a training script to a sweep file over what it takes: `espalier init train.py`. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { checkOptions, milliseconds, type Rule, type Rules, text, truth, wholeNumber } from '../arguments.js'
import { EspalierError } from '../errors.js'
import { type RanOnce, runOnce } from '../training/index.js'
import { checkFileToWrite, schemaFor } from './init/file.js'
import { sweepText } from './init/text.js'
import { choose, type Kept, type Missing } from './script/choose.js'
import { draftScript } from './script/draft.js'
import { readHelp } from './script/help.js'
import { commandFor, isShell } from './script/interpreter.js'
import { type Telling, tellingOf } from './script/printed.js'
import { withSource } from './script/source.js'
import type { ScriptHelp } from './script/types.js'

export { isScript } from './script/interpreter.js'

export interface InitScriptOptions {
  /** Words that the script is given in every trial, before everything else: `train`, `--data data.csv`. */
  readonly words?: readonly string[]
  /** What runs it, with its arguments; found out from its name and its first line unless stated. */
  readonly interpreter?: string
  /** Where the sweep file goes: JSON with comments, or YAML by its extension. */
  readonly out?: string
  /** The metric to go by; found out from what the script prints unless stated. */
  readonly metric?: string
  /** How many trials the sweep is to have: 30 unless stated. */
  readonly trials?: number
  /** ms that the script may take to print its help: 20 s unless stated. */
  readonly timeLimit?: number
  /** Whether a file that is there is written over. */
  readonly force?: boolean
}

/** What was found and written. */
export interface InitScriptResult {
  /** The sweep file, absolute. */
  readonly file: string
  /** What was run for the help. */
  readonly asked: readonly string[]
  readonly command: readonly string[]
  readonly metric: string
  readonly direction: 'minimize' | 'maximize'
  /** Where the metric comes from, in words. */
  readonly told: string
  readonly searched: readonly {
    readonly parameter: string
    readonly from: string
    readonly values: unknown
  }[]
  /** Options that are not searched, and why. */
  readonly kept: readonly Kept[]
  /** What has to be put into the command before it runs. */
  readonly missing: readonly Missing[]
  readonly groups: ScriptHelp['groups']
}

const words: Rule = { law: 'a list of texts', keeps: (list) => Array.isArray(list) && list.every(text.keeps) }

const rules: Rules<InitScriptOptions> = {
  words,
  interpreter: text,
  out: text,
  metric: text,
  trials: wholeNumber(1),
  timeLimit: milliseconds,
  force: truth,
}

const usualTimeLimit = 20_000
/** No help is longer. */
const mostBytes = 2 ** 20
/** Bytes of a source that is looked through for what it prints. */
const longestSource = 2 ** 20
const shownLines = 6

/**
 * Runs a script with `--help`, and writes a sweep over what it takes.
 * @throws EspalierError USAGE where the file to write is there already; FILE_NOT_READABLE, TRAINER_INVALID where there is no
 * such script, or its help cannot be had or read.
 */
export async function initScript(script: string, options: InitScriptOptions = {}): Promise<InitScriptResult> {
  checkOptions('a sweep that is drafted', options, rules)
  const {
    words: typed = [],
    interpreter,
    out,
    metric,
    trials = 30,
    timeLimit = usualTimeLimit,
    force = false,
  } = options
  const path = resolve(script)
  const name = basename(path, extname(path))
  const file = resolve(out ?? `${name}.jsonc`)
  await checkFileToWrite(file, force)
  const directory = dirname(file)
  const named = relative(directory, path).split(sep).join('/')
  const runs =
    interpreter === undefined
      ? await commandFor(named, path)
      : [...interpreterFrom(directory, interpreter), named]
  const asked = [...runs, ...typed, '--help']
  const ran = await runOnce(asked, { directory, environment: plainHelp, timeLimit, mostBytes })
  const told = readable(ran, asked, { script, timeLimit })
  const help = await withSource(told, runs, path, { directory, timeLimit })
  const choice = choose(help, typed, isShell(path))
  refuseNothing(asked, choice)
  const command = [...runs, ...typed, ...choice.arguments]
  const { entries, top, ...drafted } = draftScript(choice, {
    ...{ name, script: named, command, metric, groups: help.groups, trials },
    telling: await tellingOfFile(path),
    schema: await schemaFor(file),
  })
  await writeFile(file, sweepText(top, entries, /ya?ml$/i.test(file)))
  return {
    ...{ file, asked, command, ...drafted },
    searched: choice.searched.map(({ name, option, parameter }) => ({
      parameter: name,
      from: option.flag,
      values: parameter,
    })),
    ...{ kept: choice.kept, missing: choice.missing, groups: help.groups },
  }
}

/** A path is typed from here, and written from where the program runs. */
function interpreterFrom(directory: string, interpreter: string): string[] {
  const [program, ...rest] = interpreter.trim().split(/\s+/)
  if (!/[/\\]/.test(program) || isAbsolute(program)) return [program, ...rest]
  const path = relative(directory, resolve(program)).split(sep).join('/')
  return [path.includes('/') ? path : `./${path}`, ...rest]
}

/** What makes programs print plain text on long lines. */
const plainHelp = {
  ...{ COLUMNS: '1000', TERMINAL_WIDTH: '1000', LINES: '1000', NO_COLOR: '1', TERM: 'dumb', PAGER: 'cat' },
  ...{ PYTHONIOENCODING: 'utf-8', PYTHONUTF8: '1' },
}

function readable(
  ran: RanOnce,
  asked: readonly string[],
  { script, timeLimit }: { readonly script: string; readonly timeLimit: number },
): ScriptHelp {
  const shown = asked.join(' ')
  const last = ran.lastLines(shownLines)
  const said = last.length === 0 ? '; it printed nothing' : `:\n  ${last.join('\n  ')}`
  const refuse = (what: string, remedy: string) =>
    new EspalierError(
      'TRAINER_INVALID',
      `a script must print what it takes when it is asked (\`${shown}\` ${what}); ${remedy}`,
    )
  const byHand = 'else write the sweep file by hand: docs/programs.md'
  if (ran.ended === 'time')
    throw refuse(
      `did not end within ${timeLimit / 1000} s, and was ended`,
      `where it only starts slowly, give it longer with --wait 2m; where it does not know --help, ${byHand.slice(5)}`,
    )
  if (ran.ended === 'bytes')
    throw refuse('printed more than 1 MB, and was ended', `where it does not know --help, ${byHand.slice(5)}`)
  const { code, signal } = ran.ended
  const help = readHelp(ran.stdout.trim() === '' ? ran.stderr : ran.stdout)
  if (help.commands.length > 0)
    throw refuse(
      `has commands of its own: ${help.commands.join(', ')}`,
      `name the one to search: espalier init ${script} ${help.commands.find((name) => /train|fit|run/.test(name)) ?? help.commands[0]}`,
    )
  if (help.options.length > 0) return help
  const how =
    signal !== null
      ? `was ended by ${signal}`
      : code !== 0
        ? `ended with exit code ${code}`
        : 'names no option'
  throw refuse(
    `${how}${said}`,
    /ModuleNotFoundError|ImportError|Cannot find (module|package)/.test(ran.stderr)
      ? 'activate the environment that has what it imports, or name what runs it: --interpreter .venv/bin/python'
      : `see what it prints by itself; ${byHand}`,
  )
}

function refuseNothing(asked: readonly string[], { searched, kept }: ReturnType<typeof choose>): void {
  if (searched.length > 0) return
  const why = kept.map(({ option, why }) => `\n  ${option}: ${why}`).join('')
  throw new EspalierError(
    'TRAINER_INVALID',
    `a sweep searches over at least one option (\`${asked.join(' ')}\` names ${kept.length === 0 ? 'none' : `none to guess a range for${why}`}); write the sweep file by hand: docs/programs.md`,
  )
}

/** What it prints is looked up in the script itself, and not in what it imports. */
async function tellingOfFile(path: string): Promise<Telling> {
  const isText = (await stat(path)).size <= longestSource
  return tellingOf(isText ? await readFile(path, 'utf8') : '')
}

/** `init`: drafts a sweep file, tells what the data looks like or what a script takes, and says what to type next. */
import { relative } from 'node:path'
import { EspalierError } from '../../errors.js'
import type { InitOptions, InitResult, InitScriptOptions, InitScriptResult } from '../../launch/index.js'
import { type CellsTyped, cellsStated } from '../options.js'
import { isTerminal, plain, print, printJson, say } from '../output.js'
import { called, shellWord } from './common.js'
import { confirmed } from './confirm.js'
import { printColumns } from './data.js'

type DataOptions = Omit<InitOptions, 'target' | 'units' | 'trueValues' | 'falseValues'> & {
  target?: string
} & CellsTyped
type ScriptTyped = Pick<InitScriptOptions, 'interpreter' | 'metric'> & { wait?: number }
type Typed = DataOptions & ScriptTyped & { json?: boolean }

/** Options that are typed for both, and those of a script alone. */
const ofBoth = ['out', 'trials', 'force', 'json']
const ofScripts = ['interpreter', 'metric', 'wait']

export async function draftSweep(file: string, words: readonly string[], typed: Typed): Promise<void> {
  const { isScript } = await import('../../launch/index.js')
  if (typed.target === undefined && (await isScript(file))) return draftOfScript(file, words, typed)
  const { interpreter, metric, wait, target, ...options } = typed
  refuseOptions(typed, ofScripts, `${file} is taken for data`)
  if (words.length > 0)
    throw new EspalierError(
      'USAGE',
      `words behind a file are for a script (${file} is taken for data, and got ${words.map((word) => JSON.stringify(word)).join(' ')}); leave them out`,
    )
  if (target === undefined)
    throw new EspalierError(
      'USAGE',
      `a sweep over data needs the column to predict (${file} is taken for data, as it is no script by its ending and not executable); name it with --target`,
    )
  return draftOfData(file, { ...options, target })
}

async function draftOfData(
  data: string,
  { json, ...options }: DataOptions & { target: string; json?: boolean },
): Promise<void> {
  const { initSweep } = await import('../../launch/index.js')
  const asks = process.stdin.isTTY && isTerminal(process.stderr) && json !== true
  const result = await initSweep(data, {
    ...cellsStated(options),
    ...(asks && {
      ask: ({ column, role, why }) => {
        const question =
          role === 'group'
            ? `Do rows with the same "${plain(column)}" belong together, so that they must not be divided between folds?`
            : `Is what comes later by "${plain(column)}" to be predicted from what came before?`
        return confirmed(`"${plain(column)}": ${plain(why)}. ${question}`)
      },
    }),
  })
  const next = `${called} sweep ${shellWord(plain(shortest(result.file)))}`
  if (json) return printJson({ ...result, next })
  await printColumns(result.inspection)
  print('')
  printDraft(result)
  print(`\nnext\n  ${next}`)
}

function printDraft({ file, says, metric, validation, trainers, leftOut, suggested }: InitResult): void {
  for (const line of says) print(plain(line))
  if (leftOut.length > 0) {
    print('\nleft out')
    for (const line of leftOut) print(plain(`  ${line}`))
  }
  if (suggested.length > 0) {
    print('\nlook at')
    for (const { column, role, why } of suggested)
      print(plain(`  ${column}: ${why}; if it is a ${role}, say so: --${role} ${shellWord(column)}`))
  }
  const folds = Object.entries(validation).map(([name, value]) => `${name} ${value}`)
  print(`\n${plain(shortest(file))}: ${metric}; ${folds.join(', ')}`)
  print(`  ${trainers.join(', ')}`)
  say('It is a file to read and change; every choice has its reason beside it.')
}

async function draftOfScript(
  script: string,
  words: readonly string[],
  { json, out, trials, force, interpreter, metric, wait, ...rest }: Typed,
): Promise<void> {
  refuseOptions(rest, Object.keys(rest), `${script} is a script`)
  const { initScript } = await import('../../launch/index.js')
  const options = { out, trials, force, interpreter, metric, words, timeLimit: wait }
  if (json !== true) say(`asking ${plain(script)} for its --help`)
  const result = await initScript(script, options)
  const next = `${called} sweep ${shellWord(plain(shortest(result.file)))}`
  if (json) return printJson({ ...result, next })
  printScript(result)
  const isReady = result.missing.length === 0
  const first = isReady ? [] : [`put into the command what stands in <>, or run init again with it behind --`]
  print(['', 'next', ...first.map((line) => `  ${line}`), `  ${next}`].join('\n'))
}

function printScript({
  file,
  searched,
  kept,
  missing,
  groups,
  metric,
  direction,
  told,
  command,
}: InitScriptResult): void {
  print('searched')
  const width = Math.max(...searched.map(({ parameter }) => parameter.length))
  for (const { parameter, values } of searched)
    print(plain(`  ${parameter.padEnd(width)}  ${rangeInWords(values as Range)}`))
  if (kept.length > 0) print('\nnot searched, and as the script has them')
  for (const { option, why } of kept) print(plain(`  ${option}: ${why}`))
  for (const [name, options] of Object.entries(groups))
    print(plain(`  the group ${name}: ${options.join(', ')}; the file says how to search over it`))
  if (missing.length > 0) print('\nto be put in')
  for (const { option, value } of missing) print(plain(`  ${option === null ? '' : `${option} `}${value}`))
  print(`\n${plain(shortest(file))}: ${direction} ${plain(metric)}`)
  print(plain(`  ${told}`))
  print(plain(`  ${command.map(shellWord).join(' ')}`))
  say('It is a file to read and change; every range in it is a guess.')
}

type Range = { type: string; min?: number; max?: number; scale?: string; values?: readonly unknown[] }

function rangeInWords({ min, max, scale, values }: Range): string {
  if (values !== undefined) return values.map(String).join(', ')
  return `${min} … ${max}${scale === undefined ? '' : `, ${scale}`}`
}

/** Throws USAGE for the first option that has no meaning here. */
function refuseOptions(typed: object, names: readonly string[], why: string): void {
  const option = names.find(
    (name) => !ofBoth.includes(name) && (typed as Record<string, unknown>)[name] !== undefined,
  )
  if (option === undefined) return
  const spelled = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new EspalierError('USAGE', `--${spelled} has no meaning here (${why}); leave it out`)
}

function shortest(file: string): string {
  const short = relative(process.cwd(), file)
  return short.startsWith('..') ? file : short
}

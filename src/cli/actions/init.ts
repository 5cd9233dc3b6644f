/** `init`: drafts a sweep file, tells what the data looks like, and says what to type next. */
import { relative } from 'node:path'
import type { InitOptions, InitResult } from '../../launch/index.js'
import { type CellsTyped, cellsStated } from '../options.js'
import { isTerminal, plain, print, printJson, say } from '../output.js'
import { called, shellWord } from './common.js'
import { confirmed } from './confirm.js'
import { printColumns } from './data.js'

export async function draftSweep(
  data: string,
  {
    json,
    ...options
  }: Omit<InitOptions, 'units' | 'trueValues' | 'falseValues'> & CellsTyped & { json?: boolean },
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

function shortest(file: string): string {
  const short = relative(process.cwd(), file)
  return short.startsWith('..') ? file : short
}

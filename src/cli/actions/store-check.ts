/** `store check`: what of a store is not as it was written; `--mend` keeps what is whole of one sweep. */
import type { StoreProblem } from '../../tracking/index.js'
import * as format from '../format.js'
import { plain, print, printJson } from '../output.js'
import { openStoreOf } from './common.js'

export interface CheckOptions {
  mend?: string
  store?: string
  json?: boolean
}

export async function checkStore(options: CheckOptions): Promise<void> {
  const store = await openStoreOf(options)
  if (options.mend !== undefined) {
    const mended = await store.mend(options.mend)
    if (options.json) return printJson(mended)
    if (mended.kept === null) return print(`sweep ${mended.sweep} is whole: nothing was changed`)
    const trials = format.count(mended.trials, 'trial')
    print(
      `sweep ${mended.sweep} goes on with ${trials}; ${format.count(mended.damage, 'line')} of its journal could not be kept as they were. The damaged journal is ${plain(mended.kept)}`,
    )
    return
  }
  const found = await store.check()
  const damaged = found.problems.some(({ kind }) => kind === 'damage')
  if (damaged) process.exitCode = 1
  if (options.json) return printJson(found)
  for (const problem of found.problems) print(inWords(problem))
  const looked = `${format.count(found.sweeps, 'sweep')}, ${format.count(found.trials, 'trial')}, ${format.count(found.artifacts, 'artifact')}`
  print(
    damaged
      ? `${looked}: damaged, see above; all that is not named is as it was written`
      : `${looked}: all as it was written`,
  )
}

function inWords({ kind, path, line, what, remedy }: StoreProblem): string {
  return plain(`${kind}: ${path}${line === null ? '' : ` line ${line}`} ${what}. ${remedy}.`)
}

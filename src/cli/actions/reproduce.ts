/** `reproduce RUN`: equal, or what differs. */
import type { ReproduceOptions, Reproduction } from '../../launch/index.js'
import * as format from '../format.js'
import { plain, print, printJson } from '../output.js'
import { withProgress } from '../progress/index.js'
import { paragraph, table } from '../table.js'
import { openStoreOf } from './common.js'
import { findRun } from './meant.js'

/** More differences are only counted. */
const mostShown = 50

export async function reproduce(
  given: string,
  options: Omit<ReproduceOptions, 'onEvent'> & { json?: boolean; quiet?: boolean },
): Promise<void> {
  const { json = false, quiet = false, ...rest } = options
  const { reproduceRun } = await import('../../launch/index.js')
  const { id } = await findRun(await openStoreOf(options), given)
  const result = await withProgress(quiet, (hooks) => reproduceRun(id, { ...rest, ...hooks }))
  if (json) printJson(result)
  else show(result)
  if (!result.equal) process.exitCode = 1
}

function show(result: Reproduction): void {
  const { run, equal, compared, differences, changes, unmarked } = result
  const counted = format.count(compared, 'comparison')
  print(
    equal
      ? `equal: run ${run} came out as recorded, in all of ${counted}`
      : `different: ${differences.length} of ${counted} of run ${run}`,
  )
  if (differences.length > 0) {
    print('')
    print(
      table(
        [{ title: '' }, { title: 'recorded' }, { title: 'reproduced' }],
        differences
          .slice(0, mostShown)
          .map(({ what, recorded, reproduced }) => [plain(what), plain(recorded), plain(reproduced)]),
      ),
    )
    if (differences.length > mostShown)
      print(`… and ${differences.length - mostShown} more (--json lists all)`)
  }
  print('')
  print(whatWasCompared(result))
  if (unmarked !== null) print(`\nnothing of this is on the record of the run: ${plain(unmarked)}`)
  if (changes.length > 0)
    print(`\nchanged since\n${changes.map((change) => `  ${plain(change)}`).join('\n')}`)
}

/** One thing a word, with how often where that is more than once; what was left out by why. */
function whatWasCompared({ subjects, leftOut }: Reproduction): string {
  const named = subjects.map(({ what, times }) => plain(times > 1 ? `${what} (${times})` : what))
  const reasons = new Map<string, string[]>()
  for (const { what, why } of leftOut) reasons.set(why, [...(reasons.get(why) ?? []), plain(what)])
  return [
    'compared',
    paragraph(named.join(', ')),
    ...(reasons.size > 0 ? ['not compared'] : []),
    ...[...reasons].map(([why, names]) => paragraph(`${names.join(', ')}: ${plain(why)}`)),
  ].join('\n')
}

/** `importance`: which parameters of a sweep mattered, for people and as JSON; and the sweep file that goes on from it. */
import type { Insight, ParameterInsight, ParameterRange } from '../../analysis/index.js'
import type { ParentRun } from '../../tracking/index.js'
import type { Direction } from '../../values.js'
import * as format from '../format.js'
import { plain, print, printJson, say } from '../output.js'
import { pairs, paragraph, table } from '../table.js'
import { called, findSweep, openStoreOf, shellWord, shortest, storeArgument, writeOut } from './common.js'

interface ImportanceTyped {
  readonly metric?: string
  readonly direction?: Direction
  readonly narrow?: string
  readonly force?: boolean
  readonly json?: boolean
  readonly store?: string
}

export async function showImportance(id: string | undefined, options: ImportanceTyped): Promise<void> {
  const { metric, direction, narrow, json } = options
  const store = await openStoreOf(options)
  const sweep = await findSweep(store, id)
  const { importance } = await import('../../launch/index.js')
  const insight = await importance(store, sweep, { metric, direction })
  const notes =
    narrow === undefined ? [] : await writeNarrowed(sweep, insight, narrow, options.force === true)
  if (json) return printJson(surface(insight))
  printInsight(sweep, insight)
  if (narrow !== undefined) {
    print(
      `\n${plain(shortest(narrow))}: the parameters narrowed to where it is good; it starts from these trials`,
    )
    for (const note of notes) say(plain(note))
  }
  print('\nnext')
  for (const command of nextCommands(sweep, insight, storeArgument(store.directory), narrow))
    print(`  ${command}`)
}

/** What `importance --json` prints. */
function surface({ parameters, trials, sweep, metric, direction, unsure, pairs, health }: Insight) {
  return { sweep, metric, direction, trials, unsure, parameters, pairs, health }
}

/** What is not as it was in the file, beside its ranges. */
async function writeNarrowed(
  sweep: ParentRun,
  insight: Insight,
  out: string,
  force: boolean,
): Promise<readonly string[]> {
  const { narrowed, refuseOverwriting } = await import('../../launch/index.js')
  const { file, notes } = await narrowed(sweep, insight, out)
  await refuseOverwriting(out, force, '--narrow')
  await writeOut(out, `${JSON.stringify(file, null, 2)}\n`)
  return notes
}

function printInsight(
  sweep: ParentRun,
  { metric, trials, unsure, parameters, pairs: told, health }: Insight,
): void {
  print(
    `what ${plain(metric)} hangs on, by ${format.count(trials, 'finished trial')} of sweep ${plain(sweep.name)} (${sweep.id})`,
  )
  print('')
  if (parameters.length === 0)
    print(paragraph(`It cannot be told: ${plain(unsure ?? 'nothing is known')}.`, ''))
  else print(parametersTable(parameters))
  if (told.length > 0) {
    print('\npairs that act together')
    print(
      pairs(
        told.map(({ x, y, interaction, best }) => [
          `${plain(x)} × ${plain(y)}`,
          `${format.percent(interaction)}, best at ${Object.entries(best)
            .map(([name, value]) => `${plain(name)} ${format.value(value)}`)
            .join(', ')}`,
        ]),
      ),
    )
  }
  if (health.length > 0) print('\nto be said')
  for (const { message, remedy } of health) {
    print(paragraph(plain(message)))
    print(paragraph(plain(remedy), '    '))
  }
}

const barLength = 20

function parametersTable(parameters: readonly ParameterInsight[]): string {
  const isConditional = parameters.some(({ active }) => active < 1)
  const isBest = parameters.some(({ amongBetter }) => amongBetter !== null)
  const isTuned = parameters.some(({ tunability }) => tunability !== null)
  return table(
    [
      { title: 'parameter', whole: true },
      { title: 'importance', align: 'right', whole: true },
      { title: '', spare: 3 },
      { title: 'interval', spare: 2 },
      ...(isBest ? [{ title: 'among the better', align: 'right' as const, spare: 4 }] : []),
      ...(isTuned ? [{ title: 'gain over default', align: 'right' as const, spare: 5 }] : []),
      ...(isConditional ? [{ title: 'active', align: 'right' as const, spare: 1 }] : []),
      { title: 'good' },
    ],
    parameters.map(({ name, importance, low, high, active, amongBetter, tunability, good }) => [
      plain(name),
      format.percent(importance),
      '█'.repeat(Math.round(importance * barLength)),
      `${format.percent(low)} … ${format.percent(high)}`,
      ...(isBest ? [amongBetter === null ? '' : format.percent(amongBetter.importance)] : []),
      ...(isTuned ? [tunability === null ? '' : format.number(tunability)] : []),
      ...(isConditional ? [format.percent(active)] : []),
      good === null ? '' : rangeInWords(good),
    ]),
  )
}

function rangeInWords(range: ParameterRange): string {
  return range.kind === 'values'
    ? range.values.map(format.value).join(', ')
    : range.min === range.max
      ? format.number(range.min)
      : `${format.number(range.min)} … ${format.number(range.max)}`
}

function nextCommands(
  { id, objective }: ParentRun,
  { parameters, metric }: Insight,
  where: string,
  narrow: string | undefined,
): string[] {
  const sweep = id.slice(0, 8)
  return [
    ...(narrow !== undefined
      ? [`${called} sweep ${shellWord(plain(shortest(narrow)))}${where}`]
      : parameters.length > 0 && metric === objective.metric
        ? [`${called} importance ${sweep} --narrow narrower.json${where}`]
        : []),
    `${called} dashboard${where}`,
  ]
}

/** How a sweep ended: for people, with the commands to try next; for programs, the document of `--json`. */
import { createColors } from 'picocolors'
import type { EnsembleResult, SweepResult, TrainerFamily } from '../../launch/index.js'
import * as format from '../format.js'
import { plain, print, reasonLine, wantsColour } from '../output.js'
import { pairs, table } from '../table.js'
import { called, shellWord, storeArgument } from './common.js'
import { baselineInWords, thresholdInWords } from './judged.js'

/** What `sweep --json` prints: these entries and no others. */
export function surface(result: SweepResult) {
  const { experiment, run, status, seed, trials, best, baseline, seconds, families, ensemble } = result
  return {
    experiment: { id: experiment.id, name: experiment.name },
    run,
    status,
    seed,
    trials: { finished: trials.finished, pruned: trials.pruned, failed: trials.failed },
    best: best && {
      run: best.run,
      trial: best.trial,
      value: best.value,
      params: best.params,
      metrics: best.metrics,
    },
    baseline: baseline && { name: baseline.name, value: baseline.value },
    seconds,
    ...(families !== null && { families }),
    ...(ensemble !== null && { ensemble }),
  }
}

/**
 * @param data a file the model can predict, for the commands to try next; null where there is no model.
 * @param mattered which parameters did, in words; null where the record cannot tell.
 */
export function printSummary(result: SweepResult, data: string | null, mattered: string | null): void {
  const colours = createColors(wantsColour(process.stdout))
  const { status, trials, best, objective } = result
  const colour = { finished: colours.green, failed: colours.red, interrupted: colours.yellow }[status]
  const total = trials.finished + trials.pruned + trials.failed
  print(
    `${colour(status)}: ${format.count(total, 'trial')} (${format.counts(trials)}) in ${format.seconds(result.seconds)}, seed ${result.seed}, sweep ${result.run}`,
  )
  for (const note of result.notes) print(plain(note))
  if (best) {
    const value = colours.bold(`${plain(objective.metric)} ${format.number(best.value)}`)
    print(`\nbest: ${value}, trial ${best.trial}, run ${best.run.slice(0, 8)}`)
    if (result.baseline) print(`baseline: ${plain(objective.metric)} ${baselineInWords(result.baseline)}`)
    print(pairs(Object.entries(best.params).map(([name, given]) => [plain(name), format.value(given)])))
    print('\nmetrics')
    print(pairs(format.metricRows(best.metrics)))
    if (result.holdout) {
      print('\non the holdout part')
      print(pairs(format.metricRows(result.holdout)))
    }
  }
  if (result.corrected) {
    const { metric, mean, low, high, trials } = result.corrected
    print(
      `\ncorrected for the choice of the best of ${trials}: ${plain(metric)} ${format.number(mean)} ${format.interval(low, high)}`,
    )
  }
  if (mattered !== null) print(`\nwhat mattered: ${mattered}`)
  if (result.families !== null) print(familiesText(result.families, objective.metric))
  if (result.ensemble !== null) print(ensembleText(result.ensemble, objective.metric))
  if (result.failures.length > 0) {
    print(`\n${colours.red('failed')}`)
    print(
      pairs(
        result.failures.map(
          ({ code, message, count }) => [`${count} × ${code}`, reasonLine(message)] as const,
        ),
      ),
    )
  }
  print('\nnext')
  for (const command of nextCommands(result, data)) print(`  ${colours.cyan(command)}`)
}

/** The best of each trainer, best first. */
export function familiesText(families: readonly TrainerFamily[], metric: string): string {
  const rows = families.map(({ trainer, trials, best }) => [
    plain(trainer),
    best === null ? '' : format.number(best.value),
    best === null ? '' : String(best.trial),
    String(trials),
  ])
  return `\nby trainer\n${table(
    [
      { title: 'trainer' },
      { title: `best ${plain(metric)}`, align: 'right' },
      { title: 'trial', align: 'right' },
      { title: 'trials', align: 'right' },
    ],
    rows,
  )}`
}

/** What the average of the best is worth, and how far that can be believed. */
function ensembleText(
  { members, value, estimate, holdout, threshold }: EnsembleResult,
  metric: string,
): string {
  const judged =
    estimate === null
      ? ''
      : `; ${format.number(estimate)} where each fold is judged by trials chosen without it`
  const lines = [
    `\nensemble of ${format.count(members.length, 'trial')}: ${plain(metric)} ${format.number(value)} on the rows it was chosen by, which flatters it${judged}`,
    pairs(members.map(({ trial, weight }) => [`trial ${trial}`, `counts ${weight} ×`])),
  ]
  if (threshold !== null) lines.push(pairs([['threshold', thresholdInWords(threshold)]]))
  if (holdout !== null) lines.push('on the holdout part', pairs(format.metricRows(holdout)))
  return lines.join('\n')
}

function nextCommands(result: SweepResult, data: string | null): string[] {
  const { run, experiment, best, store, status, stopped, failures, ensemble } = result
  const where = storeArgument(store)
  // A name that could move the cursor is not for typing.
  const among =
    plain(experiment.name) === experiment.name
      ? `--experiment ${shellWord(experiment.name)}`
      : `--sweep ${run.slice(0, 8)}`
  const goesOn = status === 'interrupted' || stopped === 'max-time'
  return [
    ...(goesOn ? [`${called} resume ${run.slice(0, 8)}${where}`] : []),
    ...(best ? [`${called} best ${among}${where}`] : []),
    ...(best && data !== null
      ? [`${called} predict ${best.run.slice(0, 8)} --data ${shellWord(data)}${where}`]
      : []),
    ...(ensemble !== null && data !== null
      ? [`${called} predict ${run.slice(0, 8)} --ensemble --data ${shellWord(data)}${where}`]
      : []),
    ...(best ? [`${called} importance ${run.slice(0, 8)}${where}`] : []),
    `${called} dashboard${where}`,
    `${called} runs list --sweep ${run.slice(0, 8)}${where}`,
    ...failures.slice(0, 1).map((one) => `${called} runs show ${one.run.slice(0, 8)}${where}`),
  ]
}

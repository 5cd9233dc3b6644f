/** `espalier resume [SWEEP]`. */
import type { Command } from 'commander'
import {
  againOptions,
  deviceOptions,
  duration,
  jsonOption,
  mlflowOptions,
  queueOptions,
  storeOption,
  wholeNumber,
} from '../options.js'

export function define(command: Command): void {
  mlflowOptions(queueOptions(deviceOptions(againOptions(command))))
    .description(
      'Goes on with an interrupted or crashed sweep, to the same result as without the interruption. With --trials, extends a finished one.',
    )
    .argument('[sweep]', 'the id of a sweep, or `latest` (default: the latest that was interrupted)')
    .option('--trials <n>', 'trials in all, those done included', wholeNumber(1))
    .option('--workers <n>', "threads (default: the machine's cores)", wholeNumber(1, 256))
    .option('--max-time <time>', 'start no trial after this time', duration)
    .option(
      '--max-time-grace <time>',
      'end trials that still run this long after --max-time; `resume` runs them again',
      duration,
    )
    .option('--keep-checkpoints', 'the last checkpoints of trials that end from now on stay')
    .option('--no-keep-checkpoints', 'they go, also where the sweep keeps them')
    .option('--force', 'go on although data or trainer have changed')
    .addOption(storeOption())
    .addOption(jsonOption('the result'))
    .option('--quiet', 'no progress: only the result')
    .option('--dashboard', 'a live page beside it: its link is printed first')
    .addHelpText('after', '\nExample:\n  $ espalier resume 3f2a --trials 100')
    .action(async (id, options) => (await import('../actions/resume.js')).resume(id, options))
}

/** `espalier reproduce RUN`. */
import type { Command } from 'commander'
import { againOptions, deviceOptions, jsonOption, storeOption, wholeNumber } from '../options.js'

export function define(command: Command): void {
  deviceOptions(againOptions(command))
    .description(
      'Trains a recorded trial again from its record (or repeats a whole sweep) and compares every metric, prediction and model. Exit code 1 where something differs.',
    )
    .argument('<run>', 'the id of a trial or of a sweep; `latest` is the newest sweep')
    .option('--workers <n>', "threads (default: the machine's cores)", wholeNumber(1, 256))
    .addOption(storeOption())
    .addOption(jsonOption('the comparison'))
    .option('--quiet', 'no progress: only the result')
    .addHelpText('after', '\nExample:\n  $ espalier reproduce 3f2a')
    .action(async (id, options) => (await import('../actions/reproduce.js')).reproduce(id, options))
}

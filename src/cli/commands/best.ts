/** `espalier best`, and the filters that say which run is meant by `best`. */
import type { Command } from 'commander'
import { directionOption, jsonOption, storeOption, text } from '../options.js'

/** Adds the options that choose among runs. */
export function withFilters(command: Command): Command {
  return command
    .option(
      '--experiment <name>',
      'among the sweeps of this experiment (default: that of the latest sweep)',
      text,
    )
    .option('--sweep <id>', 'among the trials of this sweep', text)
    .option('--metric <name>', "by this metric (default: the sweep's objective)", text)
    .addOption(directionOption())
    .addOption(storeOption())
}

export function define(command: Command): void {
  command.description('Shows the best trial: its value, params, metrics, and where its model is.')
  withFilters(command)
    .addOption(jsonOption('the run'))
    .addHelpText('after', '\nExample:\n  $ espalier best --experiment wine-knn --metric macroF1')
    .action(async (options) => (await import('../actions/best.js')).showBest(options))
}

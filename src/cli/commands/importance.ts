/** `espalier importance [SWEEP]`: what a sweep's record tells of its parameters. */
import type { Command } from 'commander'
import { directionOption, jsonOption, path, storeOption, text } from '../options.js'

export function define(command: Command): void {
  command
    .description(
      'Shows which parameters of a sweep mattered, how much, where it is good, and whether something is wrong with it.',
    )
    .argument('[sweep]', 'the id of a sweep (default: the latest)')
    .option('--metric <name>', "for this metric (default: the sweep's objective)", text)
    .addOption(directionOption())
    .option(
      '--narrow <file>',
      'write a sweep file whose ranges are narrowed to where it is good, which starts from these results',
      path,
    )
    .option('--force', 'write over a file that is there')
    .addOption(storeOption())
    .addOption(jsonOption('the analysis'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier importance\n  $ espalier importance 3f2a --narrow narrower.json',
    )
    .action(async (sweep, options) =>
      (await import('../actions/importance.js')).showImportance(sweep, options),
    )
}

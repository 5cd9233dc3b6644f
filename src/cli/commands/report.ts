/** `espalier report [SWEEP…]`: sweeps in one HTML file. */
import type { Command } from 'commander'
import { jsonOption, path, storeOption } from '../options.js'

export function define(command: Command): void {
  command
    .description(
      'Writes sweeps into one HTML file that shows them as the live page does: what mattered, where it is good, every trial. It opens from a disk or a mail without a network; several sweeps are compared.',
    )
    .argument('[sweep...]', 'the ids of sweeps (default: the latest)')
    .option('--out <file>', 'where to write: report.html', path)
    .option('--force', 'write over a file that is there')
    .addOption(storeOption())
    .addOption(jsonOption('the data of the report'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier report --out report.html\n  $ espalier report 3f2a 81bc --out both.html',
    )
    .action(async (sweeps, options) => (await import('../actions/report.js')).writeReport(sweeps, options))
}

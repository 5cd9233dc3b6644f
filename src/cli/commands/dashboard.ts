/** `espalier dashboard`: the live page. */
import type { Command } from 'commander'
import { storeOption, text, wholeNumber } from '../options.js'

export function define(command: Command): void {
  command
    .description(
      'Serves the live page of a store, with what runs in it, and prints its link. Sweeps that are started elsewhere appear by themselves. Ctrl-C ends it.',
    )
    .option(
      '--port <n>',
      'where it listens; 0: any that is free (default: 4780, or the next)',
      wholeNumber(0, 65_535),
    )
    .option('--host <name>', 'for whom it listens: 0.0.0.0 for other machines too (default: 127.0.0.1)', text)
    .option('--read-only', 'a page that only shows: nothing can be stopped, tagged or asked for')
    .addOption(storeOption())
    .addHelpText('after', '\nExample:\n  $ espalier dashboard --port 8080')
    .action(async (options) => (await import('../actions/dashboard.js')).serveDashboard(options))
}

/** `espalier workers`: who serves a queue; `espalier workers stop`. */
import type { Command } from 'commander'
import { duration, jsonOption, queueAddress } from '../options.js'

export function define(workers: Command): void {
  workers
    .description('The workers of a queue.')
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier workers --queue redis://coordinator:6379\n  $ espalier workers stop 3fa0c2d1',
    )

  queueAddress(workers.command('list', { isDefault: true }))
    .description(
      'Lists who serves a queue: on which machine, with which devices, at what. It takes some seconds, in which they say that they are there.',
    )
    .addOption(jsonOption('the workers'))
    .addHelpText('after', '\nExample:\n  $ espalier workers list --queue redis://coordinator:6379')
    .action(async (options) => (await import('../actions/workers.js')).showWorkers(options))

  queueAddress(workers.command('stop'))
    .description(
      'Asks workers to leave, and waits until they have: they give their fits back, which others take up.',
    )
    .argument('[worker...]', 'names, or beginnings of names that no other has')
    .option('--all', 'all that serve the queue')
    .option('--time-limit <time>', 'how long they are waited for (default: 60s)', duration)
    .addOption(jsonOption('what became of each'))
    .addHelpText(
      'after',
      '\nExit code 1 where one has not left.\n\nExample:\n  $ espalier workers stop 3fa0c2d1 --queue redis://coordinator:6379',
    )
    .action(async (names, options) => (await import('../actions/workers-stop.js')).stop(names, options))
}

/** `espalier worker --queue URL`. */
import type { Command } from 'commander'
import { deviceOptions, duration, path, queueAddress, wholeNumber } from '../options.js'

export function define(command: Command): void {
  queueAddress(deviceOptions(command, 'none unless one of these two is given', '1'))
    .description(
      'Does fits of the sweeps in a queue on this machine, until it is stopped. It runs the code that they name, as who can write to the queue names it: use one that only you can reach, or ESPALIER_QUEUE_SECRET.',
    )
    .option(
      '--seats <n>',
      'fits at a time (default: 1, or as many as the devices are enough for)',
      wholeNumber(1, 256),
    )
    .option('--count <n>', 'end after so many fits (1: for an array of jobs)', wholeNumber(1))
    .option('--idle-exit <time>', 'end after so long without work: 5m', duration)
    .option('--directory <dir>', 'where programs run, and packages of modules are', path)
    .option('--quiet', 'only warnings and errors')
    .addHelpText('after', '\nExample:\n  $ espalier worker --queue redis://coordinator:6379 --seats 2')
    .action(async (options) => (await import('../actions/worker.js')).worker(options))
}

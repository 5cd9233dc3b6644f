/** `espalier worker --queue URL`. */
import type { Command } from 'commander'
import { duration, path, queueAddress, text, wholeNumber } from '../options.js'

export function define(command: Command): void {
  queueAddress(command)
    .description(
      'Does fits of the sweeps in a queue on this machine, until it is stopped. It runs the code that they name: see docs/workers.md for the trust that this needs.',
    )
    .option('--seats <n>', 'fits at a time (default: 1; with devices, as many as fit)', wholeNumber(1, 256))
    .option('--devices <list>', 'devices to deal out: auto, none, or ids with commas (default: none)', text)
    .option('--devices-per-fit <n>', 'devices that a seat holds, or a share of one (default: 1)', Number)
    .option('--count <n>', 'end after so many fits (1: for an array of jobs)', wholeNumber(1))
    .option('--idle-exit <time>', 'end after so long without work: 5m', duration)
    .option('--directory <dir>', 'where programs run, and packages of modules are', path)
    .option('--quiet', 'only warnings and errors')
    .addHelpText('after', '\nExample:\n  $ espalier worker --queue redis://coordinator:6379 --seats 2')
    .action(async (options) => (await import('../actions/worker.js')).worker(options))
}

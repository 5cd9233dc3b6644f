/** `espalier serve RUN`: the arguments of a server. */
import type { Command } from 'commander'
import { duration, jsonOption, path, text, wholeNumber } from '../options.js'
import { withFilters } from './best.js'

export function define(command: Command): void {
  command
    .description(
      "Serves a run's model over HTTP, by the interface of MLflow's scoring server: POST /invocations, GET /ping, /health, /version. Prints its address. Ctrl-C ends it.",
    )
    .argument('<run>', 'the id of a trial, or of a sweep (its best trial); or `best`')
    .option('--ensemble', 'serve the average of the best trials of a sweep, made by `sweep --ensemble`')
    .option('--port <n>', 'where it listens; 0: any that is free (default: 5000)', wholeNumber(0, 65_535))
    .option('--host <name>', 'for whom it listens: 0.0.0.0 for other machines too (default: 127.0.0.1)', text)
    .option('--max-rows <n>', 'rows that are predicted at once (default: 100000)', wholeNumber(1))
    .option('--max-body <MB>', 'megabytes of a request (default: 64)', wholeNumber(1, 1024))
    .option('--timeout <time>', 'in which a request is answered: 30s, 5m (default: 60s)', duration)
    .option('--trainer <file>', 'where the trainer module is that made the model', path)
    .option('--trust-module', 'load with the trainer module that the record names, also one that has changed')
  withFilters(command)
    .addOption(jsonOption('the address'))
    .addHelpText('after', '\nExample:\n  $ espalier serve best --experiment wine-knn --port 8080')
    .action(async (run, options) => (await import('../actions/serve.js')).serve(run, options))
}

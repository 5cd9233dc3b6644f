/** `espalier register RUN`: the arguments of a registration. */
import type { Command } from 'commander'
import { jsonOption, text } from '../options.js'
import { withFilters } from './best.js'

export function define(command: Command): void {
  command
    .description(
      "Puts a run's model into the registry of an MLflow server. The run and its model are sent first, where the server lacks them. A model that has a version keeps it.",
    )
    .argument('<run>', 'the id of a trial, or of a sweep (its best trial); or `best`')
    .requiredOption('--name <name>', 'the registered model; made where there is none', text)
    .option('--alias <alias>', 'a name for this version, which another one may have had: champion', text)
    .option('--new-version', 'a version of its own, although the model has one already')
    .option('--ensemble', 'the average of the best trials of a sweep, made by `sweep --ensemble`')
    .option(
      '--url <url>',
      'the server: http://HOST:5000 (default: $MLFLOW_TRACKING_URI; a registry elsewhere: $MLFLOW_REGISTRY_URI)',
      text,
    )
  withFilters(command)
    .addOption(jsonOption('the version'))
    .addHelpText(
      'after',
      '\nExample:\n  $ espalier register best --name wine --alias champion --url http://127.0.0.1:5000',
    )
    .action(async (run, options) => (await import('../actions/register.js')).register(run, options))
}

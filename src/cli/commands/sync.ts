/** `espalier sync mlflow [SWEEP…]`. */
import type { Command } from 'commander'
import { jsonOption, storeOption, text } from '../options.js'

export function define(sync: Command): void {
  sync
    .description('Sends what is on record to the server of another tool.')
    .addHelpText('after', '\nExample:\n  $ espalier sync mlflow --url http://127.0.0.1:5000')

  sync
    .command('mlflow')
    .description(
      'Sends sweeps with all of their trials to an MLflow server, and goes on where that stopped: what is there is not sent again. `sweep --mlflow` does so while it runs.',
    )
    .argument('[sweep...]', 'the ids of sweeps (default: all of the store)')
    .option('--url <url>', 'the server: http://HOST:5000 (default: $MLFLOW_TRACKING_URI)', text)
    .option('--experiment <name>', 'only sweeps of this experiment', text)
    .addOption(storeOption())
    .addOption(jsonOption('what was sent'))
    .addHelpText(
      'after',
      '\nExit code 1 where something could not be sent.\n\nExample:\n  $ espalier sync mlflow\n  $ espalier sync mlflow 3f2a --url https://mlflow.example',
    )
    .action(async (sweeps, options) =>
      (await import('../actions/sync-mlflow.js')).syncToMlflow(sweeps, options),
    )
}
